"""Follow-up questions -> questions that stand for themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.questions import read_question
from rag.types import Turn

_REFERS = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|its|their|hers|theirs|this|that|these|those|there|then"
    r"|one|ones|former|latter|same|else)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^(?:and|but|so|or|then|also|what about|how about|why|why not|how so|how come|since when"
    r"|where|when|who|which|how many|how much)\b",
    re.IGNORECASE,
)
_FEW_TERMS = 2


def resolve_question(question: str, history: Sequence[Turn]) -> str:
    """Return a question that can be searched for by itself.

    A follow-up (it points back with a pronoun, or says next to nothing by itself) is put behind
    the question that it follows; any other question is returned as it is. Raises
    `QuestionError`.
    """
    asked = read_question(question)
    if not history:
        return asked.text
    terms = [term for term in asked.terms if not _REFERS.fullmatch(term)]
    points_back = bool(_REFERS.search(asked.text))
    short = len(terms) <= _FEW_TERMS
    if (points_back and len(terms) <= 2 * _FEW_TERMS) or (short and _CONTINUES.search(asked.text)):
        return f"{history[-1].standalone} {asked.text}"
    return asked.text
