"""Rewrites follow-up questions with the chat model, so that they can be searched for."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from rag.concurrency.streams import wait_for
from rag.generation.templates import Templates, fill
from rag.questions.followups import resolve_question
from rag.questions.parse import MAX_CHARACTERS, Question, parse_question
from rag.types import Delta, Turn

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

_TURNS = 3
_LONGEST = 400  # characters of a rewritten question; a longer text is not used
_ANSWER_SHOWN = 300  # characters of an earlier answer


def rewrite_question(
    asked: Question, history: Sequence[Turn], model: BaseChatModel, templates: Templates
) -> Generator[Delta, None, Question]:
    """Return a question that can be understood without the conversation.

    If the model fails or returns no usable text, the question comes from `resolve_question`.
    Yields empty deltas while the model works.
    """
    by_rule = resolve_question(asked, history)
    if not history:
        return by_rule
    told = "\n".join(
        f"Question: {turn.question}\nAnswer: {turn.answer.text[:_ANSWER_SHOWN]}"
        for turn in history[-_TURNS:]
    )
    prompt = fill(templates.rewrite, conversation=told, question=asked.text)
    try:
        message = yield from wait_for(lambda: model.ainvoke(prompt), Delta())
        written = " ".join(str(message.text).split())
    except Exception as error:  # noqa: BLE001 - the answerer will report that the model fails
        log.warning("a follow-up was not rewritten: %s", type(error).__name__)
        return by_rule
    good = any(map(str.isalnum, written)) and len(written) <= min(_LONGEST, MAX_CHARACTERS)
    return parse_question(written) if good else by_rule
