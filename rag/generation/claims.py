"""Claims against sources: whether a sentence of an answer says what the cited ones say.

Numbers and names of a claim must stand in its sources, and it must not deny what they affirm; then
its words and its meaning must be near theirs. `benchmarks/claims.py` measures this on pairs of
claims and sentences, true and corrupted, and the limits below come from there.
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
"""How near a claim is in meaning to the nearest of some texts, as a cosine."""

# A claim is supported when its share of words found in the sources and its likeness reach this.
MEANING = 1.0
_WORDS_COUNT = 0.7
_LIKENESS_COUNT = 0.9
# With that many words of the sources, or that few, the meaning need not be looked at: embedding a
# claim is what takes time here.
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
# Words that open a sentence with a capital and name nobody.
_OPENERS = frozenset(
    "since after before during under over until unlike both according between because although "
    "despite instead including whereas twice there these those each every most many several some "
    "seit nach vor unter laut weil trotz depuis selon apr\u00e8s avant parce desde seg\u00fan tras "
    "antes".split()
)


@dataclass(frozen=True, slots=True)
class Source:
    """A cited sentence; `before` is what a pronoun in it may point back to."""

    sentence: str
    before: str = ""
    title: str = ""


def find_fault(
    claim: str,
    sources: Sequence[Source],
    likeness: Likeness,
    language: str = DEFAULT_LANGUAGE,
) -> Fault | None:
    """Return what is wrong with a claim as a statement of its sources; None if they support it."""
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
    """Return how much of a claim's words and meaning its sources hold; `MEANING` is enough."""
    words = distinct_terms(" ".join(find_content_words(claim, language)), language)
    shared = len(words & distinct_terms(_tell(sources), language)) / max(len(words), 1)
    if shared >= _WORDS_ENOUGH:
        return MEANING
    if shared <= _WORDS_TOO_FEW:
        return 0.0
    near = likeness(claim, [source.sentence for source in sources])
    return _WORDS_COUNT * shared + _LIKENESS_COUNT * near


def _tell(sources: Sequence[Source]) -> str:
    """Return what sources say with what is around them, where names may stand."""
    return " ".join(f"{s.title} {s.before} {s.sentence}" for s in sources)


@lru_cache(1024)  # the same sources are looked at for each claim
def find_numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text, in figures or small ones in words, written one way."""
    figures = {match.replace(",", "").rstrip(".") for match in _NUMBER.findall(text)}
    words = {_NUMBER_WORDS[w] for w in re.findall(r"[a-z]+", text.casefold()) if w in _NUMBER_WORDS}
    return frozenset(figures | (words - {"1"}))  # "one" is mostly a pronoun


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
    """Whether the part of the sources that the claim is about is a negation."""
    words = distinct_terms(" ".join(find_content_words(claim, language)), language)
    clauses = [clause for clause in _CLAUSE.split(said) if clause.strip()]
    about = [
        clause
        for clause in clauses
        if len(words & distinct_terms(clause, language)) * 2 >= min(len(words), 4)
    ]
    return any(_is_denied(clause) for clause in about or clauses)
