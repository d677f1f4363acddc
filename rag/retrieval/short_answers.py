"""Finds short answers in a sentence: spans of the kind that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index import DEFAULT_LANGUAGE, split_terms
from rag.questions.parse import Question
from rag.questions.vocabulary import Kind

Span = tuple[int, int]
SPAN_KINDS: frozenset[Kind] = frozenset(("person", "date", "place", "number", "reason"))
"""The kinds of answer that can be recognised by the form of a span."""

_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan\\.?|Feb\\.?|Mar\\.?|Apr\\.?|Jun\\.?|Jul\\.?|Aug\\.?|Sept?\\.?|Oct\\.?|Nov\\.?|Dec\\.?"
    "|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember"
    "|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_YEAR = r"(?:1\d{3}|20\d{2})"
_DATE = re.compile(
    rf"\b(?:(?:{_DAYS}),?\s+)?(?:"
    rf"\d{{1,2}}(?:st|nd|rd|th|\.|er)?\s+(?:of\s+|de\s+)?(?:{_MONTHS})(?:,?\s+(?:de\s+)?{_YEAR})?"
    rf"|(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:\s*,?\s*{_YEAR})?"
    rf"|(?:{_MONTHS})\s+{_YEAR}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
    rf"|(?:early|mid|late)?[\s-]?{_YEAR}s?(?:\s*[-–]\s*{_YEAR})?"  # noqa: RUF001
    rf"|\d{{1,2}}(?:st|nd|rd|th)\s+century)\b"
    rf"|\b(?:(?:last|next|this|on|since|until|in)\s+)?(?:{_DAYS}|{_MONTHS})\b"
    rf"|\b(?:last|next|this)\s+(?:week|month|year|decade|century)\b|\b(?:yesterday|tomorrow)\b"
)
# Number words, and units that are written out, by language. Words for "one" are articles, too.
_NUMBER_WORDS = {
    "en": (
        "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
        "|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
        "|hundreds?|thousands?|millions?|billions?|half|dozens?|none"
    ),
    "de": (
        "zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|(?:drei|vier|fünf|sech|sieb|acht"
        "|neun)(?:zehn|zig)|zwanzig|dreißig|(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun)?"
        "(?:hundert|tausend)|millionen|milliarden|hälfte|drittel[ns]?|viertel[ns]?|dutzend"
    ),
    "fr": (
        "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
        "|vingt|trente|quarante|cinquante|soixante|cents?|mille|millions?|milliards?|moitié|tiers"
        "|quarts?|dizaines?|douzaines?"
    ),
    "es": (
        "dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|veinte"
        "|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien(?:tos)?|mil|millones"
        "|mitad|tercios?|cuartos?|docenas?"
    ),
}
_UNITS = {
    "en": (
        "percent|per cent|euros?|dollars?|pounds?|km|kg|m|miles?|kilometres?|kilometers?|metres?"
        "|meters?|feet|years?|months?|weeks?|days?|hours?|minutes?"
    ),
    "de": (
        "prozent|euro|km|kg|m|metern?|kilometern?|jahr(?:en?)?|monat(?:en?)?|wochen?|tag(?:en?)?"
        "|stunden?|minuten?"
    ),
    "fr": (
        "pour ?cent|euros?|km|kg|m|mètres?|kilomètres?|ans?|années?|mois|semaines?|jours?|heures?"
        "|minutes?"
    ),
    "es": (
        "por ciento|euros?|km|kg|m|metros?|kilómetros?|años?|mes(?:es)?|semanas?|días?|horas?"
        "|minutos?"
    ),
}
_NUMBERS = {
    language: re.compile(
        rf"(?:[$€£¥]\s?)?\b(?:\d+(?:[.,]\d+)*|(?:{words}))\b"
        rf"(?:[\s-](?:(?:hundred|thousand|million|billion|trillion|quart|cuarto|tercio)s?"
        r"|viertel|drittel|tiers|millionen|millones))*"
        rf"(?:\s?(?:%|°C|°F)|\s(?:{_UNITS[language]})\b)?",
        re.IGNORECASE,
    )
    for language, words in _NUMBER_WORDS.items()
}
_NAME_WORD = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]*[\w]"  # noqa: RUF001
_NAME = re.compile(
    rf"{_NAME_WORD}(?:\s+(?:(?:of|the|de|la|van|von|vel|der|den|di|da|bin|al|and)\s+)?{_NAME_WORD})*"
)
_PREPOSITIONS = {
    "en": "in|at|near|from|to|into|on|of|through|across|outside|within",
    "de": "in|im|bei|beim|nach|aus|von|vom|zu|zum|zur|durch|an|am|auf|nahe",
    "fr": "à|au|aux|en|dans|de|du|des|près de|vers|par|sur",
    "es": "en|a|al|de|del|hacia|desde|por|cerca de|sobre",
}
_ARTICLES = {
    "en": "an?|the",
    "de": "der|die|das|den|dem|des|eine?[mnrs]?",
    "fr": "l[ae]s?|une?|des",
    "es": "el|la|los|las|una?|unos|unas",
}
_PLACE_CUES = {
    language: re.compile(
        rf"(?:\b(?:{words})\s+(?:(?:{_ARTICLES[language]})\s+)?|\b[dl]['’])$",  # noqa: RUF001
        re.IGNORECASE,
    )
    for language, words in _PREPOSITIONS.items()
}
_ARTICLE_BEFORE = {
    language: re.compile(rf"\b(?:{words})\s+$", re.IGNORECASE)
    for language, words in _ARTICLES.items()
}
_REASONS = {
    language: re.compile(rf"\b(?:{words})\b[^.;]*", re.IGNORECASE)
    for language, words in {
        "en": (
            "because|since|due to|owing to|in order to|so that|as a result of|thanks to|caused by"
            "|therefore|which is why|on account of|for fear|so as to"
        ),
        "de": "weil|wegen|aufgrund|auf Grund|damit|deshalb|daher|denn|um zu|infolge|dank",
        "fr": "parce qu[e']|en raison|à cause|car|afin|puisqu[e']|grâce à|pour que",
        "es": "porque|debido a|a causa de|ya que|puesto que|para que|gracias a",
    }.items()
}
_COPULAS = {
    language: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for language, words in {
        "en": "is|are|was|were|means|refers to|denotes|stands for",
        "de": "ist|sind|war|waren|bedeutet|heißt|bezeichnet",
        "fr": "est|sont|était|étaient|signifie|désigne",
        "es": "es|son|era|eran|fue|significa|designa",
    }.items()
}
_SUBJECT = 10  # terms before the verb
_QUOTED = re.compile(r"[“\"„«]([^“”\"„«»]{2,200})[”\"“»]")
_SAYING = re.compile(
    r"\b(?:say|said|tell|told|call|called|describe[ds]?|name[ds]?|term|reply|answer)\b"
)
_NOT_NAMES = {
    language: frozenset(words.split())
    for language, words in {
        "en": (
            "The A An In On At It He She They We I This That These Those There But And Or As "
            "For If When While After Before Since Not No His Her Their Its Our Also However "
            "Although By From With To What Who Where Why How"
        ),
        "de": (
            "Der Die Das Den Dem Des Ein Eine In Im Am An Er Sie Es Wir Ich Und Oder Aber Als Wenn "
            "Nach Vor Bei Mit Für Von Zu Seit Auch Doch Dieser Diese Dieses Sein Seine Ihr Ihre"
        ),
        "fr": (
            "Le La Les Un Une Des Du Il Elle Ils Elles On Et Ou Mais En Dans À Au Aux Pour Par Sur "
            "Ce Cette Ces Son Sa Ses Leur Leurs Après Avant Selon Avec Depuis"
        ),
        "es": (
            "El La Los Las Un Una En Y O Pero Con De Del Al Por Para Según Su Sus Este Esta Estos "
            "Desde Después Antes Tras Cuando También"
        ),
    }.items()
}


def find_spans(kind: Kind, text: str, language: str = DEFAULT_LANGUAGE) -> list[Span]:
    """Return the spans of a sentence that could answer a question of this kind, in order."""
    if kind == "date":
        return [match.span() for match in _DATE.finditer(text)]
    if kind == "number":
        pattern = _NUMBERS.get(language, _NUMBERS[DEFAULT_LANGUAGE])
        return [match.span() for match in pattern.finditer(text)]
    if kind == "reason":
        return [match.span() for match in _REASONS[language].finditer(text)]
    if kind in ("person", "place"):
        return list(_find_names(text, kind, language))
    return []


def _find_names(text: str, kind: Kind, language: str) -> Iterator[Span]:
    dates = [match.span() for match in _DATE.finditer(text)]
    for match in _NAME.finditer(text):
        start, end = match.span()
        words = match.group().split()
        while words and words[0] in _NOT_NAMES[language]:
            start = text.find(words[1], start + len(words[0])) if len(words) > 1 else end
            words = words[1:]
        if not words or any(start < b and a < end for a, b in dates):
            continue
        if kind == "place" and not _PLACE_CUES[language].search(text[:start]):
            continue
        if kind == "person" and _ARTICLE_BEFORE[language].search(text[:start]):
            continue  # names of people have no article; those of parties, offices and countries do
        yield start, end


def novel_spans(question: Question, text: str) -> list[Span]:
    """Return the spans that could answer the question and are more than its own words."""
    wanted = set(question.terms)
    spans = [
        _cut_asked(question, span, text)
        for span in find_spans(question.kind, text, question.language)
    ]
    spans = [(start, end) for start, end in spans if start < end]
    if question.kind not in ("person", "place"):
        return spans
    # A name that still contains the question's words is the office or thing that it asks about.
    return [span for span in spans if not wanted & _terms(question, text, span)] or spans


def _terms(question: Question, text: str, span: Span) -> set[str]:
    return set(split_terms(text[slice(*span)], question.language))


def _cut_asked(question: Question, span: Span, text: str) -> Span:
    """Remove the question's words from the start: "minister" is not part of a minister's name."""
    start, end = span
    wanted = set(question.terms)
    for word in re.finditer(r"\S+", text[start:end]):
        if not set(split_terms(word.group(), question.language)) <= wanted:
            return start + word.start(), end
    return end, end


def states_definition(question: Question, text: str) -> bool:
    """Whether a sentence begins with a definition of the thing that the question asks about."""
    copula = _COPULAS[question.language].search(text)
    if copula is None:
        return False
    subject = split_terms(text[: copula.start()], question.language)
    return len(subject) <= _SUBJECT and set(question.terms) <= set(subject)


def choose_span(question: Question, text: str) -> Span | None:
    """Return the likely short answer in a sentence; None if there is no clear one.

    No span is better than a wrong one. Apart from the kinds of `find_spans`, only quoted text
    counts, and only if the question is about something that was said.
    """
    spans = novel_spans(question, text)
    if spans:
        return min(spans, key=lambda span: _unlikeliness(question, text, span))
    if question.kind == "other" and _SAYING.search(question.text):
        wanted = set(question.terms)
        quotes = [match.span() for match in _QUOTED.finditer(text)]
        return max(
            quotes,
            key=lambda span: len(_terms(question, text, span) - wanted),
            default=None,
        )
    return None


def _unlikeliness(question: Question, text: str, span: Span) -> tuple[bool, float]:
    """Return the sort key of a span: names of several words first for people, then the distance."""
    single = question.kind == "person" and len(text[slice(*span)].split()) == 1
    return single, _distance(question, text, span)


def _distance(question: Question, text: str, span: Span) -> float:
    """Return the mean distance of a span to the nearest words of the question, in characters."""
    wanted = set(question.terms)
    gaps = [
        max(match.start() - span[1], span[0] - match.end(), 0)
        for match in re.finditer(r"\w+", text)
        if wanted & set(split_terms(match.group(), question.language))
    ]
    return sum(sorted(gaps)[:3]) / max(len(gaps[:3]), 1) if gaps else span[0]
