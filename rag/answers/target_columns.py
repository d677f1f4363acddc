"""Words of a question -> the column of a table that is calculated with."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from index import TableRow, split_terms
from rag.answers.cells import Column, read_column
from rag.answers.found_tables import FoundTable
from rag.questions.calculations import Calculation

_TIMES = re.compile(r"year|date|jahr|datum", re.IGNORECASE)
READABLE = 0.5
"""The share of a column's cells that must be numbers or dates."""
_SHARES = re.compile(
    r"percent|share|rate\b|ratio|proportion|average|mean\b|prozent|anteil|quote|durchschnitt|%",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:^|[^a-z])(?:total|overall|gesamt|insgesamt)(?:[^a-z]|$)|Total", re.IGNORECASE
)
_FEWEST_FLAGGED = 5  # rows
_YES = frozenset(("1", "yes", "true", "y", "x", "ja", "wahr"))
_NO = frozenset(("0", "no", "false", "n", "", "nein", "falsch"))


def is_key(column: str, cells: Sequence[str]) -> bool:
    """Whether a column numbers the rows: a number that differs in all of them, but no year."""
    if _TIMES.search(column):
        return False
    return all(cell.isdecimal() for cell in cells) and len(set(cells)) == len(cells)


def find_flags(rows: Sequence[TableRow]) -> frozenset[int]:
    """Return the columns whose cells all say yes or no, and that say both.

    None in a short table, where a number may be 0 or 1 by chance.
    """
    if len(rows) < _FEWEST_FLAGGED:
        return frozenset()
    width = min(len(row.cells) for row in rows)
    said = ({row.cells[at].strip().casefold() for row in rows} for at in range(width))
    return frozenset(
        at for at, cells in enumerate(said) if cells <= _YES | _NO and cells & _YES and cells & _NO
    )


def keep_flagged(rows: Sequence[TableRow], columns: Collection[int]) -> list[TableRow]:
    """Return the rows whose cells in all of these columns say yes."""
    return [row for row in rows if all(row.cells[at].casefold() in _YES for at in columns)]


def find_target(
    found: FoundTable,
    asked: Calculation,
    words: Sequence[str],
    measured: Sequence[str],
    rows: Sequence[TableRow],
    flags: Collection[int],
) -> tuple[int, Column] | None:
    """Return the column that is calculated with: the one that the question names, or implies.

    `words` are the terms of the question. Those right behind the word for the calculation count
    first, here as `measured`: "the average price of a large box". `flags` are the columns of yes
    and no.
    """
    columns = _find_candidates(found, asked, rows, flags)
    if asked.timed and len(columns) == 1:
        return next(iter(columns.items()))
    named = _prefer_total(found, _find_most_named(found, columns, measured, words))
    if named:
        return (named[0], columns[named[0]]) if len(named) == 1 else None
    # "Which year had the highest rainfall": the year is asked for, it is not compared.
    names = found.names
    compared = {at: each for at, each in columns.items() if words[:1] and words[0] not in names[at]}
    implied = frozenset(t for word in asked.implied for t in split_terms(word, found.language))
    for pool in (compared, columns):
        named = _prefer_total(found, _match(found, pool, frozenset(words), implied))
        if named:
            return (named[0], pool[named[0]]) if len(named) == 1 else None
    return None


def _prefer_total(found: FoundTable, named: list[int]) -> list[int]:
    """Return the column of a total, where the question names it and its parts alike."""
    total = [at for at in named if _WHOLE.search(found.table.columns[at])]
    return total if len(total) == 1 else named


def _find_most_named(
    found: FoundTable,
    columns: Collection[int],
    measured: Sequence[str],
    words: Sequence[str],
) -> list[int]:
    """Return the columns that most measured words name; of these, those that most words name.

    If they name none, what is said of the columns is compared.
    """
    wanted = frozenset(measured) - found.described
    for terms in (found.names, found.said):
        named = [at for at in columns if terms[at] & wanted]
        for asked in (wanted, frozenset(words)):
            most = max((len(terms[at] & asked) for at in named), default=0)
            named = [at for at in named if len(terms[at] & asked) == most]
        if named:
            return named
    return []


def _find_candidates(
    found: FoundTable, asked: Calculation, rows: Sequence[TableRow], flags: Collection[int]
) -> dict[int, Column]:
    """Return the columns of numbers or dates, without the numbers of rows, and yes or no.

    "The most" of something is not looked for among percentages.
    """
    shares = asked.quantity and not _SHARES.search(asked.words)
    return {
        at: column
        for at, name in enumerate(found.table.columns)
        if at not in flags
        and not (shares and _SHARES.search(name))
        and not (at == 0 and is_key(name, [row.cells[at] for row in rows]))
        and (column := read_column([row.cells[at] for row in rows], found.numbers)).read >= READABLE
        and (column.dates or not asked.timed)
    }


def _match(
    found: FoundTable,
    pool: Mapping[int, Column],
    asks: frozenset[str],
    implied: frozenset[str],
) -> list[int]:
    """Return the columns of a pool that match best; none if no word is said of any."""
    names = found.names
    shares = [
        {at: len(names[at] & wanted) / len(names[at]) for at in pool if names[at]}
        for wanted in (asks, implied)
    ]
    # What the table is about is said of many columns.
    wanted = implied or asks - found.described
    said = {at: _match_terms(found.said[at], wanted) for at in pool}
    for matches in (*shares, said):
        best = max(matches.values(), default=0.0)
        if best:
            return [at for at, match in matches.items() if match == best]
    return []


def _match_terms(said: frozenset[str], wanted: frozenset[str]) -> float:
    """Return how many wanted terms are said of a column; of two with as many, less is said."""
    return len(said & wanted) + len(said & wanted) / (len(said) + 1) ** 2
