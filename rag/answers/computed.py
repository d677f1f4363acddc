"""Result of a calculation -> an answer that states it and quotes the rows that it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from index import Snapshot
from prompts import read_prompt
from rag.answers.calculating import calculate
from rag.answers.quoting import write_quotes
from rag.answers.results import Result
from rag.answers.units import AnswerUnit
from rag.questions.calculations import find_calculation
from rag.questions.parse import Question
from rag.retrieval.evidence import make_evidence
from rag.settings import EXTRACTIVE
from rag.types import NO_SIGNALS, Answer, Citation, Evidence

_MOST_COUNTED = 40  # counted rows that are shown
_MOST_ADDED = 12  # added rows that are shown
_CONFIDENCE = 0.9
_DIGITS = 6  # significant digits of an average


def answer_by_calculating(
    snapshot: Snapshot,
    question: Question,
    evidence: Sequence[Evidence],
    known: Sequence[Citation] = (),
) -> Answer | None:
    """Return the answer to a question that is computed over the rows of a table.

    It asks for a superlative, a count, a sum, a mean, a difference, or the rows that meet a
    condition.

    None if the question's form, the table or the column is not certain. Rows that are cited already
    keep their numbers in `known`.
    """
    calculation = find_calculation(question)
    if calculation is None:
        return None
    result = calculate(snapshot, question, calculation, evidence)
    return _write(snapshot, question, result, known) if result is not None else None


def _write(
    snapshot: Snapshot, question: Question, result: Result, known: Sequence[Citation]
) -> Answer:
    most = _MOST_ADDED if result.calculation.operation in ("sum", "mean") else _MOST_COUNTED
    rows = [row for rows in result.shown[:most] for row in rows]
    quoted = (
        write_quotes(question, [_make_unit(snapshot, rows)], _CONFIDENCE, known=known)
        if rows
        else None
    )
    opening, span = _state(question, result, min(most, len(result.shown)))
    text = f"{opening}\n\n{quoted.text}" if quoted is not None else opening
    return Answer(
        question=question.text,
        text=text,
        refused=False,
        model=EXTRACTIVE,
        citations=quoted.citations if quoted is not None else (),
        emphasis=(span,),
        confidence=_CONFIDENCE,
    )


def _make_unit(snapshot: Snapshot, rows: Sequence[int]) -> AnswerUnit:
    structure, base = snapshot.structure_around(rows[0])
    return AnswerUnit(
        "table",
        tuple(make_evidence(snapshot.sentence(row), NO_SIGNALS) for row in rows),
        _CONFIDENCE,
        tuple(structure.block(row - base) for row in rows),
    )


def _state(question: Question, result: Result, shown: int) -> tuple[str, tuple[int, int]]:
    """Return the sentences that state a result, and the span of its value in them."""
    language = question.language
    operation = result.calculation.operation
    of_column = operation == "count" and result.column
    pattern = read_prompt(f"computed_{'different' if of_column else operation}", language)
    value = result.cell or _show(result.value, exact=operation != "mean")
    condition = result.calculation.condition
    filled = {
        "column": result.column,
        "rows": result.rows,
        "condition": condition.write() if condition is not None else "",
    }
    before = pattern.partition("{value}")[0].format(**filled)
    text = pattern.format(value=value, **filled)
    if result.unread:
        text += f" {read_prompt('computed_unread', language).format(count=result.unread)}"
    if shown < len(result.shown):
        text += f" {read_prompt('computed_shown', language).format(count=shown)}"
    return text, (len(before), len(before) + len(value))


def _show(value: float, *, exact: bool) -> str:
    """Return a number without rounding errors of floating point."""
    if value == int(value):
        return str(int(value))
    return f"{value:.12g}" if exact else f"{value:.{_DIGITS}g}"
