"""The date or version of a document, as far as its name, its title or its first lines tell one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from index import Snapshot
from rag.questions.moments import Moment, find_moments

_BEGINNING = 2_000  # characters of a document in which its date is looked for
_FIRST_LINES = 15  # lines of it
_LONGEST = 120  # characters of a line that tells the date
_VERSION = re.compile(
    r"\b(?:version|release|revision|rev|edition|ausgabe|v)[\s._-]*(?P<number>\d+(?:[._]\d+)*)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DASHED = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[ _.-]?(0[1-9]|1[0-2])(?:[ _.-]?([0-2]\d|3[01]))?(?!\d)"
)
# What stands before the date of a document in its first lines.
_SAYS_DATE = re.compile(
    r"\b(?:version|stand|date|datum|updated|revised|published|effective|valid (?:from|since)|as of"
    r"|in force|last change\w*|minutes of|meeting of|adopted|dated|aktualisiert|ge\u00e4ndert am"
    r"|g\u00fcltig (?:ab|seit)|in kraft|ver\u00f6ffentlicht|protokoll \w+|sitzung vom"
    r"|fassung vom)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Edition:
    """The date or version of a document.

    `label` is how it is told, such as "5 March 2024" or "version 2.1". `order` grows with time;
    only those with the same `kind`, "date" or "version", can be compared.
    """

    label: str
    kind: str
    order: tuple[int, ...]


def find_edition(snapshot: Snapshot | None, document: str, title: str) -> Edition | None:
    """Return the date or version of a document of a snapshot; None if it tells none.

    The name of the file is asked first, then the title, then the first lines: these often have
    other dates too, so a date counts there only beside a word such as "updated".
    """
    names = [PurePath(document).stem, title, *PurePath(document).parts[-2:-1]]
    for text in names:
        found = _read(write_dates_apart(text), bare=True)
        if found is not None:
            return found
    stored = snapshot.document(document) if snapshot is not None else None
    for line in stored.text[:_BEGINNING].splitlines()[:_FIRST_LINES] if stored else ():
        says = _SAYS_DATE.search(line)
        if says is not None and len(line) <= _LONGEST:
            found = _read(line[says.start() :], bare=False)
            if found is not None:
                return found
    return None


def are_ordered(editions: Sequence[Edition | None]) -> bool:
    """Whether all documents have a date, or all a version, so that one is the newest."""
    kinds = {edition.kind if edition else "" for edition in editions}
    return len(kinds) == 1 and "" not in kinds


def write_dates_apart(name: str) -> str:
    """Return a file's name with its dates as in ISO 8601: "minutes_20240305" has 2024-03-05."""
    apart = _DASHED.sub(lambda date: f" {'-'.join(filter(None, date.groups()))} ", name)
    return " ".join(apart.replace("_", " ").split())


def _read(text: str, *, bare: bool) -> Edition | None:
    """Return the date in a text, else its version; a `bare` year counts where nothing else is."""
    dates = [*_find_dates(text)]
    if dates:
        (start, end), moment = min(dates, key=lambda each: each[0])
        order = (moment.year or 0, moment.month or 0, moment.day or 0)
        return Edition(text[start:end].strip(" .("), "date", order)
    version = _VERSION.search(text)
    if version is not None:
        numbers = tuple(int(number) for number in re.findall(r"\d+", version["number"]))
        if len(numbers) > 1 or not _YEAR.fullmatch(version["number"]):
            return Edition(version.group().replace("_", " "), "version", numbers)
    year = _YEAR.search(text) if bare else None
    return Edition(year.group(), "date", (int(year.group()), 0, 0)) if year else None


def _find_dates(text: str) -> Iterable[tuple[tuple[int, int], Moment]]:
    """Yield the dates that have a year."""
    found: Iterator[tuple[tuple[int, int], tuple[Moment, ...]]] = find_moments(text)
    return ((span, moments[0]) for span, moments in found if moments[0].year is not None)
