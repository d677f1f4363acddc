"""Codes of a data file -> the rows that a question means by their words.

"1=smoker or 0=nonsmoker" is said of a column `Smoke`: then "smokers" are the rows with 1 in it. In
a column of diets, "carni" are the carnivores.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from index import TableRow, distinct_terms
from rag.answers.found_tables import FoundTable

_CODE = re.compile(
    r"(?<![\w.])(?P<code>-?\w{1,12})\s*=\s*(?P<label>\w[^,;=()]*?)"
    r"(?=\s*(?:[,;()]|\b(?:or|and|oder|und|ou|et|o|y)\b|$))"
)
_SHORTEST_CUT = 4  # letters of a cell that is the beginning of a word
# Words that people use for a value, as the index writes them, and what data files write.
_MEANS = {"women": "femal", "woman": "femal", "men": "male", "man": "male"}


def keep_coded(
    found: FoundTable, rows: Sequence[TableRow], terms: Sequence[str], without: Collection[int]
) -> tuple[list[TableRow], list[str]] | None:
    """Return the rows that have the codes which the terms mean, and the terms that mean none.

    `without` are columns that are not looked at. None if the terms mean two codes of a column.
    """
    kept, left = [*rows], [*terms]
    for at in range(len(found.table.columns)):
        if at in without or not left:
            continue
        meant = [*_find_meant(found, rows, at, left)]
        most = max((len(label) for _, label in meant), default=0)
        codes = {code for code, label in meant if len(label) == most}
        if len(codes) > 1:
            return None
        for code, label in meant:
            if code in codes:
                kept = [row for row in kept if row.cells[at].strip().casefold() == code]
                left = [term for term in left if not {term, _MEANS.get(term, term)} & label]
    return kept, left


def _find_meant(
    found: FoundTable, rows: Sequence[TableRow], at: int, terms: Sequence[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the codes of a column that the terms mean, each with the terms that it stands for."""
    cells = {row.cells[at].strip().casefold() for row in rows}
    asked = frozenset(_MEANS.get(term, term) for term in terms) | frozenset(terms)
    for code in _CODE.finditer(found.texts[at]):
        label = distinct_terms(code["label"], found.language)
        if code["code"].casefold() in cells and label and label <= asked:
            yield code["code"].casefold(), label
    for term in asked & found.said[at] - found.names[at]:
        begun = [cell for cell in cells if len(cell) >= _SHORTEST_CUT and term.startswith(cell)]
        if len(begun) == 1 and begun[0] != term:
            yield begun[0], frozenset((term,))
