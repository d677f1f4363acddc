"""Question -> what it asks for: the kind of answer, and the words that carry its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from index import split_terms
from rag.errors import QuestionError

Kind = Literal["person", "date", "place", "number", "reason", "other"]

MAX_CHARACTERS = 2000

_FUNCTION_WORDS = (
    "a about an and any are as at be been being but by can could did do does for from had has have "
    "he her here him his how i if in into is it its just many may me might more most much must my "
    "no not of off on or our over shall she should so some such than that the their them then "
    "there these they this those to us was we were what when where which while who whom whose why "
    "will with would you your tell please know name list give say said"
)
_FUNCTION_TERMS = frozenset(term for word in _FUNCTION_WORDS.split() for term in split_terms(word))

# The first pattern found in the question decides.
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))  # type: ignore[misc]
    for kind, pattern in (
        ("reason", r"\bwhy\b|\bwhat (?:is|was|are|were) the (?:reason|cause)s?\b|\bwhat caused\b"),
        (
            "number",
            r"\bhow (?:many|much|old|tall|high|long|far|large|big|deep|heavy|wide|fast|often)\b"
            r"|\b(?:what|which) (?:is |was |were |are )?(?:the )?(?:\w+ )?"
            r"(?:number|percent|percentage|amount|population|price|cost|age|size|distance|height"
            r"|length|weight|temperature|speed|share|rate|total)\b",
        ),
        (
            "date",
            r"\bwhen\b|\b(?:what|which|in what|in which) (?:\w+ )?"
            r"(?:year|date|day|month|century|decade|time|season)\b|\bhow long ago\b",
        ),
        ("person", r"\bwho\b|\bwhom\b|\bwhose\b|\b(?:what|which) (?:\w+ )?(?:person|man|woman)\b"),
        (
            "place",
            r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|city|town|state|place|location"
            r"|continent|region|river|island|village|capital|county|province)\b",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the kind of answer it asks for.

    `terms` are its content words as the lexical index writes them, in order, each once; all its
    words, if it has no others.
    """

    text: str
    kind: Kind
    terms: tuple[str, ...]


def read_question(text: str) -> Question:
    """Check and analyse a question. Raises `QuestionError` when it is empty or too long."""
    text = " ".join(text.split())
    if not any(map(str.isalnum, text)):
        raise QuestionError("the question is empty", "ask something about the documents")
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {len(text):,} characters",
            f"ask in at most {MAX_CHARACTERS:,}",
        )
    last = re.split(r"(?<=\?)\s+", text)[-1]  # a follow-up stands behind what it follows
    kind: Kind = next((kind for kind, pattern in _KINDS if pattern.search(last)), "other")
    return Question(text, kind, find_content_terms(text) or tuple(dict.fromkeys(split_terms(text))))


def find_content_terms(text: str) -> tuple[str, ...]:
    """Return the terms of a text that are not mere function words, in order, each once."""
    terms = dict.fromkeys(split_terms(text))
    return tuple(term for term in terms if term not in _FUNCTION_TERMS)
