"""Calculation + evidence -> the rows that it is about, and the result.

A result is returned only if nothing in the question is left over: each of its words names the
calculation, a column, the table, or a value of the rows that are meant. Otherwise the question may
ask for something else, and is answered with quotations.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from index import Snapshot, TableRow, distinct_terms, split_terms
from rag.answers.cells import Column, read_column
from rag.answers.coded_cells import keep_coded
from rag.answers.column_units import convert_condition
from rag.answers.found_tables import FoundTable, find_tables
from rag.answers.results import Result, place_rows, reduce_rows, select_rows
from rag.answers.row_filters import choose_rows, drop_totals
from rag.answers.target_columns import READABLE, find_flags, find_target, is_key, keep_flagged
from rag.questions.calculations import Calculation, drop_neutral
from rag.questions.parse import Question, find_content_words
from rag.types import Evidence

_SHORTEST_ROOT = 5  # letters of a stemmed word from which a column's name may be derived
_WHICH = re.compile(r"\W*(?:in |and |und )?(?:which|what|welche[mnrs]?)\s+(\w+)", re.IGNORECASE)
# Plurals that the index does not write as it writes their singulars.
_PLURALS = {"women": "woman", "men": "man", "children": "child", "peopl": "person"}


def calculate(
    snapshot: Snapshot, question: Question, calculation: Calculation, evidence: Sequence[Evidence]
) -> Result | None:
    """Return the result over a table among the evidence; None if not exactly one table has it."""
    tables = [*find_tables(snapshot, question, evidence)]
    results = [
        result
        for found in tables
        if not any(_lists_columns(found, other) for other in tables)
        and (result := _calculate_over(found, question, calculation)) is not None
    ]
    return results[0] if len(results) == 1 else None


def _lists_columns(found: FoundTable, other: FoundTable) -> bool:
    """Whether the rows of a table are about the columns of another one, about one row for each."""
    if found is other or len(found.table.rows) > 2 * len(other.table.columns):
        return False
    listed = {term for row in found.table.rows for term in row.cells}
    about = sum(column in listed for column in other.table.columns)
    return 2 * about >= len(other.table.columns)


def _calculate_over(found: FoundTable, question: Question, asked: Calculation) -> Result | None:
    words = _find_terms(asked.words, question, found)
    rows = drop_totals(found.table.rows)
    if asked.operation == "count":
        return _count(found, question, asked, rows)
    measured = _find_terms(asked.measured, question, found) if asked.measured else []
    flags = find_flags(rows)
    target = find_target(found, asked, words, measured, rows, flags)
    if target is None and asked.operation == "sum" and asked.counted:  # "how many … in total"
        return _count(found, question, replace(asked, operation="count"), rows)
    if target is None:
        return None
    column, values = target
    if asked.sides is not None:
        return _subtract(found, question, asked, target, rows)
    named = _choose_named(found, words, flags)
    if measured and _names_other(found, words[1:], {column, *named}):
        return None
    left = _find_values(asked.words, question, found)
    coded = keep_coded(found, keep_flagged(rows, named), left, {column, *named})
    if coded is None:
        return None
    flagged, left = coded
    left = _drop_kind(left, question, found, rows)
    known = found.known_beside(column)
    meant = choose_rows(flagged, left, known, found.described, found.language, {column})
    if meant is None:
        return None
    by_row = dict(zip(rows, values.values, strict=True))
    read = [(value, row) for row in meant if (value := by_row[row]) is not None]
    if asked.condition is not None:
        bound = convert_condition(found, column, values.unit, asked.condition)
        return select_rows(found, asked, bound, column, read, len(meant)) if bound else None
    return reduce_rows(found, asked, column, read, len(meant))


def _find_terms(text: str, question: Question, found: FoundTable) -> list[str]:
    """Return the terms of a text that carry its meaning, each once.

    A term of which a column's name is derived, "religious" of "Religiosity", becomes that name. A
    plural of which nothing is said becomes its singular.
    """
    words = " ".join(find_content_words(text, question.language))
    terms = split_terms(words, found.language)
    known = frozenset[str]().union(*found.names)
    said = frozenset[str]().union(*found.said)
    about = found.described | said
    singulars = {
        term: one
        for term, one in _PLURALS.items()
        if term not in about and one in said | found.told
    }
    numbered = (singulars.get(term, term) for term in terms)
    return list(dict.fromkeys(_derive(term, known) for term in numbered))


def _derive(term: str, known: Collection[str]) -> str:
    if term in known or len(term) < _SHORTEST_ROOT:
        return term
    derived = [name for name in known if name.startswith(term)]
    return derived[0] if len(derived) == 1 else term


def _find_values(text: str, question: Question, found: FoundTable) -> list[str]:
    """Return the terms that name no column: values of rows, or what the table is about."""
    terms = _find_terms(drop_neutral(text), question, found)
    return [term for term in terms if not any(term in name for name in found.names)]


def _drop_kind(
    left: Sequence[str], question: Question, found: FoundTable, rows: Sequence[TableRow]
) -> list[str]:
    """Return terms without the one that says of what kind the rows are: "Which country has …?".

    It stands behind "which" or "what", in the document that describes the table, and in no cell.
    """
    asked = _WHICH.match(question.text)
    kind = _find_terms(asked[1], question, found)[:1] if asked is not None else []
    if not kind or kind[0] not in left or kind[0] not in found.told:
        return [*left]
    cells = (distinct_terms(cell, found.language) for row in rows for cell in row.cells)
    return [*left] if any(kind[0] in cell for cell in cells) else [t for t in left if t != kind[0]]


def _choose_named(
    found: FoundTable, words: Sequence[str], flags: Collection[int]
) -> frozenset[int]:
    """Return those of the columns of yes and no that the words name: "the filled ones"."""
    return frozenset(at for at in flags if not found.names[at].isdisjoint(words))


def _count(
    found: FoundTable,
    question: Question,
    asked: Calculation,
    rows: Sequence[TableRow],
) -> Result | None:
    """Count the rows, or the different values of the column that is named after "how many"."""
    known = found.described.union(*found.names)
    counted = next((t for t in split_terms(asked.counted, found.language) if t in known), None)
    if counted is None or not rows:
        return None
    heads = [split_terms(name, found.language)[-1:] for name in found.table.columns]
    numeric = (
        read_column([row.cells[at] for row in rows], found.numbers).read >= READABLE
        for at, head in enumerate(heads)
        if head == [counted]
        and not (at == 0 and is_key(found.table.columns[at], [row.cells[at] for row in rows]))
    )
    if any(numeric):  # "how many goals" asks for the cell of a column "goals"
        return None
    column = next((at for at, name in enumerate(found.names) if counted in name), None)
    left = [term for term in _find_values(asked.words, question, found) if term != counted]
    words = _find_terms(asked.words, question, found)
    flags = _choose_named(found, words, find_flags(rows)) - {column}
    # What is said of a column limits nothing if the question names it: "that taste of mint".
    about = found.described
    described = found.known if flags else about
    flagged = keep_flagged(rows, flags)
    meant = choose_rows(flagged, left, described, about, found.language, set())
    if meant is None or _asks_for_other(found, words, {column, *flags}, left):
        return None
    if column is not None:
        different = {row.cells[column]: row for row in reversed(meant) if row.cells[column]}
        meant = sorted(different.values(), key=lambda row: row.first)
    name = found.table.columns[column] if column is not None else ""
    return Result(asked, name, len(meant), place_rows(found, meant), len(rows))


def _names_other(found: FoundTable, words: Sequence[str], used: Collection[int]) -> bool:
    """Whether one of the words stands in the name of another column, and of none that is used."""
    held = found.described.union(*(found.said[at] | found.names[at] for at in used))
    other = frozenset(words).intersection(frozenset[str]().union(*found.names)) - held
    if not other:  # to read all cells takes long
        return False
    cells = (cell for row in found.table.rows for cell in row.cells)
    values = frozenset[str]().union(*(distinct_terms(cell, found.language) for cell in cells))
    return not other <= values


def _asks_for_other(
    found: FoundTable, words: Sequence[str], used: Collection[int | None], left: Sequence[str]
) -> bool:
    """Whether the words name a further column without a value of it: "teams with a tie"."""
    values = frozenset(left)
    return any(
        at not in used
        and not name.isdisjoint(words)
        and all(
            values.isdisjoint(distinct_terms(row.cells[at], found.language))
            for row in found.table.rows
        )
        for at, name in enumerate(found.names)
    )


def _subtract(
    found: FoundTable,
    question: Question,
    asked: Calculation,
    target: tuple[int, Column],
    rows: Sequence[TableRow],
) -> Result | None:
    """Subtract the values of two rows, the smaller from the larger."""
    column, values = target
    chosen: list[TableRow] = []
    for side in asked.sides or ():
        left = _find_values(f"{asked.words} {side}", question, found)
        meant = choose_rows(rows, left, found.known, found.described, found.language, {column})
        if meant is None or len(meant) != 1:
            return None
        chosen += meant
    by_row = dict(zip(rows, values.values, strict=True))
    one, other = (by_row[row] for row in chosen)
    if one is None or other is None or chosen[0] == chosen[1] or values.dates:
        return None
    name = found.table.columns[column]
    return Result(asked, name, abs(one - other), place_rows(found, chosen), 2)
