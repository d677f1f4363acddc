"""Sheets and CSV files -> one block per row, in which each cell follows its column's name.

The rows are read one after the other: a file may have millions of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from index.documents.content import ContentBuilder
from index.documents.tables import MAX_COLUMNS, is_number, is_year, join_cells

_FOLLOWING = 3  # rows: two rows of names below a title, and a row of values

_Row = tuple[int, list[str]]
"""The number of a row in its file, from 1, and its cells."""


def add_records(
    builder: ContentBuilder,
    rows: Iterable[Sequence[str]],
    first_row: int = 1,
    notes: Mapping[int, Sequence[str]] | None = None,
) -> None:
    """Append the rows of a sheet. If it has a header row, each cell follows its column's name.

    A header is a row of different names, none of which is a number. It may stand below a title,
    which is a row with one cell, and may be divided by a second row of names. Below an empty row
    another table may begin. `first_row` is the number of the first row. `notes` are texts to put
    below rows, such as comments, by the number of the row.
    """
    header: list[str] | None = None
    begins, before, names_left = True, 0, 0
    for (number, cells), following in _look_ahead(_number_rows(rows, first_row)):
        begins = begins or number != before + 1
        before = number
        if names_left:  # the second row of names
            names_left -= 1
            text = _join_plain(cells)
        elif begins and _is_title(cells, following):
            text = _only_cell(cells)
            builder.add(text, "caption", row=number)
            _add_notes(builder, notes, number)
            header = None
            continue
        else:
            found = _find_header([cells, *following], header) if begins else None
            if found is not None:
                header, names_left = found
                text = _join_plain(cells)
            else:
                text = _join_record(cells, header)
            begins = False
        builder.add(text, "row", row=number)
        _add_notes(builder, notes, number)


def _add_notes(
    builder: ContentBuilder, notes: Mapping[int, Sequence[str]] | None, number: int
) -> None:
    for note in (notes or {}).get(number, ()):
        builder.add(note, row=number)


def _number_rows(rows: Iterable[Sequence[str]], first_row: int) -> Iterator[_Row]:
    for number, row in enumerate(rows, first_row):
        cells = [" ".join(cell.split()) for cell in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _look_ahead(rows: Iterator[_Row]) -> Iterator[tuple[_Row, list[list[str]]]]:
    """Yield each row with the cells of the rows that follow it without an empty row between."""
    waiting: deque[_Row] = deque()
    for row in rows:
        waiting.append(row)
        if len(waiting) > _FOLLOWING:
            yield waiting[0], _adjacent(waiting)
            waiting.popleft()
    while waiting:
        yield waiting[0], _adjacent(waiting)
        waiting.popleft()


def _adjacent(rows: Sequence[_Row]) -> list[list[str]]:
    first = rows[0][0]
    return [cells for at, (number, cells) in enumerate(rows) if at and number == first + at]


def _only_cell(cells: Sequence[str]) -> str:
    found = [cell for cell in cells if cell]
    return found[0] if len(found) == 1 else ""


def _is_title(cells: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether a row is the title of a table: one cell above rows with several cells."""
    widest = max((sum(map(bool, row)) for row in following[:2]), default=0)
    title = _only_cell(cells)
    return bool(title) and not is_number(title) and widest > 1


def _find_header(
    rows: Sequence[Sequence[str]], before: Sequence[str] | None
) -> tuple[list[str], int] | None:
    """Return the names of the columns if rows begin with them, and how many rows more have names.

    `before` are the names in the table above. Without a difference between names and values, the
    rows below continue that table.
    """
    if len(rows) < 2:
        return None
    divided = _divide_names(rows)
    if divided is not None:
        return divided, 1
    # Between the names and the values, there may be the name of a group of rows.
    first = next((row for row in rows[1:] if sum(map(bool, row)) > 1), rows[1])
    width = max((i for i, cell in enumerate(first, 1) if cell), default=0)
    names = list(rows[0])
    if not (width > 1 and len(names) >= width and sum(map(bool, names)) > 1 and _are_names(names)):
        return None
    if before is not None and names != list(before):
        values = zip(names, first, strict=False)
        if not any(is_number(value) and not is_number(name) for name, value in values):
            return None
    return names, 0


def _are_names(names: Sequence[str]) -> bool:
    """Whether cells may be names of columns: all differ, none is a number.

    The cells before the first name may be empty. Years may be names, but not in a row that begins
    with one.
    """
    found = [name for name in names if name]
    return (
        found == list(names[-len(found) :])
        and len(set(found)) == len(found)
        and not any(is_number(name) and not (at and is_year(name)) for at, name in enumerate(found))
    )


def _divide_names(rows: Sequence[Sequence[str]]) -> list[str] | None:
    """Return the names in two rows, of which the first has names over several columns.

    Such a name is followed by empty cells, and the second row has a name in each of them.
    """
    first, second = list(rows[0]), list(rows[1])
    width = max(len(first), len(second))
    if len(rows) < 3 or width < 3 or max(map(len, rows[2:])) > width:
        return None
    first += [""] * (width - len(first))
    second += [""] * (width - len(second))
    gaps = [at for at in range(1, width) if not first[at]]
    if not gaps or not all(second[at] for at in gaps) or not any(first[1:]):
        return None
    if any(is_number(cell) and not is_year(cell) for cell in (*first, *second)):
        return None
    names, spanning = [], ""
    for above, below in zip(first, second, strict=True):
        spanning = above or spanning
        names.append(f"{spanning}, {below}" if below and spanning else spanning or below)
    return names if len(set(names)) == width else None


def _join_record(cells: Sequence[str], header: Sequence[str] | None) -> str:
    only = _only_cell(cells)
    if only and (header is None or (len(header) > 2 and only == cells[0])):
        return only  # a note or the name of a group of rows
    if header is None:
        return _join_plain(cells)
    named = (
        f"{header[column]}: {cell}" if column < len(header) and header[column] else cell
        for column, cell in enumerate(cells)
        if cell
    )
    return " | ".join(named)


def _join_plain(cells: Sequence[str]) -> str:
    first = next(at for at, cell in enumerate(cells) if cell)
    return join_cells(cells[first:])
