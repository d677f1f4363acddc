"""Table rows -> text that is understandable, searchable and quotable without the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from index.documents.content import ContentBuilder
from index.text.superscripts import strip_mark

MAX_COLUMNS = 1000  # a sheet may have up to 16,384 columns; the rest is omitted
_NUMBER = re.compile(r"[^\w\s]?\s*[-+−(]?[\d.,'\s]*\d[\d.,'\s]*\)?\s*[^\w\s]?")  # noqa: RUF001
_YEAR = re.compile(r"(?:19|20)\d\d")
_MAX_HEADERS = 3  # rows that name the columns


def is_number(cell: str) -> bool:
    """Whether a cell is a number, which may have a sign, a unit sign such as %, or brackets."""
    return _NUMBER.fullmatch(strip_mark(cell)) is not None


def is_year(cell: str) -> bool:
    """Whether a cell is a number that may be a year."""
    return _YEAR.fullmatch(cell) is not None


def join_cells(cells: Iterable[str]) -> str:
    r"""Return a row's cells in one line, divided by ``|``; empty cells keep their place.

    A ``|`` in a cell is written ``\|``, as in Markdown. Empty for a row without text.
    """
    shown = [" ".join(cell.split()).replace("|", "\\|") for cell in cells]
    return " | ".join(shown) if any(shown) else ""


def add_table(
    builder: ContentBuilder,
    rows: Sequence[Sequence[str]],
    *,
    headers: int | None = None,
    depth: int = 0,
) -> None:
    """Append a table. A merged cell is repeated in every row and column that it covers.

    A row of one cell, in a table with several columns, is a cell over all of them. `headers` is the
    number of rows that the file marks as naming the columns; None if it does not say. Rows above
    them that have one cell only are the table's title and become captions. Several
    header rows become one: its cells have the names from top to bottom. `depth` counts the lists
    around the table.
    """
    grid = _make_grid(rows)
    width = max(map(len, grid), default=0)
    first = 0
    while width > 1 and first + 1 < len(grid) and _is_title(grid[first]):
        builder.add(grid[first][0], "caption", depth=depth)
        first += 1
    marked = None if headers is None else max(0, headers - first)
    count = _count_headers(grid[first:], marked)
    if count:
        builder.add(join_cells(_merge_names(grid[first : first + count])), "header", depth=depth)
    for row in grid[first + count :]:
        builder.add(join_cells(row), "row", depth=depth)


def _make_grid(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return the rows that have text, all of the same width, without empty columns at the end.

    A row with one cell, which covers all columns, stays so.
    """
    cleaned = [[" ".join(cell.split()) for cell in row[:MAX_COLUMNS]] for row in rows]
    width = max((i for row in cleaned for i, cell in enumerate(row, 1) if cell), default=0)
    return [row if len(row) == 1 else (row + [""] * width)[:width] for row in cleaned if any(row)]


def _is_title(row: Sequence[str]) -> bool:
    """Whether a row has one cell only, the first one."""
    return bool(row[0]) and not any(row[1:])


def _count_headers(rows: Sequence[Sequence[str]], marked: int | None) -> int:
    """Return how many rows name the columns. At least one row has to follow them."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return 0
    if marked is not None:
        return min(marked, len(rows) - 1, _MAX_HEADERS)
    if not _are_names(rows[0]):
        return 0
    # A name over several columns is divided by the names in the next row.
    spans = any(a and a == b for a, b in zip(rows[0], rows[0][1:], strict=False))
    return 2 if spans and len(rows) > 2 and _are_names(rows[1]) else 1


def _are_names(row: Sequence[str]) -> bool:
    """Whether the cells may be names of columns: at most the first is empty, and none is a number.

    Years may be names, but not in a row that begins with one.
    """
    return all(row[1:]) and not any(
        is_number(cell) and (number == 0 or not is_year(cell)) for number, cell in enumerate(row)
    )


def _merge_names(rows: Sequence[Sequence[str]]) -> list[str]:
    columns = zip_longest(*rows, fillvalue="")
    return [", ".join(dict.fromkeys(filter(None, column))) for column in columns]
