"""Question -> the condition on a number or a year that limits the rows it asks for.

"Which peaks are higher than 3,000 m?" has the condition "> 3000" on a column of heights. English
and German only.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from rag.quantities import GROUPED_BY_DOTS, find_quantities, write_in_digits
from rag.questions.measures import (
    AGES,
    DEPTHS,
    HEIGHTS,
    LENGTHS,
    PRICES,
    SIZES,
    SPEEDS,
    WEIGHTS,
    WIDTHS,
)

COMPARATIVES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"higher|taller|höher", ">", HEIGHTS),
    (r"lower|niedriger", "<", HEIGHTS),
    (r"heavier|schwerer", ">", WEIGHTS),
    (r"lighter|leichter", "<", WEIGHTS),
    (r"longer|länger", ">", LENGTHS),
    (r"shorter|kürzer", "<", LENGTHS),
    (r"more expensive|dearer|teurer", ">", PRICES),
    (r"cheaper|less expensive|billiger|günstiger", "<", PRICES),
    (r"deeper|tiefer", ">", DEPTHS),
    (r"wider|breiter", ">", WIDTHS),
    (r"older|älter", ">", AGES),
    (r"younger|jünger", "<", AGES),
    (r"faster|schneller", ">", SPEEDS),
    (r"slower|langsamer", "<", SPEEDS),
    (r"larger|bigger|größer", ">", SIZES),
    (r"smaller|kleiner", "<", SIZES),
    (r"more|greater|mehr", ">", ()),
    (r"less|fewer|weniger", "<", ()),
)
"""Comparatives as patterns, the bound that each sets, and the columns that it compares.

"Less expensive" comes before "less", since the first that is found counts.
"""

# Likewise a verb before the condition, or an adjective behind its number: "3 km long".
_VERBS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"costs?|kosten?", PRICES),
    (r"weighs?|wiegen|wiegt", WEIGHTS),
)
_ADJECTIVES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"long|lang", LENGTHS),
    (r"high|tall|hoch", HEIGHTS),
    (r"heavy|schwer", WEIGHTS),
    (r"deep|tief", DEPTHS),
    (r"wide|breit", WIDTHS),
    (r"old|alt", AGES),
)
_BOUNDS: tuple[tuple[str, str], ...] = (
    (r"at least|no less than|not less than|mindestens", ">="),
    (r"at most|no more than|not more than|up to|höchstens|maximal", "<="),
    (r"over|above|exceeding|über", ">"),
    (r"under|below|unter", "<"),
)
_YEARS: tuple[tuple[str, str], ...] = (
    (r"since|seit|in or after|in oder nach", ">="),
    (r"before|vor", "<"),
    (r"after|nach", ">"),
)
_BETWEEN = re.compile(r"\b(?:between|zwischen) (?P<a>.+?) (?:and|und) (?P<b>.+)$", re.IGNORECASE)
# "3 or more" is read as "at least 3", "6 years old" as "6 old": a column of ages has no unit.
_REWRITTEN = (
    (re.compile(r"(\S+) (?:or more|oder mehr)\b(?! than| als)", re.IGNORECASE), r"at least \1"),
    (
        re.compile(r"(\S+) (?:or less|or fewer|oder weniger)\b(?! than| als)", re.IGNORECASE),
        r"at most \1",
    ),
    (re.compile(r"\b(?:years? (old)|jahren? (alt))\b", re.IGNORECASE), r"\1\2"),
)
_YEAR = re.compile(r"(?:the year |dem jahr )?(?P<year>[12]\d{3})\b(?!\s*[.,]?\d)", re.IGNORECASE)
MEASURED_UNTIL = re.compile(
    r"[,;?!]|\b(?:of|in|for|at|on|from|with|among|to|do|does|did|is|are|was|were|has|have|had|there"
    r"|who|that|which|von|vom|der|des|im|am|für|bei|mit|unter|gibt|hat|haben|hatten?|ist|sind|war"
    r"|waren)\b",
    re.IGNORECASE,
)
"""The end of the words that name what is measured: a preposition, a verb, a punctuation mark."""

_GROUPED = re.compile(rf"(?<![\d.,]){GROUPED_BY_DOTS}(?![\d.,])")
_MOST_MEASURED = 3  # words behind the number: "20 parking spaces"


@dataclass(frozen=True, slots=True)
class Condition:
    """What the values of a column must be: from `low` to `high`.

    `open_low` and `open_high` say that the bound itself is outside. `unit` is that of the bounds,
    "" for none, as `rag.quantities` writes it; `timed` says that they are years. The column
    is named by the words `measured`, or is one of the `implied`: "heavier" implies a weight.
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    unit: str = ""
    timed: bool = False
    measured: str = ""
    implied: tuple[str, ...] = ()

    def holds(self, value: float) -> bool:
        """Whether a value meets the condition."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def miss(self, value: float) -> float:
        """Return how far a value is outside of the bounds, 0 for one within."""
        return max(self.low - value, value - self.high, 0.0)

    def write(self) -> str:
        """Return the bounds as signs and numbers: "> 3000"."""
        if self.timed and self.low > -math.inf and self.high < math.inf:
            return f"≥ {self.low:g}, ≤ {self.high - 1:g}"  # whole years
        low = f"{'>' if self.open_low else '≥'} {self.low:g}" if self.low > -math.inf else ""
        high = f"{'<' if self.open_high else '≤'} {self.high:g}" if self.high < math.inf else ""
        return ", ".join(filter(None, (low, high)))


def find_condition(text: str, language: str) -> tuple[Condition, str] | None:
    """Return the condition in a question and the question without it.

    None if there is no condition, or if its number cannot be read.
    """
    for pattern, rewritten in _REWRITTEN:
        text = pattern.sub(rewritten, text)
    between = _BETWEEN.search(text)
    if between is not None:
        return _read_between(text, between, language)
    for words, sign in _BOUNDS:
        found = re.search(rf"\b(?:{words}) ", text, re.IGNORECASE)
        if found is not None:
            return _read_bound(text, found, sign, language)
    for words, sign, implied in COMPARATIVES:
        found = re.search(
            rf"\b(?:{words})(?: (?P<what>[\w-]+(?: [\w-]+)?))? (?:than|als) ", text, re.IGNORECASE
        )
        if found is not None:
            return _read_bound(text, found, sign, language, implied, found["what"] or "")
    return _read_year(text)


def _read_year(text: str) -> tuple[Condition, str] | None:
    for pattern, sign in _YEARS:
        found = re.search(rf"\b(?:{pattern}) ", text, re.IGNORECASE)
        year = _YEAR.match(text, found.end()) if found is not None else None
        if found is not None and year is not None:
            number = int(year["year"])
            condition = {
                "<": Condition(high=number, open_high=True, timed=True),
                ">": Condition(low=number + 1, timed=True),
                ">=": Condition(low=number, timed=True),
            }[sign]
            return condition, _join(text[: found.start()], text[year.end() :])
    return None


def _read_between(text: str, found: re.Match[str], language: str) -> tuple[Condition, str] | None:
    before = text[: found.start()]
    one, other = _YEAR.fullmatch(found["a"]), _YEAR.match(found["b"])
    if one is not None and other is not None:
        condition = Condition(int(one["year"]), int(other["year"]) + 1, open_high=True, timed=True)
        return condition, _join(before, found["b"][other.end() :])
    behind = _write_numbers(found["b"], language)
    low = find_quantities(_write_numbers(found["a"], language), language)[:1]
    high = find_quantities(behind, language)[:1]
    if not low or not high or low[0].unit not in ("", high[0].unit):
        return None
    # "Between 2 and 3 km": both are kilometres.
    factor = high[0].value / high[0].plain if high[0].plain else 1.0
    first = low[0].value if low[0].unit else low[0].plain * factor
    condition = Condition(first, high[0].value, unit=high[0].unit)
    return _name_column(condition, before, behind[high[0].span[1] :].strip(), (), "")


def _read_bound(
    text: str,
    found: re.Match[str],
    sign: str,
    language: str,
    implied: tuple[str, ...] = (),
    measured: str = "",
) -> tuple[Condition, str] | None:
    """Return the condition whose number stands right behind the words `found`."""
    behind = _write_numbers(text[found.end() :], language)
    quantities = find_quantities(behind, language)
    if not quantities or quantities[0].ordinal:
        return None
    start, end = quantities[0].span
    if behind[:start].strip("$€£ "):
        return None
    value, unit, strict = quantities[0].value, quantities[0].unit, sign in ("<", ">")
    if sign[0] == ">":
        condition = Condition(low=value, open_low=strict, unit=unit)
    else:
        condition = Condition(high=value, open_high=strict, unit=unit)
    return _name_column(condition, text[: found.start()], behind[end:].strip(), implied, measured)


def _write_numbers(text: str, language: str) -> str:
    """Return a text with its numbers in digits, in German without dots between them."""
    text = write_in_digits(text, language)
    if language != "de":
        return text
    return _GROUPED.sub(lambda number: number.group().replace(".", ""), text)


def _name_column(
    condition: Condition, before: str, behind: str, implied: tuple[str, ...], measured: str
) -> tuple[Condition, str]:
    """Add the words that name the column, and cut them from the text before and behind."""
    for pattern, words in _VERBS:
        verb = re.search(rf"\b(?:{pattern})\s*$", before, re.IGNORECASE)
        if verb is not None:
            before, implied = before[: verb.start()], implied or words
    for pattern, words in _ADJECTIVES:
        adjective = re.match(rf"(?:{pattern})\b", behind, re.IGNORECASE)
        if adjective is not None:
            behind, implied = behind[adjective.end() :], implied or words
    if not measured:
        words_behind = MEASURED_UNTIL.split(behind, maxsplit=1)[0].strip()
        if len(words_behind.split()) <= _MOST_MEASURED:
            measured, behind = words_behind, behind.removeprefix(words_behind)
    return replace(condition, measured=measured, implied=implied), _join(before, behind)


def _join(*parts: str) -> str:
    return " ".join(" ".join(parts).split())
