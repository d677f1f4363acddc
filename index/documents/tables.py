"""Table rows -> text that is understandable, searchable and quotable without the table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from index.documents.content import ContentBuilder

_MAX_COLUMNS = 1000  # a sheet may have up to 16,384 columns; the rest is omitted
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*%?")


def join_cells(cells: Iterable[str]) -> str:
    """Return a row's cells in one line. Equal neighbours are merged: a merged cell repeats."""
    kept: list[str] = []
    for cell in cells:
        text = " ".join(cell.split())
        if text and text not in kept[-1:]:
            kept.append(text)
    return " | ".join(kept)


def add_records(builder: ContentBuilder, rows: Iterable[Sequence[str]], first_row: int = 1) -> None:
    """Append the rows of a table. If it has a header row, each cell follows its column's name.

    The first row that is not empty is a header if at least one row follows and each column has a
    name: the names must differ and must not be numbers. `first_row` is the number of the first
    row.
    """
    numbered = _number_rows(rows, first_row)
    first = next(numbered, None)
    if first is None:
        return
    second = next(numbered, None)
    header = first[1] if second is not None and _is_header(first[1], second[1]) else None
    builder.add(join_cells(first[1]), "row", row=first[0])
    if second is None:
        return
    builder.add(_join_record(second[1], header), "row", row=second[0])
    for number, cells in numbered:
        builder.add(_join_record(cells, header), "row", row=number)


def _number_rows(rows: Iterable[Sequence[str]], first_row: int) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, first_row):
        cells = [" ".join(cell.split()) for cell in row[:_MAX_COLUMNS]]
        if any(cells):
            yield number, cells


def _is_header(first: Sequence[str], second: Sequence[str]) -> bool:
    width = max((i for i, cell in enumerate(second, 1) if cell), default=0)
    names = list(first[:width])
    return (
        width > 1
        and len(names) == width
        and all(names)
        and len(set(names)) == width
        and not any(_NUMBER.fullmatch(name) for name in names)
    )


def _join_record(cells: Sequence[str], header: Sequence[str] | None) -> str:
    if header is None:
        return join_cells(cells)
    named = (
        f"{header[column]}: {cell}" if column < len(header) and header[column] else cell
        for column, cell in enumerate(cells)
        if cell
    )
    return " | ".join(named)
