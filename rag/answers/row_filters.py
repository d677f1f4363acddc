"""Words of a question -> the rows of a table that it is about."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from index import TableRow, distinct_terms

_TOTAL = re.compile(
    r"\W*(?:(?:grand |sub-?)?totals?|sum|average|mean|median|overall|all|gesamt\w*|summe|insgesamt"
    r"|durchschnitt|mittelwert|zwischensumme)\b\W*$",
    re.IGNORECASE,
)


def drop_totals(rows: Sequence[TableRow]) -> list[TableRow]:
    """Return the rows without those that sum up others, "Total" or "Average"."""
    return [row for row in rows if not _TOTAL.match(next(filter(None, row.cells), ""))]


def choose_rows(
    rows: Sequence[TableRow],
    terms: Sequence[str],
    described: Collection[str],
    about: Collection[str],
    language: str,
    without: Collection[int],
) -> list[TableRow] | None:
    """Return the rows that hold all terms in cells; None if a term is in no cell.

    Terms that only describe the table or a column limit nothing. Neither do those that say what the
    table is `about`, unless they are a whole cell: "sweet" is in some names of "sweets.csv". Where
    the cells of a row are named whole, rows that only contain the words are left out: "Germany" is
    not "West Germany". `without` are columns whose cells are not looked at.
    """
    cells = {
        row: [
            distinct_terms(cell, language)
            for at, cell in enumerate(row.cells)
            if cell and at not in without
        ]
        for row in rows
    }
    held = {row: frozenset[str]().union(*each) for row, each in cells.items()}
    known = frozenset[str]().union(*held.values())
    whole_cells = frozenset[str]().union(
        *(cell for each in cells.values() for cell in each if cell <= frozenset(terms))
    )
    wanted = frozenset(term for term in terms if term in (whole_cells if term in about else known))
    if any(term not in known and term not in described for term in terms):
        return None
    found = [row for row in rows if wanted <= held[row]]
    if not found:
        return None
    numbers = {term for term in wanted if term.isdigit()}
    whole = [
        row
        for row in found
        if wanted <= numbers.union(*(cell for cell in cells[row] if cell <= wanted))
    ]
    return whole or found
