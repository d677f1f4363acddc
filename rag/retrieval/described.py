"""Rows of tables -> what the reader reads of them: cells with what is said of their columns.

A row of a data file, "sleep_total: 13.5", says little to the reader. A text beside the file says
what the column means: "total amount of sleep, in hours".
"""

from __future__ import annotations

from collections.abc import Iterable

from index import Snapshot, distinct_terms
from rag.questions.parse import Question
from rag.retrieval.columns import describe_columns, name_columns, split_name
from rag.types import Evidence

_LONGEST = 60  # characters of what is said of a column
_CELL_END = " | "


def describe_rows(
    snapshot: Snapshot, question: Question, evidence: Iterable[Evidence]
) -> dict[int, str]:
    """Return the texts of the rows that hold values of a question, by their sentence rows.

    Columns are described whose description holds words of the question that their names lack.
    Rows without such columns are left out.
    """
    told = {}
    for item in evidence:
        if item.signals.row_equal:
            text = _describe_row(snapshot, question, item)
            if text != item.readable:
                told[item.row] = text
    return told


def _describe_row(snapshot: Snapshot, question: Question, item: Evidence) -> str:
    structure, base = snapshot.structure_around(item.row)
    group = structure.group(item.row - base)
    names = name_columns(structure, item.row - base)
    if group is None or not names:
        return item.readable
    columns = describe_columns(snapshot, names, range(base + group.first, base + group.last + 1))
    asked = frozenset(question.terms_in(item.language))
    said = {}
    for name, text in zip(names, columns.texts, strict=True):
        description = text.removeprefix(split_name(name)).strip()[:_LONGEST]
        new = distinct_terms(description, item.language) - distinct_terms(name, item.language)
        if asked & new:
            said[name] = description
    cells = []
    for cell in item.readable.split(_CELL_END):
        name, colon, value = cell.partition(": ")
        cells.append(f"{name} ({said[name]}): {value}" if colon and name in said else cell)
    return _CELL_END.join(cells)
