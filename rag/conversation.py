"""Follow-up questions -> questions that stand for themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.questions import MAX_CHARACTERS, find_content_terms, read_question
from rag.types import Turn

_REFERS = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|its|their|hers|theirs|former|latter)\b"
    r"|\b(?:this|that|these|those)\W*$",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^\W*(?:why|how|when|where|who|whom|which|what)(?: (?:not|so|come|else|exactly|then))?\W*$",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"^(?:and|but|so|or|then|also|what about|how about)\b", re.IGNORECASE)
_FEW_TERMS = 3


def resolve_question(question: str, history: Sequence[Turn]) -> str:
    """Return a question that can be searched for by itself.

    A follow-up (it says little, and points back with a pronoun, begins with "and" or is a bare
    "why?") is put behind the question that it follows; any other question is returned as it is.
    Raises `QuestionError`.
    """
    asked = read_question(question)
    if not history:
        return asked.text
    points_back = _REFERS.search(asked.text) or _CONTINUES.search(asked.text)
    if _BARE.search(asked.text) or (
        points_back and len(find_content_terms(asked.text)) <= _FEW_TERMS
    ):
        joined = f"{history[-1].standalone} {asked.text}"
        if len(joined) <= MAX_CHARACTERS:
            return joined
    return asked.text
