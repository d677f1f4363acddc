"""A question that asks for several things -> search questions, written by the chat model.

They take the place of the parts that the rules of `rag.questions.parts` find. What the model writes
is data: a line that is not clearly a question about the same things is dropped.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from typing import TYPE_CHECKING

from rag.generation.messages import read_message
from rag.generation.rewriting import COPIED, keeps_words
from rag.generation.templates import Templates, fill
from rag.questions.parse import Question, find_content_terms, set_parts
from rag.questions.parts import names_several
from rag.types import Delta

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

MOST_PARTS = 4
"""Search questions of one question. Each takes as long to search for as a question alone."""

_LONGEST = 1_000  # characters that are read of what the model writes
_LONGEST_PART = 200  # characters of a search question; a longer text is something else
_NUMBERING = re.compile(
    r"(?:[-*\u2022]|\(?\d{1,2}[.):]|(?:search )?q(?:uestion)? ?\d{0,2}[.):])\s+", re.IGNORECASE
)
_AROUND = " \"'`*\u201c\u201d\u201e\u00ab\u00bb"  # quotation marks and emphasis around a question


def decompose_question(
    asked: Question, model: BaseChatModel, templates: Templates
) -> Generator[Delta, None, Question]:
    """Return a question with the parts that the model splits it into, if it may have several.

    It keeps the parts found by rule if the model fails, or writes fewer than two usable questions.
    So does a follow-up that rules have completed: which of its readings is meant, is found out by
    searching. Yields empty deltas while the model works.
    """
    if asked.readings or asked.beside is not None or not _may_have_parts(asked):
        return asked
    try:
        prompt = fill(templates.split, question=asked.text)
        written, _ = yield from read_message(model, prompt, _LONGEST)
    except Exception as error:  # noqa: BLE001 - the answerer will report that the model fails
        log.warning("a question was not split: %s", type(error).__name__)
        return asked
    parts = read_parts(written, asked, templates.split)
    return set_parts(asked, parts) if parts else asked


def read_parts(written: str, asked: Question, template: str) -> tuple[str, ...]:
    """Return the search questions in a model's text, at most `MOST_PARTS`; none if it has not two.

    `template` is that of the prompt, whose lines the model may have copied. The questions together
    must have most words of the question: otherwise they ask something else.
    """
    found: dict[str, str] = {}
    for line in written.splitlines():
        text = " ".join(_NUMBERING.sub("", line.strip(), count=1).strip(_AROUND).split())
        if _is_part(text, asked, template):
            found.setdefault(text.casefold(), text)
    parts = tuple(found.values())[:MOST_PARTS]
    return parts if len(parts) > 1 and keeps_words(asked, " ".join(parts)) else ()


def _may_have_parts(asked: Question) -> bool:
    """Whether something in a question speaks for several parts: most questions have one."""
    several = names_several(asked.text, asked.language)
    return bool(asked.parts) or asked.form == "comparison" or several


def _is_part(text: str, asked: Question, template: str) -> bool:
    """Whether a line is one question, no copy of the prompt, about something that was asked."""
    if not text.endswith("?") or text.count("?") > 1 or len(text) > _LONGEST_PART:
        return False
    if COPIED.search(text) or text in template or asked.text.casefold() in text.casefold():
        return False
    return not set(find_content_terms(text, asked.language)).isdisjoint(asked.terms)
