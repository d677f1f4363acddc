"""Cells of tables -> numbers and dates that can be compared and added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index import strip_mark
from rag.quantities import GROUPED_BY_DOTS, find_quantities, read_figures
from rag.questions.vocabulary import MONTHS

_PLAIN = re.compile(r"(?P<sign>[-−+]?)\s?(?P<figures>\d*(?:[.,]\d+)*)(?P<power>[eE][-+]?\d+)?")  # noqa: RUF001
_OPENING = re.compile(r"\s*(?:[A-Z]{3}\s)?\W{0,3}\d")  # of "12 km", "$ 14.50", "EUR 3"
_POWER = re.compile("\\d[⁰¹²³⁴⁵⁶⁷⁸⁹]")  # "10³"
_NEEDS_GROUPS = 100  # a number without dots from which "1.234" beside it may be a thousand
_MONTHS = [[name[:3] for name in names.split()] for names in MONTHS.values()]
_YEARS = (1000, 2100)  # a number within them may be a year
_ISO = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[T ][\d:.Z+]*)?)?)?")
_DOTTED = re.compile(r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4})")
_WORDED = re.compile(
    r"(?:(?P<day>\d\d?)(?:st|nd|rd|th|\.)? )?(?P<name>[^\W\d]{3,9})\.?"
    r"(?: (?P<day2>\d\d?),)? (?P<year>\d{4})"
)


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a column, None where a cell has none that can be read.

    `dates` says that they are dates: each is a year with the elapsed fraction of that year. `unit`
    is the base unit that the cells' numbers were converted to, "" if they have none.
    """

    values: tuple[float | None, ...]
    dates: bool = False
    unit: str = ""

    @property
    def read(self) -> float:
        """The share of the cells that could be read, 0 to 1."""
        return sum(value is not None for value in self.values) / max(len(self.values), 1)


def read_column(cells: Sequence[str], language: str) -> Column:
    """Return the values of a column's cells, as dates or numbers: the kind of most cells.

    In German ("de") "1.234" is a thousand and more, if all numbers with dots can be read so.
    """
    numbers = _read_numbers(cells, language)
    dates = Column(tuple(map(read_date, cells)), dates=True)
    return dates if dates.read >= numbers.read and dates.read else numbers


def _read_numbers(cells: Sequence[str], language: str) -> Column:
    """Return the number of each cell with the most frequent unit; None for the other cells."""
    dots = [cell for cell in cells if "." in cell]
    grouped = bool(dots) and all(re.fullmatch(GROUPED_BY_DOTS, cell) for cell in dots)
    if grouped and language != "de":
        whole = (int(cell) for cell in cells if cell.isdecimal())
        if any(number >= _NEEDS_GROUPS for number in whole):
            return Column((None,) * len(cells))  # "3.260" beside "944": it may be 3 or 3260
    dotted = grouped and language == "de"
    read = [read_number(cell.replace(".", "") if dotted else cell, language) for cell in cells]
    units = Counter(found[1] for found in read if found is not None)
    usual = units.most_common(1)[0][0] if units else ""
    values = (found[0] if found is not None and found[1] == usual else None for found in read)
    return Column(tuple(values), unit=usual)


def read_number(cell: str, language: str = "en") -> tuple[float, str] | None:
    """Return the number in a cell with its unit, "" if it has none; None for other texts."""
    cell = strip_mark(cell.strip())
    plain = _PLAIN.fullmatch(cell)
    if plain is not None and plain["figures"]:
        figures = plain["figures"]
        value = float(f"0{figures}") if figures[0] == "." else read_figures(figures)
        value *= 10.0 ** int(plain["power"][1:]) if plain["power"] else 1.0
        return (-value if plain["sign"] in ("-", "−") else value), ""  # noqa: RUF001
    if _OPENING.match(cell) is None or _POWER.search(cell):  # "Stop 2" is a name
        return None
    found = find_quantities(cell, language)
    numbers = re.findall(r"\d+(?:[.,]\d+)*", cell)
    if len(found) != 1 or len(numbers) != 1 or len(cell.split()) > 3:
        return None
    negative = re.match(r"\s*[-−]", cell) is not None  # noqa: RUF001
    return (-found[0].value if negative else found[0].value), found[0].unit


def read_date(cell: str) -> float | None:
    """Return a date as its year with the elapsed fraction of it; None for other texts."""
    text = cell.strip()
    found = _ISO.fullmatch(text) or _DOTTED.fullmatch(text) or _WORDED.fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    if text.isdigit() and not _YEARS[0] <= int(text) <= _YEARS[1]:
        return None
    month = int(parts.get("month") or 1)
    name = (parts.get("name") or "")[:3].casefold()
    if name:
        months = next((names for names in _MONTHS if name in names), None)
        if months is None:
            return None
        month = months.index(name) + 1
    day = int(parts.get("day") or parts.get("day2") or 1)
    return int(parts["year"]) + (month - 1) / 12 + (day - 1) / 372
