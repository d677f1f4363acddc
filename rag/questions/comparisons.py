"""Comparisons -> a question for each side.

"Poetry against Pipenv: what does each expect?" and "the difference between X and Y" are answered in
two places. So each side becomes a question, with the words around both sides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.questions.vocabulary import CAPITALISED, VERBS

ARTICLE = r"(?:the|an?|der|die|das|den|dem|eine?[mnr]?|les?|la|l'|une?|el|los|las|una?)\s+"
PREPOSITIONS = {
    "en": "in|on|at|for|with|by|from|to|of|until|since|about",
    "de": "in|im|an|am|auf|für|mit|bei|von|bis|seit|über|aus|zu",
    "fr": "en|dans|à|pour|avec|par|de|depuis|sur",
    "es": "en|a|para|con|por|de|desde|sobre|hasta",
}
_AND = {"en": "and|or", "de": "und|oder", "fr": "et|ou", "es": "y|o"}
_QUESTION_WORDS = {
    "en": r"(?:which|what|who|where|when|how|why)\b",
    "de": r"(?:welche[rsnm]?|was|wer|wo|wann|wie|warum)\b",
    "fr": r"(?:quel(?:le)?s?|qui|où|quand|comment|combien|pourquoi)\b",
    "es": r"¿?(?:cuál(?:es)?|qué|quién|dónde|cuándo|cómo|cuánt[oa]s?)\b",
}
_BOTH = {"en": "and", "de": "und", "fr": "et", "es": "y"}
_SECOND = {  # a second side, before a further question: "… and when are they due?"
    language: rf"(?P<b>[^,?]+?)(?=,|\?|$| {both} {_QUESTION_WORDS[language]})"
    for language, both in _BOTH.items()
}
_DIFFER = {
    "en": (
        rf"\b(?:differences?|comparison) between (?P<a>.+?) (?:and|or) {_SECOND['en']}",
        rf"\bcompare (?P<a>.+?) (?:and|with|to) {_SECOND['en']}",
        r"\bhow (?:is|are|was|were|does|do|did) (?P<a>.+?) (?:different|differ|distinct) from "
        r"(?P<b>[^,?]+)",
        r"\bhow do (?P<a>.+?) and (?P<b>.+?) (?:differ|compare)\b",
    ),
    "de": (
        rf"\b(?:unterschiede?|vergleich)(?: \w+)? zwischen (?P<a>.+?) und {_SECOND['de']}",
        r"\b(?:worin|wie) unterscheide[nt] sich (?P<a>.+?) (?:und|von) (?P<b>[^,?]+)",
    ),
    "fr": (rf"\b(?:différences?|comparaison)(?: y a-t-il)? entre (?P<a>.+?) et {_SECOND['fr']}",),
    "es": (rf"\b(?:diferencias?|comparación)(?: \w+)? entre (?P<a>.+?) y {_SECOND['es']}",),
}
_AGAINST = {  # words that occur only between two sides
    "en": r"versus|vs\.?|compared (?:to|with)|as opposed to|against",
    "de": r"gegenüber|verglichen mit|im vergleich zu|im gegensatz zu|vs\.?",
    "fr": r"par rapport à|contre|vs\.?",
    "es": r"frente a|comparado con|contra|vs\.?",
}
_OR = {"en": "or", "de": "oder", "fr": "ou", "es": "o"}
_TAIL = {  # after the second side they begin words that apply to both
    "en": "in|on|at|for|during",
    "de": "in|im|auf|bei|für|während",
    "fr": "en|dans|pendant|pour",
    "es": "en|durante|para",
}
_WHAT_IS = {
    "en": "What is {}?",
    "de": "Was ist {}?",
    "fr": "Qu'est-ce que {} ?",
    "es": "¿Qué es {}?",
}
_SEGMENT = re.compile(r"(?P<text>.+?)(?P<end>: |; | - | – |, |[?.!]*$)")  # noqa: RUF001
_MOST_WORDS = 8  # words of a side; a longer one is a clause
_MOST_ALONE = 5  # words of a first side, if there is no other limit
_SUBJECTS = {  # "Did the Cubs or the Red Sox win more games?"
    "en": (
        r"^(?P<start>(?:did|does|do|has|have) )(?P<a>[^,]+?) or (?P<b>[^,]+?)"
        r"(?P<rest> \w+ (?:more|less|fewer|\w{2,}er)\b.*)$",
        r"^(?P<start>(?:is|are|was|were) )(?P<a>[^,]+?) or (?P<b>[^,]+?)"
        r"(?P<rest> (?:(?:the )?(?:more|less)|\w{2,}er|better|worse)\b.*)$",
    ),
    "de": (
        r"^(?P<start>(?:ist|sind|war|waren|hat|haben) )(?P<a>[^,]+?) oder (?P<b>[^,]+?)"
        r"(?P<rest> (?:mehr|weniger|\w{2,}er)\b.*)$",
    ),
    "fr": (),
    "es": (),
}
_COUNTED = re.compile(r"(?:the )?(?:two|three|four|five|\d+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """A side of a comparison: the question for it, and its name as the user put it.

    `otherwise` is another way to complete the question, where the first side says more.
    """

    text: str
    name: str
    otherwise: str = ""


def split_sides(text: str, language: str) -> tuple[Side, ...]:
    """Return the sides of a comparison in order; none if the text compares nothing."""
    return (
        _split_difference(text, language)
        or _split_segment(text, language)
        or _split_subjects(text, language)
        or _split_phrases(text, language)
    )


def _split_difference(text: str, language: str) -> tuple[Side, ...]:
    """Split "the difference between X and Y"; each question keeps the words around both sides."""
    for pattern in _DIFFER[language]:
        match = re.search(pattern, text, re.IGNORECASE)
        if match is None or _COUNTED.match(match["a"]):
            continue
        sides = _share_words(match["a"].strip(), match["b"].strip(" ?.!"), language)
        if any(len(side.split()) > _MOST_WORDS for side in sides):
            continue
        before = re.split(r"[,:][^,:]*$", text[: match.start()])[0]
        before = before if before != text[: match.start()] else ""
        after = re.sub(rf"^ *{_BOTH[language]} ", "", text[match.end() :], flags=re.IGNORECASE)
        tail = f"{after.strip(' ,?')} {before}".strip()
        asks = _WHAT_IS[language]
        return tuple(
            Side(asks.format(f"{side} {tail}".strip()), _strip_article(side)) for side in sides
        )
    return ()


def _split_segment(text: str, language: str) -> tuple[Side, ...]:
    """Split "X or Y: which is larger?" and "Which is larger, X or Y?".

    The sides are a segment of the text, between colons, commas and dashes. Each is asked for with
    the other segments.
    """
    segments = list(_SEGMENT.finditer(text))
    for strict in (True, False):
        between = _AGAINST[language] if strict else rf"(?:{_OR[language]})"
        for before, segment in zip((None, *segments), segments, strict=False):
            match = re.fullmatch(rf"(?P<a>.+?) (?:{between}) (?P<b>.+)", segment["text"], re.I)
            if match is None:
                continue
            first, second = match["a"], match["b"]
            names = [_is_name(side, language) for side in (first, second)]
            if not (all(names) or (strict and names[0] and len(segments) > 1)):
                continue  # "X vs. the share if it is sold: …" names its second side by a clause
            around = text[: segment.start()] + text[segment.end() :]
            if not strict and before and before["end"] == ", " and not _asks(before, language):
                continue  # the last of three: "a cache, a mirror or a proxy"
            alone = not around.strip(" ?.!")
            if alone and len(first.split()) > _MOST_ALONE:
                continue  # a sentence: "plants are shifted in the photos against the map"
            asks = _WHAT_IS[language] if alone else ""
            start, end = text[: segment.start()], text[segment.end("text") :]
            if all(names):
                first, second = _share_words(first, second, language)
            long = _lengthen(first, second) if all(names) else ""
            return (
                Side(_ask(start, first, end, asks), _strip_article(first)),
                Side(
                    _ask(start, second, end, asks),
                    _strip_article(second),
                    _ask(start, long, end, asks) if long else "",
                ),
            )
    return ()


def _split_subjects(text: str, language: str) -> tuple[Side, ...]:
    """Split "Did X or Y win more?", a question whose subjects are the two sides."""
    for pattern in _SUBJECTS[language]:
        match = re.search(pattern, text, re.IGNORECASE)
        if match and all(_is_name(match[side], language) for side in "ab"):
            return tuple(
                Side(f"{match['start']}{side}{match['rest']}", _strip_article(side))
                for side in (match["a"], match["b"])
            )
    return ()


def _ask(start: str, side: str, end: str, asks: str) -> str:
    return asks.format(side) if asks else f"{start}{side}{end}"


def _asks(segment: re.Match[str], language: str) -> bool:
    """Whether a segment begins with a question word: "Which is larger, …"."""
    return bool(re.match(_QUESTION_WORDS[language], segment["text"], re.IGNORECASE))


def _lengthen(first: str, second: str) -> str:
    """Return the second side with the words that it shares with the first: "numbness in one".

    In "numbness in both legs or in one", "in one" replaces the end of the first side that begins
    with the same word. If there is no such word, it replaces as many words as it has. Returns ""
    if nothing of the first side is left.
    """
    words, others = first.split(), second.split()
    same = [at for at, word in enumerate(words) if at and word.casefold() == others[0].casefold()]
    kept = same[-1] if same else len(words) - len(others)
    return " ".join((*words[:kept], second)) if kept > 0 else ""


def _is_name(side: str, language: str) -> bool:
    """Whether a side is a name and not a clause: it has few words and no verb."""
    words = re.findall(r"[\w'’]+", side.casefold())  # noqa: RUF001
    return 0 < len(words) <= _MOST_WORDS and not any(word in VERBS[language] for word in words)


def _split_phrases(text: str, language: str) -> tuple[Side, ...]:
    """Split "in 1993 or in 2003", "with and without X": the rest of the question is the same."""
    prepositions = PREPOSITIONS[language]
    without = re.search(r"\b(?P<a>with) (?:and|or) (?P<b>without) (?=\w)", text, re.IGNORECASE)
    phrase = rf"(?:(?:{ARTICLE})?[\w'’.-]+(?: (?!(?:{prepositions})\b)[\w'’.-]+){{0,3}}?)"  # noqa: RUF001
    choice = without or re.search(
        rf"\b(?P<a>(?P<word>{prepositions}) {phrase}),? (?:{_AND[language]}) "
        rf"(?P<b>(?P=word) {phrase})(?=\W*$|,)",
        text,
        re.IGNORECASE,
    )
    if choice is None:
        return ()
    before, after = text[: choice.start()], text[choice.end() :]
    return tuple(
        Side(f"{before}{side}{' ' if without else ''}{after}".strip(), side)
        for side in (choice["a"], choice["b"])
    )


def _share_words(first: str, second: str, language: str) -> tuple[str, str]:
    """Give the first side the words that only the second has, but that are said of both.

    "partial versus full sync in data" is about the partial sync in data. A capital letter makes a
    word a name ("SEP or solo 401k"), which needs no noun.
    """
    tail = re.search(rf"\s(?:{_TAIL[language]})\s.+$", second)
    if tail and not re.search(rf"\s(?:{'|'.join((_TAIL[language], 'of', 'to'))})\s", first):
        named, _ = _share_words(first, second[: tail.start()], language)
        return named + tail.group(), second
    bare = [_strip_article(side).split() for side in (first, second)]
    is_adjective = len(bare[0]) == 1 and not re.search(r"\d|\w[A-Z]", bare[0][0])
    if language in CAPITALISED:  # "Basisgeld oder Geld Plus": a noun, but "Private oder …"
        is_adjective &= bool(re.search(r"^[a-zäöü]|e[mnrs]?$", bare[0][0]))
    if is_adjective and len(bare[1]) > 1:
        return " ".join((first, *bare[1][1:])), second
    return first, second


def _strip_article(side: str) -> str:
    return re.sub(f"^{ARTICLE}", "", side, flags=re.IGNORECASE)
