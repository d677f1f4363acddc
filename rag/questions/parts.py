"""A question that asks for two things -> questions for one thing each.

Two questions in one ("Who signs, and by when?") and the sides of a comparison ("X or Y", "the
difference between X and Y") are answered in different places, and are searched for apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.questions.comparisons import PREPOSITIONS, split_sides
from rag.questions.replacement import replace_entity
from rag.questions.vocabulary import FUNCTION_WORDS

_AND = {"en": "and|or", "de": "und|oder", "fr": "et|ou", "es": "y|o"}
_ASKS = {
    "en": (
        "who|whom|whose|what|when|where|which|why|how|(?:is|are|was|were|do|does|did|can|could"
        "|must|should|will|would|has|have|may) (?:i|we|you|they|he|she|it|the|an?|my|our|this)"
    ),
    "de": (
        "wer|wem|wen|was|wann|wo|woher|wohin|welche[rsnm]?|warum|wie|(?:ist|sind|war|kann|muss"
        "|darf|hat|haben|gibt) (?:ich|wir|man|sie|er|es|der|die|das|eine?)"
    ),
    "fr": "qui|quoi|quand|où|quel(?:le)?s?|pourquoi|comment|combien|est-ce|a-t-il|peut-on",
    "es": "quién(?:es)?|qué|cuándo|dónde|cuál(?:es)?|por qué|cómo|cuánt[oa]s?",
}
_SAME = {  # words that a second question may open with as the first did, without "and"
    "en": "which|what|how",
    "de": "welche[rsnm]?|was|wie",
    "fr": "quel(?:le)?s?|combien",
    "es": "cuál(?:es)?|cuánt[oa]s?",
}
_SHARED = {  # prepositions of what a first question may leave to the second to say
    "en": "in|on|at|during",
    "de": "in|im|auf|bei|während",
    "fr": "en|dans|pendant",
    "es": "en|durante",
}
_OPENING = {
    "en": r"how \w+|(?:which|what)(?: ones?)?|\w+",
    "de": r"wie \w+|\w+",
    "fr": r"\w+",
    "es": r"\w+",
}
_CHOICE = {  # "Zerofree or ntfsclone? Which is for Windows?"
    language: re.compile(
        rf"(?!(?:{_ASKS[language]})\b)[^?.,]{{2,40}} (?:{either}|versus|vs\.?) [^?.,]{{2,40}}\? "
        rf"(?:{_ASKS[language]})\b",
        re.IGNORECASE,
    )
    for language, either in {"en": "or", "de": "oder", "fr": "ou", "es": "o"}.items()
}
_OWN_WORDS = 2  # that carry meaning, of a second question that stands for itself
_FIRST_WORDS = 3  # of a first question: fewer are no question ("how and when did …")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question, as a question.

    `label` is the part as the user put it; `compared` says that it is a side of a comparison.
    `otherwise` is another way to complete it. `beside` is a second question behind the first, and
    by itself: what answers it is likely for both.
    """

    text: str
    label: str
    compared: bool = False
    otherwise: str = ""
    beside: tuple[str, str] | None = None


def split_question(text: str, language: str) -> tuple[Part, ...]:
    """Return the parts of a question in order; none if it asks for one thing."""
    if _CHOICE[language].match(text):
        text = text.replace("? ", ": ", 1)
    if "? " in text:  # a follow-up behind what it follows
        return ()
    sides = tuple(
        Part(side.text, side.name, compared=True, otherwise=side.otherwise)
        for side in split_sides(text, language)
    )
    return sides or _split_clauses(text, language)


def names_several(text: str, language: str) -> bool:
    """Whether a text may ask for several things: it joins words with "and", or asks twice.

    Many questions of this kind ask for one thing. `split_question` is surer, and finds fewer.
    """
    return text.count("?") > 1 or bool(re.search(rf"\b(?:{_AND[language]})\b", text, re.IGNORECASE))


def _split_clauses(text: str, language: str) -> tuple[Part, ...]:
    """Split "Who signs, and by when?": a second part that says little takes after the first."""
    asks = rf"(?:(?:{PREPOSITIONS[language]}) )?(?:{_ASKS[language]})\b"
    both = _AND[language].split("|")[0]
    joins = rf",? {both} (?={asks})|, (?=(?:{_SAME[language]})\b)"
    for match in re.finditer(joins, text, re.IGNORECASE):
        first, second = text[: match.start()].strip(" ?"), text[match.end() :].strip()
        opened = re.search(rf"(?:^|\W){asks}", first, re.IGNORECASE)
        joined = match.group().startswith(", ") and not re.search(rf"{both} $", match.group(), re.I)
        if joined and not re.search(rf"\b{second.split()[0]}\b", first, re.IGNORECASE):
            continue  # "When I add one, what happens?"
        if opened and len(first[opened.start() :].split()) >= _FIRST_WORDS:
            completed = _complete(first, second, language)
            return (
                Part(_share_place(first, second, language), f"{first}?"),
                Part(completed, second, beside=(f"{first}? {second}", second)),
            )
    return ()


def _share_place(first: str, second: str, language: str) -> str:
    """Return a first question with the place or time that a short one leaves to the second."""
    phrase = re.search(rf" (?:{_SHARED[language]}) [^,]+$", second, re.IGNORECASE)
    short = len(_find_own_words(first, language)) <= _OWN_WORDS
    return f"{first}{phrase.group().rstrip(' ?') if phrase and short else ''}?"


def _complete(first: str, second: str, language: str) -> str:
    """Return a second question with what it leaves to the first to say.

    "which one for the user?" is the first question with its last such phrase replaced.
    """
    opening = re.match(_OPENING[language], second, re.IGNORECASE)
    if opening is not None:
        word = opening.group().split()[0]
        same = re.search(rf"(?:^|\W){re.escape(word)}\b", first, re.IGNORECASE)
        rest = second[opening.end() :].strip()
        replaced = replace_entity(first, rest, language) if same and rest else None
        if replaced is not None:
            return f"{replaced}?"
    if len(_find_own_words(second, language)) < _OWN_WORDS:
        return f"{first}? {second}"
    others = _find_own_words(first, language)[1:]
    names = [word for word in others if word[:1].isupper() or any(map(str.isdigit, word))]
    if names and not any(name in second for name in names):
        return f"{second.rstrip(' ?')} ({' '.join(names)})?"
    return second


def _find_own_words(text: str, language: str) -> list[str]:
    known = FUNCTION_WORDS[language]
    return [word for word in re.findall(r"[\w'-]+", text) if word.casefold() not in known]
