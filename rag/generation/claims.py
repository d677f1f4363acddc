"""Checks claims against sources: whether cited sentences support a sentence of an answer.

The sources must contain the claim's numbers and names, and the claim must not negate what they
affirm. Then its words and its meaning must be similar enough to theirs. `benchmarks/claims.py`
measures this with true and corrupted pairs of claims and sentences. The thresholds below come from
that benchmark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index import DEFAULT_LANGUAGE, distinct_terms, split_terms
from rag.questions.parse import find_content_words, is_function_word
from rag.questions.vocabulary import FUNCTION_WORDS

Fault = Literal["number", "name", "negation", "meaning"]
Likeness = Callable[[str, Sequence[str]], float]
"""The highest cosine similarity between a claim and any of some texts."""

# A claim is supported if the weighted sum of its share of words in the sources and its likeness
# reaches this value.
MEANING = 1.0
_WORDS_COUNT = 0.7
_LIKENESS_COUNT = 0.9
# Above and below these shares of words, the likeness is not computed, because embedding a claim
# takes most of the time.
_WORDS_ENOUGH = 0.9
_WORDS_TOO_FEW = 0.25

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty"
        ).split()
    )
} | {"dozen": "12", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90"}
_WORD = re.compile(r"[^\W\d_][\w'\u2019.-]*\w|[^\W\d_]")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|refus\w+|fail(?:s|ed)? to"
    r"|nicht|kein\w*|nie|niemals|ohne|ne|pas|jamais|aucun\w*|sans|nunca|ning\u00fan\w*|sin)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
_OWNER = re.compile(r"['\u2019]s?$")
_CLAUSE = re.compile(
    r"[,;:\u2014]|\b(?:but|while|although|whereas|because|that|which|who|aber|mais|pero|dass|qui|que)\b"
)
# Words that are capitalised at the start of a sentence and are not names.
_OPENERS = frozenset(
    "since after before during under over until unlike both according between because although "
    "despite instead including whereas twice there these those each every most many several some "
    "seit nach vor unter laut weil trotz depuis selon apr\u00e8s avant parce desde seg\u00fan tras "
    "antes".split()
)


@dataclass(frozen=True, slots=True)
class Source:
    """A cited sentence. `before` is the sentence before it, to which a pronoun may refer."""

    sentence: str
    before: str = ""
    title: str = ""


def find_fault(
    claim: str,
    sources: Sequence[Source],
    likeness: Likeness,
    language: str = DEFAULT_LANGUAGE,
) -> Fault | None:
    """Return why the sources do not support a claim; None if they support it."""
    said = " ".join(source.sentence for source in sources)
    if not find_numbers(claim) <= find_numbers(said):
        return "number"
    names = {fold for name in find_names(claim) for fold in split_terms(name, language)}
    if not names <= distinct_terms(_tell(sources), language):
        return "name"
    if _is_denied(claim) != _is_denied_by(said, claim, language):
        return "negation"
    enough = weigh_support(claim, sources, likeness, language) >= MEANING
    return None if enough else "meaning"


def weigh_support(
    claim: str,
    sources: Sequence[Source],
    likeness: Likeness,
    language: str = DEFAULT_LANGUAGE,
) -> float:
    """Return how well sources support a claim by words and meaning; `MEANING` is enough."""
    words = distinct_terms(" ".join(find_content_words(claim, language)), language)
    shared = len(words & distinct_terms(_tell(sources), language)) / max(len(words), 1)
    if shared >= _WORDS_ENOUGH:
        return MEANING
    if shared <= _WORDS_TOO_FEW:
        return 0.0
    near = likeness(claim, [source.sentence for source in sources])
    return _WORDS_COUNT * shared + _LIKENESS_COUNT * near


def _tell(sources: Sequence[Source]) -> str:
    """Return the sources with their titles and previous sentences, which may contain names."""
    return " ".join(f"{s.title} {s.before} {s.sentence}" for s in sources)


@lru_cache(1024)  # the same sources are checked for each claim
def find_numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text in one notation, also small numbers written as words."""
    figures = {match.replace(",", "").rstrip(".") for match in _NUMBER.findall(text)}
    words = {_NUMBER_WORDS[w] for w in re.findall(r"[a-z]+", text.casefold()) if w in _NUMBER_WORDS}
    return frozenset(figures | (words - {"1"}))  # "one" is usually a pronoun


def find_names(text: str) -> list[str]:
    """Return the capitalised words of a text; the first one only if it looks like a name."""
    words = [(match.start(), match.group()) for match in _WORD.finditer(text)]
    names = []
    for number, (start, word) in enumerate(words):
        if not word[0].isupper() or word == "I":
            continue
        if not text[:start].strip(" \"'\u201c\u2018(*-"):
            owner = _OWNER.sub("", word)
            follows = number + 1 < len(words) and words[number + 1][1][0].isupper()
            if _is_common(owner) or not (follows or owner != word):
                continue
        names.append(word)
    return names


def _is_common(word: str) -> bool:
    lower = word.casefold()
    known = FUNCTION_WORDS.values()
    return lower in _OPENERS or any(is_function_word(lower, words) for words in known)


def _is_denied(text: str) -> bool:
    return len(_NEGATION.findall(text)) % 2 == 1


def _is_denied_by(said: str, claim: str, language: str) -> bool:
    """Whether the clauses of the sources that the claim is about contain a negation."""
    words = distinct_terms(" ".join(find_content_words(claim, language)), language)
    clauses = [clause for clause in _CLAUSE.split(said) if clause.strip()]
    about = [
        clause
        for clause in clauses
        if len(words & distinct_terms(clause, language)) * 2 >= min(len(words), 4)
    ]
    return any(_is_denied(clause) for clause in about or clauses)
