"""Suggests questions that the indexed documents answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.assistant import Assistant
from rag.library.library import Library
from rag.proposals import Proposal, propose
from rag.settings import EXTRACTIVE
from rag.types import Answer, Turn

_MAX_DOCUMENTS = 20  # searched for questions; a start page does not need more
_MAX_ASKED = 24  # candidates that are asked
_MAX_LENGTH = 90
_MIN_ANSWER = 30  # characters of an answer that tells something
_SURE = 0.5  # confidence from which an answer about a name is worth a suggestion


def suggest_questions(
    library: Library,
    count: int = 4,
    documents: Collection[str] | None = None,
    after: Sequence[Turn] = (),
) -> list[str]:
    """Return up to `count` questions, each of which has an answer of its own.

    The documents that were indexed last come first. With `documents`, given by path, only these
    are used. Each question is asked: it is left out if its answer is a refusal, too short or not
    from the place that the question was made of, or quotes only what the turns in `after` or the
    answers of the other suggestions quote.
    """
    with library.snapshot() as snapshot:
        records = [r for r in snapshot.documents if documents is None or r.path in documents]
        records.sort(key=lambda record: record.indexed_at, reverse=True)
        proposals = list(propose(snapshot, records[:_MAX_DOCUMENTS]))
    chosen: list[str] = []
    known = {question.casefold() for turn in after for question in (turn.question, turn.standalone)}
    told = {sentence for turn in after for sentence in _quoted(turn.answer)}
    asked = 0
    for proposal in proposals:
        question = proposal.question
        if len(question) > _MAX_LENGTH or question.casefold() in known:
            continue
        known.add(question.casefold())
        answer = Assistant(library=library, chat_model=EXTRACTIVE).ask(question)
        if _tells(answer, proposal) and not _quoted(answer) <= told:
            chosen.append(question)
            told |= _quoted(answer)
        asked += 1
        if len(chosen) == count or asked == _MAX_ASKED:
            break
    return chosen


def _tells(answer: Answer, proposal: Proposal) -> bool:
    """Whether an answer says enough, and what the question was made of."""
    if answer.refused or not answer.citations or len(answer.text) < _MIN_ANSWER:
        return False
    if proposal.end and not any(
        each.document == proposal.document and proposal.start <= each.start < proposal.end
        for each in answer.citations
    ):
        return False
    if not proposal.name:
        return True
    return proposal.name in answer.text and (answer.confidence or 0) >= _SURE


def _quoted(answer: Answer) -> set[str]:
    return {" ".join(each.sentence.split()) for each in answer.citations}
