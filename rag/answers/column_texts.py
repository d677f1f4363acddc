"""Leaves out what a text says about the columns of a table where the table itself answers.

"`wins`: games won" reads like an answer to "How many games did the Bears win?", but only the row of
the Bears is one.
"""

from __future__ import annotations

from collections.abc import Sequence

from index import Snapshot
from rag.answers.units import AnswerUnit
from rag.questions.parse import Question
from rag.retrieval.columns import describe_columns, name_columns


def drop_column_texts(
    snapshot: Snapshot, question: Question, units: Sequence[AnswerUnit]
) -> list[AnswerUnit]:
    """Return the units without those that say what a column of a matched row's table means.

    A row is matched if it holds values of the question. A question for a definition may ask what a
    column means.
    """
    if question.kind == "definition":
        return [*units]
    said: set[int] = set()
    for unit in units:
        if unit.kind == "table" and unit.best.signals.row_complete:
            structure, base = snapshot.structure_around(unit.best.row)
            group = structure.group(unit.best.row - base)
            if group is not None:
                names = name_columns(structure, unit.best.row - base)
                table = range(base + group.first, base + group.last + 1)
                said |= describe_columns(snapshot, names, table).rows
    # A definition's name is in one sentence, and its text in the next.
    left = [
        unit
        for unit in units
        if not any({item.row, item.row - 1} & said for item in unit.sentences)
    ]
    return left or [*units]
