"""Rewrites follow-up questions with the chat model, so that they can be searched for."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from rag.generation.messages import read_message
from rag.generation.templates import Templates, fill
from rag.questions.followups import resolve_question
from rag.questions.parse import (
    MAX_CHARACTERS,
    Question,
    find_content_terms,
    find_content_words,
    guess_language,
    parse_question,
)
from rag.types import Delta, Turn

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

COPIED = re.compile(r"\bAnswer:|\[\d+\]")
"""What a model's text has from the prompt, and no question has."""

_TURNS = 3
_LONGEST = 400  # characters of a rewritten question; a longer text is not used
_ANSWER_SHOWN = 300  # characters of an earlier answer
_KEPT = 0.5  # of a follow-up's words: a model may replace some, but not most of them


def rewrite_question(
    asked: Question, history: Sequence[Turn], model: BaseChatModel, templates: Templates
) -> Generator[Delta, None, Question]:
    """Return a question that can be understood without the conversation.

    If the model fails or returns no usable text, the question comes from `resolve_question`. A text
    that repeats an answer is not usable, nor one without most of the words that carry the meaning
    of the question: it asks something else, or nothing. Yields empty deltas while the model works.
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
        text, complete = yield from read_message(model, prompt, min(_LONGEST, MAX_CHARACTERS))
    except Exception as error:  # noqa: BLE001 - the answerer will report that the model fails
        log.warning("a follow-up was not rewritten: %s", type(error).__name__)
        return by_rule
    written = " ".join(text.split())
    if not (complete and any(map(str.isalnum, written))) or COPIED.search(written):
        return by_rule
    return parse_question(written) if keeps_words(asked, written) else by_rule


def keeps_words(asked: Question, written: str) -> bool:
    """Whether what a model made of a question has enough of the words that carry its meaning.

    A bare "why not?" has no such words, and may become any question.
    """
    if not find_content_words(asked.text, asked.language):
        return True
    language = guess_language(written)
    words = set(asked.terms_in(language))
    return len(words & set(find_content_terms(written, language))) >= _KEPT * len(words)
