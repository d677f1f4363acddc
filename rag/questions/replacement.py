"""Follow-ups that replace one part of the previous question, such as "And in Norway?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.questions.moments import Span, find_days
from rag.questions.vocabulary import CAPITALISED, FUNCTION_WORDS, VERBS

OPENERS = {
    "en": "and what about|and how about|and|but|so|or|then|also|what about|how about",
    "de": "und|aber|oder|dann|auch|was ist mit|und was ist mit|wie ist es mit",
    "fr": "et|mais|ou|alors|aussi|qu'en est-il de",
    "es": "y|pero|o|entonces|también|qué hay de",
}
"""The words that a follow-up begins with, as patterns, by language."""

_PREPOSITIONS = {
    "en": "in|for|at|on|to|with|by|from|during|under|after|before|without|about|off|over|until",
    "de": "in|im|für|bei|beim|am|an|mit|von|vom|aus|unter",
    "fr": "en|à|au|aux|pour|avec|dans|sous",
    "es": "en|para|con|a|al|bajo",
}
YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*(?![\w])")
_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w'’.&-]*(?:\s+[^\W\d_a-zß-öø-ÿ][\w'’.&-]*)*")  # noqa: RUF001
_WORD = re.compile(r"\w+(?:['’.-]\w+)*")  # noqa: RUF001
_LITTLE = frozenset[str]().union(*FUNCTION_WORDS.values())
_MAX_WORDS = 5  # of the replacement
_MOST_PHRASE = 3  # words of the previous question that one thing replaces


def find_fragment(question: str, language: str) -> str | None:
    """Return what a follow-up says without its opening word, if that is no sentence of its own.

    "And for guests?" says "for guests". None if it has a verb or a question word, or is long.
    """
    opened = re.match(rf"^\W*(?:{OPENERS[language]})\s+", question, re.IGNORECASE)
    rest = question[opened.end() :] if opened else question
    rest = rest.strip(" ¿?!.,")
    words = [word.casefold() for word in _WORD.findall(rest)]
    day = _find_day(rest)  # "6 May" has no verb
    undated = rest if day is None else rest[: day[0]] + rest[day[1] :]
    asks = any(word.casefold() in VERBS[language] for word in _WORD.findall(undated))
    return rest if words and len(words) <= _MAX_WORDS and not asks else None


def replace_entity(before: str, question: str, language: str) -> str | None:
    """Return the previous question with one part replaced by that of a follow-up.

    A day replaces a day, a year a year, a number a number, a name a name, and a phrase with a
    preposition the last phrase with the same preposition. None if the follow-up contains more than
    that, or the previous question has no such part.
    """
    rest = find_fragment(question, language)
    if rest is None:
        return None
    old_day, new_day = _find_day(before), _find_day(rest)
    if old_day is not None and new_day is not None:
        return before[: old_day[0]] + rest[slice(*new_day)] + before[old_day[1] :]
    for kind in (YEAR, _NUMBER):
        new = kind.findall(rest)
        if len(new) == 1 and len(kind.findall(before)) == 1:
            old = kind.findall(before)[0]
            return before.replace(old, new[0])
    preposition = re.match(rf"({_PREPOSITIONS[language]})\s+(?=\w)", rest, re.IGNORECASE)
    if preposition is not None:
        replaced = _replace_phrase(before, preposition[1], rest, language)
        if replaced is not None:
            return replaced
        if language in CAPITALISED:
            return None
        rest = rest[preposition.end() :]
    named = _NAME.fullmatch(re.sub(r"^(?:the|der|die|das|la|le|el)\s+", "", rest))
    names = [name for name in _NAME.finditer(before) if name.start() > 0]
    if named is None or not names:
        return None
    first = names[0]
    return before[: first.start()] + named.group() + before[first.end() :]


def _find_day(text: str) -> Span | None:
    """Return the span of the only date of a text that names a day; else None."""
    days = find_days(text)
    return days[0][0] if len(days) == 1 else None


def find_phrases(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of up to three consecutive words that carry meaning."""
    known = FUNCTION_WORDS[language] | VERBS[language]
    words = list(_WORD.finditer(text))
    for first, word in enumerate(words):
        for last in range(first, min(first + _MOST_PHRASE, len(words))):
            between = text[words[last - 1].end() : words[last].start()] if last > first else ""
            if between.strip() or words[last].group().casefold() in known:
                break
            yield word.start(), words[last].end()


def opens_with_preposition(text: str, language: str) -> bool:
    """Whether a text begins with a preposition: it is no thing, but a place, time or the like."""
    return bool(re.match(rf"(?:{_PREPOSITIONS[language]})\s", text, re.IGNORECASE))


def strip_function_words(text: str, language: str) -> str:
    """Return a text without the articles and prepositions that it begins with."""
    known = FUNCTION_WORDS[language]
    words = list(_WORD.finditer(text))
    first = next((word for word in words if word.group().casefold() not in known), None)
    return text[first.start() :] if first else ""


def _replace_phrase(before: str, preposition: str, rest: str, language: str) -> str | None:
    """Replace the last phrase with `preposition`; None if there is none.

    A phrase ends at the next preposition, at a conjunction or verb, or at the end of the clause. If
    it starts with a name, it ends after the name: in "in Norway last year" it is "in Norway".
    """
    phrases = list(
        re.finditer(
            rf"\b{preposition}\s+(?:(?:the|a|an|der|die|das|dem|den|la|le|les|el|los|las)\s+)?"
            rf"(?P<what>{_NAME.pattern}|\w[\w'’-]*(?:\s+(?!(?:{_PREPOSITIONS[language]}|and|or|und"  # noqa: RUF001
            rf"|is|are|was|were|be|have|has)\b)\w[\w'’-]*){{0,3}}?(?=\W*$|[,?]|\s))",  # noqa: RUF001
            before,
            re.IGNORECASE if preposition.islower() else 0,
        )
    )
    if not phrases:
        return None
    last = phrases[-1]
    return put_between(before[: last.start()], rest, before[last.end() :])


def put_between(start: str, rest: str, end: str) -> str:
    """Return `rest` between two texts, without what it says again of the text behind it.

    "in an even year" before "year" is said once, and so is "in week seven" before "first week". A
    "one" before a noun stands for it: "for an Intel one" before "Audacity" is "for an Intel".
    """
    said = {word.casefold() for word in _WORD.findall(rest)}
    following = list(_WORD.finditer(end))[:_MOST_PHRASE]
    again = [word for word in following if word.group().casefold() in said]
    if again and again[-1].group().casefold() not in _LITTLE:
        end = end[again[-1].end() :]
    elif following and end[: following[0].start()].isspace():
        rest = re.sub(r"(?<=\w) ones?$", "", rest)
    return start + rest + end
