"""Quoted units -> the sentences of them that an answer of a chat model lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index import announces
from rag.answers.differences import Disagreement, identify
from rag.answers.units import AnswerUnit
from rag.questions.parse import Question
from rag.retrieval.duplicates import are_copies
from rag.types import Evidence


def find_rest(
    asked: Question,
    units: Sequence[AnswerUnit],
    cited: Sequence[Evidence],
    disagreements: Sequence[Disagreement] = (),
) -> list[AnswerUnit]:
    """Return what is missing of quoted units in an answer that cites other sentences, in order.

    A question for a list, a procedure or a comparison needs all units. For other questions the
    units of a part of the question are alternatives: what is missing of those that the answer uses
    is returned, and the likeliest one; if it uses none, all. Rows of a table are no alternatives if
    none holds all values of the question. A sentence that only announces others is never all that
    is missing of its unit. What documents say differently is returned whole, with every side: an
    answer that cites both may still not say that they differ.
    """
    sides = [side for each in disagreements for side in each.sides]
    differing = {identify(item) for side in sides for item in side.sentences}
    missing = [_find_missing(unit, cited) for unit in units]
    used = {
        unit.best.part
        for unit, numbers in zip(units, missing, strict=True)
        if len(numbers) < len(unit.sentences)
    }
    all_needed = asked.form != "other"
    rest = []
    for unit, numbers in zip(units, missing, strict=True):
        if differing.intersection(map(identify, unit.sentences)):
            rest.append(unit)
            continue
        untouched = len(numbers) == len(unit.sentences)
        spare = untouched and unit.best.part in used and not (all_needed or unit.lacks_values)
        if spare and not _is_likeliest(unit, units):
            continue
        if any(not announces(unit.sentences[at].readable) for at in numbers):
            rest.append(_cut(unit, numbers))
    return rest


def _is_likeliest(unit: AnswerUnit, units: Sequence[AnswerUnit]) -> bool:
    """Whether no other unit of the same part of the question is likelier to answer it."""
    return all(unit.score >= other.score for other in units if other.best.part == unit.best.part)


def _find_missing(unit: AnswerUnit, cited: Sequence[Evidence]) -> list[int]:
    """Return the numbers of a unit's sentences that are neither cited nor copies of cited ones."""
    return [
        at
        for at, item in enumerate(unit.sentences)
        if not any(item.row == other.row or are_copies(item, other) for other in cited)
    ]


def _cut(unit: AnswerUnit, kept: Sequence[int]) -> AnswerUnit:
    """Return a unit with some of its sentences, and with the one that announces the others."""
    first = [0] if announces(unit.sentences[0].readable) else []
    numbers = sorted({*first, *kept})
    return replace(
        unit,
        sentences=tuple(unit.sentences[at] for at in numbers),
        blocks=tuple(unit.blocks[at] for at in numbers if at < len(unit.blocks)),
    )
