"""A sentence -> what it states: the values in it, whether it denies, and the words that are left.

Two sentences whose other words are the same are about the same thing. If their values or denials
differ, they contradict each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from index import DEFAULT_LANGUAGE, distinct_terms
from rag.claims.words import NEGATION
from rag.quantities import read_figures, write_in_digits
from rag.questions.moments import Moment, find_moments
from rag.questions.vocabulary import CAPITALISED, FUNCTION_WORDS

_NUMBER = re.compile(r"(?<![\w.,])[-\u2212]?(?P<figures>\d+(?:[.,]\d+)*)")
_LAST_WORD = re.compile(r"(?P<word>[^\W\d_]+|\u00a7)\.?\s+$")
_NUMBERED = frozenset(
    "room hall section chapter article paragraph page step figure table version level line gate "
    "platform building bus number no phase part volume issue annex rule raum saal abschnitt "
    "kapitel artikel absatz seite schritt abbildung tabelle stufe zeile gleis geb\u00e4ude nummer "
    "nr teil band anlage anhang regel halle \u00a7".split()
)
_CONDITION = re.compile(
    r"\b(?:if|unless|when|in case|wenn|falls|sofern|au\u00dfer)\b", re.IGNORECASE
)
# The same value in another unit: "1440 minutes (24 hours)".
_REPEATED = re.compile(r"(?<=[\w%]) \((?:about |ca\. |etwa )?\W?[\d.,]+\s?[^\W\d_]+\)")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
# A value behind these words no longer holds: "on 12 June instead of 5 June".
_SUPERSEDED = re.compile(
    r"\b(?:not|instead of|rather than|previously|formerly|nicht|statt|anstatt|anstelle von|bisher"
    r"|vorher|vormals|zuvor)\s+(?:(?:on|at|in|until|by|of|the|am|im|um|bis|auf|dem|den|der|des)\s+)*$",
    re.IGNORECASE,
)
_APPROXIMATE = re.compile(
    r"\b(?:about|around|roughly|approximately|nearly|almost|circa|ca|some|etwa|rund|ungef\u00e4hr"
    r"|knapp|fast)\b",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"[;(\u2013\u2014]|: |,? (?:but|while|whereas|although|because|so that|after|which|who|aber"
    r"|w\u00e4hrend|obwohl|weil|sondern|damit|nachdem)\b|, "
)
_RESTRICTS = re.compile(
    r"\b(?:if|when|unless|except|only|for|in|on|at|during|from|as|with|without|under|than|per|of|or"
    r"|wenn|falls|sofern|au\u00dfer|nur|f\u00fcr|im|am|an|bei|ab|seit|mit|ohne|unter|pro|von|oder|als"
    r"|w\u00e4hrend)\b",
    re.IGNORECASE,
)
_SHORTEST_CLAUSE = 4  # words
_LONGEST_WORD = 40  # characters
# Words that say yes or no, beside the negations of `rag.claims`.
_YES = re.compile(
    r"\b(?:yes|allowed|permitted|possible|required|mandatory|compulsory|obligatory|open|included"
    r"|ja|erlaubt|gestattet|zul\u00e4ssig|m\u00f6glich|verpflichtend|offen|ge\u00f6ffnet|inbegriffen)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\b(?:forbidden|prohibited|banned|impossible|optional|voluntary|closed|excluded"
    r"|nein|verboten|untersagt|unzul\u00e4ssig|unm\u00f6glich|freiwillig|geschlossen)\b",
    re.IGNORECASE,
)
# Words that say only that something changed, is so, or is so for now.
_LIGHT = {
    language: frozenset[str]().union(*(distinct_terms(word, language) for word in words.split()))
    for language, words in {
        "en": (
            "now new newly currently current correction corrected changed change moved postponed "
            "updated instead already still again henceforth today previously formerly be been "
            "amount amounts held hold takes take taken place happens set scheduled rather earlier"
        ),
        "de": (
            "jetzt neu neue neuer neues nun k\u00fcnftig aktuell derzeit bereits weiterhin sofort "
            "ab korrektur korrigiert ge\u00e4ndert verschoben verlegt statt anstatt findet bisher "
            "vorher betr\u00e4gt bel\u00e4uft liegt heute wieder"
        ),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number. `digits` counts its significant digits; `approximate` says that it is not exact."""

    value: float
    digits: int
    approximate: bool = False


Value = tuple[Moment, ...] | tuple[Number, ...]
"""A value of a text, as the readings that it can have."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence states.

    `words` are the terms that are neither values nor function words. The number of a name, such as
    that of "room 4", is among the words. A `conditional` statement holds only in some cases.
    """

    words: frozenset[str]
    values: tuple[Value, ...]
    denies: bool
    conditional: bool = False


@lru_cache(512)  # a sentence is compared with several others
def read_statement(text: str, language: str = DEFAULT_LANGUAGE) -> Statement:
    """Return what a sentence states. Dates are read in English and German."""
    text = _REPEATED.sub(" ", write_in_digits(" ".join(text.split()), language))
    found: list[tuple[int, int, Value]] = [(*span, read) for span, read in find_moments(text)]
    for match in _NUMBER.finditer(text):
        named = _is_name(text[: match.start()], language)
        if not named and not any(a < match.end() and match.start() < b for a, b, _ in found):
            found.append((*match.span(), _read_number(match, text)))
    values: list[Value] = []
    rest, at = "", 0
    for start, end, value in sorted(found, key=lambda each: each[0]):
        before = text[at:start]
        superseded = _SUPERSEDED.search(before)
        if superseded is None:
            values.append(value)
        else:
            before = before[: superseded.start()]
        rest += f"{before} "
        at = end
    rest += text[at:]
    denials = len(NEGATION.findall(rest)) + len(_NO.findall(rest))
    rest = _YES.sub(" ", _NO.sub(" ", NEGATION.sub(" ", _APPROXIMATE.sub(" ", rest))))
    light = _LIGHT.get(language, frozenset())
    words = distinct_terms(rest, language) - _find_function_terms(language) - light
    return Statement(words, tuple(values), denials % 2 == 1, _CONDITION.search(text) is not None)


def _is_name(before: str, language: str) -> bool:
    """Whether a number behind a text belongs to a name: "Room 4", "Python 3", "section 2"."""
    match = _LAST_WORD.search(before[-_LONGEST_WORD:])
    if match is None:
        return False
    word = match["word"]
    if word.casefold() in _NUMBERED:
        return True
    function = word.casefold() in FUNCTION_WORDS.get(language, frozenset())
    capital = word[0].isupper() and not function and language not in CAPITALISED
    return capital and not word.isupper() and _APPROXIMATE.fullmatch(word) is None


def cut_addition(text: str) -> str:
    """Return the first clause of a sentence, without what is only added to it; "" if none is.

    What follows may restrict the clause to some cases ("…, if …"), or the clause may begin with
    such a restriction ("For guests, …"). Then it does not hold alone, and "" is returned.
    """
    joint = _JOINT.search(text)
    if joint is None or _RESTRICTS.search(text[joint.start() :]):
        return ""
    clause = text[: joint.start()].strip()
    begins = _RESTRICTS.match(clause) is not None
    return "" if begins or len(clause.split()) < _SHORTEST_CLAUSE else clause


def _read_number(match: re.Match[str], text: str) -> tuple[Number, ...]:
    """Return the readings of a number: "1.500" is a thousand and more in some countries."""
    figures = match["figures"]
    values = {read_figures(figures)}
    if _GROUPED.fullmatch(figures):
        values.add(float(re.sub("[.,]", "", figures)))
    before = text[: match.start()].split()[-1:]
    approximate = bool(before) and _APPROXIMATE.fullmatch(before[0].rstrip(".")) is not None
    digits = len(re.sub(r"[.,]", "", figures).strip("0")) or 1
    sign = -1.0 if match.group() != figures else 1.0
    return tuple(Number(sign * value, digits, approximate) for value in sorted(values))


@lru_cache
def _find_function_terms(language: str) -> frozenset[str]:
    words = FUNCTION_WORDS.get(language, frozenset())
    return frozenset[str]().union(*(distinct_terms(word, language) for word in words))
