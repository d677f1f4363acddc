"""Years that a follow-up names by the previous question: "that year", "the year before that"."""

from __future__ import annotations

import re

from rag.questions.replacement import YEAR
from rag.types import Turn

# Ends what "the year before" says by itself: "the year before the war" is about another year.
_END = r"(?=\s*(?:[?.,;!]|$))"

# By language: patterns, the years to add, and how the year is written. "Next year" and "last year"
# are left out: they are seen from today.
_RELATIVE = {
    "en": (
        (r"(?:in |during )?(?:that(?: very)?|the(?: very)? same) year\b(?!['’])", 0, "in {}"),  # noqa: RUF001
        (
            r"(?:in |during )?(?:the (?:previous|preceding) year|(?:the|a|one) year"
            rf" (?:before|earlier|prior)(?: (?:that|it)\b)?{_END})",
            -1,
            "in {}",
        ),
        (
            r"(?:in |during )?(?:the following year|(?:the|a|one) year"
            rf" (?:after|later|afterwards)(?: (?:that|it)\b)?{_END})",
            1,
            "in {}",
        ),
    ),
    "de": (
        (
            r"(?:in (?:diesem|jenem|demselben|dem(?: gleichen)?)|im (?:selben|gleichen)) Jahr\b",
            0,
            "im Jahr {}",
        ),
        (r"(?:im|das|ein) Jahr (?:davor|zuvor|früher|vorher)\b|im Vorjahr\b", -1, "im Jahr {}"),
        (
            r"(?:im|das|ein) Jahr (?:danach|später|darauf)\b|im (?:Folgejahr|folgenden Jahr)\b",
            1,
            "im Jahr {}",
        ),
    ),
    "fr": (
        (r"(?:en )?cette année-là\b|(?:dans |en )?la même année\b", 0, "en {}"),
        (rf"l['’]année (?:d['’]avant|précédente)\b|un an (?:plus tôt|avant){_END}", -1, "en {}"),  # noqa: RUF001
        (rf"l['’]année (?:d['’]après|suivante)\b|un an (?:plus tard|après){_END}", 1, "en {}"),  # noqa: RUF001
    ),
    "es": (
        (r"(?:en )?(?:ese|aquel|el mismo|ese mismo) año\b", 0, "en {}"),
        (rf"(?:en )?el año (?:anterior|previo)\b|un año antes{_END}", -1, "en {}"),
        (rf"(?:en )?el año siguiente\b|un año después{_END}", 1, "en {}"),
    ),
}


def name_years(text: str, before: Turn, language: str) -> str:
    """Return a follow-up with such a year written in digits; unchanged if the year is unknown.

    It is the only year of the previous question; if that has none, of its short answer.
    """
    year = _find_year(before)
    if year is None:
        return text
    for pattern, later, written in _RELATIVE[language]:
        text = re.sub(pattern, written.format(year + later), text, flags=re.IGNORECASE)
    return text


def _find_year(before: Turn) -> int | None:
    answer = before.answer
    for text in (before.standalone, *(answer.text[start:end] for start, end in answer.emphasis)):
        years = {*YEAR.findall(text)}
        if years:
            return int(years.pop()) if len(years) == 1 else None
    return None
