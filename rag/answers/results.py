"""Values of a column in the rows that are meant -> the result of a calculation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index import TableRow
from rag.answers.found_tables import FoundTable
from rag.questions.calculations import Calculation
from rag.questions.conditions import Condition


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a calculation over rows of a table.

    `shown` are the numbers of the sentences of the rows that it comes from, in the snapshot, one
    tuple per row. `rows` is how many rows it was computed from, `unread` how many of the rows that
    were meant have no number in the column. `cell` is the cell that holds the result, if one does.
    """

    calculation: Calculation
    column: str
    value: float
    shown: tuple[tuple[int, ...], ...]
    rows: int
    unread: int = 0
    cell: str = ""


def select_rows(
    found: FoundTable,
    asked: Calculation,
    bound: Condition,
    column: int,
    read: Sequence[tuple[float, TableRow]],
    meant: int,
) -> Result | None:
    """Choose the rows that meet the condition; if none does, show the one that is nearest to it.

    `bound` is the condition in the unit of the column. None if fewer than two rows were read.
    """
    if len(read) < 2:
        return None
    chosen = [row for value, row in read if bound.holds(value)]
    nearest = min(read, key=lambda each: bound.miss(each[0]))[1]
    return Result(
        replace(asked, condition=bound),
        found.table.columns[column],
        len(chosen),
        place_rows(found, chosen or [nearest]),
        len(read),
        meant - len(read),
    )


def reduce_rows(
    found: FoundTable,
    asked: Calculation,
    column: int,
    read: Sequence[tuple[float, TableRow]],
    meant: int,
) -> Result | None:
    """Return the sum, the mean or the extreme of the values; None if fewer than two were read."""
    if len(read) < 2:
        return None
    values = [value for value, _ in read]
    name = found.table.columns[column]
    unread = meant - len(read)
    if asked.operation in ("sum", "mean"):
        total = sum(values)
        value = total if asked.operation == "sum" else total / len(values)
        shown = place_rows(found, [row for _, row in read])
        return Result(asked, name, value, shown, len(read), unread)
    value = max(values) if asked.operation in ("highest", "latest") else min(values)
    best = [row for each, row in read if each == value]
    cell = best[0].cells[column]
    return Result(asked, name, value, place_rows(found, best), len(read), unread, cell)


def place_rows(found: FoundTable, rows: Sequence[TableRow]) -> tuple[tuple[int, ...], ...]:
    """Return the numbers of the rows' sentences in the snapshot, one tuple per row."""
    return tuple(tuple(range(found.base + row.first, found.base + row.last + 1)) for row in rows)
