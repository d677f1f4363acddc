"""Texts longer than a chat model's budget -> the model's notes of their portions, for one answer.

This is map and reduce: the model reads the portions one by one, and the answer is written from its
notes. The notes are no sources. Each is checked against the portion, and keeps the sentences that
support it. The answer is checked against these sentences, like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import cast

from index import Snapshot
from rag.generation.chat_models import explain_failure
from rag.generation.context import Context, Note, make_context
from rag.generation.gathering import measure_lines
from rag.generation.writing import CheckedWriting, Written
from rag.questions.parse import Question
from rag.types import Delta, Evidence
from rag.usage import Usage

log = logging.getLogger(__name__)

MOST_PORTIONS = 4
"""Portions that are read. Each takes as long as an answer: with four, the user waits five times as
long, which is minutes for a model without a GPU. They hold about 15 pages at the largest budget."""

_FAILURES = 1  # portions that may fail: each may be silent for two minutes


@dataclass(frozen=True, slots=True)
class Notes:
    """The context for the answer, the tokens spent so far, and what could not be read, if any."""

    context: Context
    usage: Usage
    remark: str = ""


def divide(sentences: Sequence[Evidence], budget: int) -> list[tuple[Evidence, ...]]:
    """Divide sentences into portions of at most `budget` characters with the lines above them.

    Sentences are not cut; one that is longer than the budget is left out.
    """
    portions: list[list[Evidence]] = [[]]
    left = budget
    for item in sentences:
        size = measure_lines(item, portions[-1][-1] if portions[-1] else None)
        if size > left and portions[-1]:
            portions.append([])
            left, size = budget, measure_lines(item, None)
        if size <= left:
            portions[-1].append(item)
            left -= size
    return [tuple(portion) for portion in portions if portion]


def take_notes(
    writing: CheckedWriting,
    template: str,
    asked: Question,
    portions: Sequence[Sequence[Evidence]],
    budget: int,
    snapshot: Snapshot | None,
) -> Generator[Delta, None, Notes]:
    """Return notes of portions, of `budget` characters together, with the sentences they rest on.

    Yields a delta with the progress before each portion, and empty ones meanwhile. A portion that
    fails is left out, and named in the remark. Raises what the model's client raises if another one
    fails.
    """
    noted: list[tuple[str, tuple[Evidence, ...]]] = []
    failures = 0
    spent, remark = Usage(), ""
    for number, portion in enumerate(portions, 1):
        yield Delta(progress=(number, len(portions)))
        context = make_context(portion, snapshot)
        share = budget // len(portions)
        try:
            written = yield from _mute(
                writing.write(template, asked, context, strict=True, longest=share)
            )
        except Exception as error:
            failures += 1
            if failures > _FAILURES:
                raise
            log.warning("a portion could not be read: %s", type(error).__name__)
            remark = f"Part {number} could not be read ({explain_failure(error)})."
            continue
        spent += written.usage
        noted += [
            (claim, tuple(context.sentences[at - 1] for at in numbers))
            for claim, numbers in written.text.supported
        ]
    return Notes(_make_context(noted, portions, snapshot), spent, remark)


def _mute(written: Generator[Delta, None, Written]) -> Generator[Delta, None, Written]:
    """Yield an empty delta for each one of a text that the user does not see."""
    with closing(written):
        while True:
            try:
                next(written)
            except StopIteration as end:
                return cast("Written", end.value)
            yield Delta()


def _make_context(
    noted: Sequence[tuple[str, Sequence[Evidence]]],
    portions: Iterable[Sequence[Evidence]],
    snapshot: Snapshot | None,
) -> Context:
    """Return the context of notes: the sentences that support them, numbered in reading order.

    The sentence before each is there, too: the check reads what a sentence goes on from.
    """
    cited = {item.row for _, sources in noted for item in sources}
    sentences = [
        item for portion in portions for item in portion if not cited.isdisjoint(_with_next(item))
    ]
    numbers = {item.row: number for number, item in enumerate(sentences, 1)}
    # A small model repeats itself.
    different = {text.casefold(): (text, sources) for text, sources in reversed(noted)}
    notes = (
        Note(text, tuple(numbers[item.row] for item in sources))
        for text, sources in reversed(different.values())
    )
    return replace(make_context(sentences, snapshot), notes=tuple(notes))


def _with_next(item: Evidence) -> tuple[int, int]:
    return item.row, item.row + 1
