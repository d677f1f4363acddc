"""A table's columns -> what the documents say about them.

The columns of a data file often have short names, "hp" or "PointsFor", and a text beside the file
says what they mean. People ask with the words of that text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index import Snapshot, Structure, TermWeight, split_terms

_MOST = 40  # sentences with a column's name that are looked at
_MOST_COLUMNS = 40  # of a table; a wider one is not looked up
_LEAST_DESCRIBED = 2  # columns; a text about fewer is about something else
_SHARE_DESCRIBED = 0.5  # of the columns, likewise
_JOINTS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|_")
_MARKS = " \t`*_\"'"
_AFTER_NAME = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:[:=–—-]|\s-)\s*")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of a table's columns.

    `texts` has for each column its name in words and what the documents say about it; `title` is
    that of the document that says it, "" if there is none.
    """

    texts: tuple[str, ...]
    title: str = ""


def split_name(name: str) -> str:
    """Return a name of a file or column in words: "Points For" of "PointsFor"."""
    return _JOINTS.sub(" ", name)


def name_columns(structure: Structure, number: int) -> list[str]:
    """Return the names of the columns of the table with a sentence.

    They are those of its header, or else the cells of its first row, as in a data file.
    """
    table = structure.group(number)
    if table is None:
        return []
    first = structure.readable(table.first)
    return structure.name_columns(table) or [cell.strip() for cell in first.split("|")]


def describe_columns(
    snapshot: Snapshot, names: Sequence[str], table: range, language: str
) -> Columns:
    """Return what one document says about the columns of a table.

    `table` are the sentence rows of the table; names and texts are in the same order. The document
    is the one that describes most of the columns, and at least half of them. A column is described
    by a row of another table with its name in a cell, by "name: text", or by a definition.
    """
    said: dict[str, dict[int, str]] = defaultdict(dict)
    if len(names) <= _MOST_COLUMNS:
        for at, name in enumerate(names):
            for row, text in _find_texts(snapshot, name, table, language):
                said[snapshot.record(row).path].setdefault(at, text)
    path = max(said, key=lambda each: len(said[each]), default="")
    least = max(_LEAST_DESCRIBED, _SHARE_DESCRIBED * len(names))
    texts = said[path] if path and len(said[path]) >= least else {}
    record = snapshot.find_record(path) if texts else None
    return Columns(
        tuple(f"{split_name(name)} {texts.get(at, '')}".strip() for at, name in enumerate(names)),
        record.title if record is not None else "",
    )


def _find_texts(
    snapshot: Snapshot, name: str, table: range, language: str
) -> Iterator[tuple[int, str]]:
    """Yield the sentence rows outside of the table that describe a column, with what they say."""
    weights = [TermWeight(term, 1.0) for term in split_terms(name, language)]
    if not weights:
        return
    selection = snapshot.select(None, language)
    for row in np.sort(snapshot.match("sentences", weights, _MOST, selection)).tolist():
        if row in table:
            continue
        structure, base = snapshot.structure_around(row)
        number = row - base
        text = structure.readable(number)
        if structure.block(number).kind == "row":
            cells = [part for cell in text.split(" | ") for part in cell.split(": ", 1)]
            if any(_is_name(cell, name) for cell in cells):
                yield row, " ".join(cell for cell in cells if not _is_name(cell, name))
        elif _is_name(text.rstrip(": "), name):
            if structure.block(number).kind != "heading" and number + 1 < len(structure):
                yield row, structure.readable(number + 1)
        elif text.lstrip(_MARKS).casefold().startswith(name.casefold()):
            rest = text.lstrip(_MARKS)[len(name) :].lstrip(_MARKS)
            after = _AFTER_NAME.match(rest)
            if after is not None and rest[after.end() :].strip():
                yield row, rest[after.end() :]


def _is_name(text: str, name: str) -> bool:
    return text.strip(_MARKS).casefold() == name.strip(_MARKS).casefold()
