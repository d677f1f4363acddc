"""Text -> its quantities, in one notation: value, unit and how exact it is.

Number words are read by `text2num`, units by `pint`, so that "0.5 g" is "500 mg", and "three
thousand metres" is "3 km".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

Bound = Literal["", "about", "at least", "at most"]

GROUPED_BY_DOTS = r"[1-9]\d{0,2}(?:\.\d{3})+"
"""A pattern of a number that may be grouped by dots, as in German: "1.234"."""

_MAGNITUDES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_MAGNITUDES |= {"k": 1e3, "m": 1e6, "bn": 1e9, "millionen": 1e6, "millions": 1e6, "dozen": 12.0}
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "eur": "euro", "usd": "dollar"}
_CURRENCIES |= {f"{name}s": name for name in ("dollar", "euro", "franc", "crown", "yen", "rouble")}
_LANGUAGES = frozenset("de en es fr it nl pt".split())  # that text2num knows
_NUMBER = re.compile(
    r"(?P<sign>[$€£])?(?<![\w.])(?P<value>\d+(?:[.,]\d+)*)(?P<suffix>st\b|nd\b|rd\b|th\b|s\b)?"
    r"(?:[\s-]?(?P<size>hundred|thousand|million|billion|trillion|bn|k|1000000000|1000000|1000)\b)?"
    r"(?:[\s-]?(?P<unit>%|°[CF]|[A-Za-zµ]+(?:/[a-z]+)?\b))?"
)
_BOUNDS: dict[Bound, re.Pattern[str]] = {
    "at least": re.compile(r"\b(?:more than|over|at least|above|exceed\w*|no less than)\W*$", re.I),
    "at most": re.compile(
        r"\b(?:less than|fewer than|under|at most|below|up to|no more than|nearly|almost)\W*$", re.I
    ),
    "about": re.compile(
        r"\b(?:about|around|roughly|approximately|some|circa|ca\.|an estimated)\W*$", re.I
    ),
}
_NO_UNITS = frozenset(
    "a an are as at be bar barn by degree degrees ha he in no of on or so to the was were".split()
)
_NEAR = 0.1  # "about 100" may stand for 90 to 110
_ROUNDED = 0.03  # a value that was converted from another unit


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text. `value` is in the base unit of `unit`, which is "" if none is known.

    `plain` is the number as it stands there. `bound` says how exact it is. `decade` and `ordinal`
    say that "s" or "th" follows. `span` is where it stands in the text written in digits.
    """

    value: float
    unit: str
    plain: float
    bound: Bound
    decade: bool = False
    ordinal: bool = False
    span: tuple[int, int] = (0, 0)


@lru_cache(1024)  # the same sources are checked for each claim
def find_quantities(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Return the quantities of a text. "One" is usually a pronoun and is left out."""
    digits = write_in_digits(text, language)
    found = []
    for match in _NUMBER.finditer(digits):
        value = read_figures(match["value"])
        size = match["size"] or ""
        value *= float(size) if size[:1] == "1" else _MAGNITUDES.get(size, 1.0)
        unit, factor = _read_unit(match["sign"] or match["unit"] or "")
        before = digits[: match.start()]
        bound: Bound = next((name for name, words in _BOUNDS.items() if words.search(before)), "")
        suffix = match["suffix"] or ""
        ordinal = bool(suffix) and suffix != "s"
        if value == 1 and not ordinal and "1" not in text:
            continue
        span = match.start(), match.end() if unit else match.end("size" if size else "value")
        found.append(Quantity(value * factor, unit, value, bound, suffix == "s", ordinal, span))
    return tuple(found)


def find_unmatched(claim: Iterable[Quantity], said: Iterable[Quantity]) -> list[Quantity]:
    """Return the quantities of a claim that none of the source agrees with.

    "The first" may be said in other words, so it is never among them.
    """
    known = tuple(said)
    counted = [each for each in claim if not (each.ordinal and each.plain == 1)]
    return [each for each in counted if not any(_agree(each, other) for other in known)]


def _agree(claimed: Quantity, said: Quantity) -> bool:
    if claimed.unit and said.unit and claimed.unit != said.unit:
        return False
    if not (claimed.unit and said.unit):
        one, other = claimed.plain, said.plain
    else:
        one, other = claimed.value, said.value
    if math.isclose(one, other, rel_tol=1e-6):
        return True
    if claimed.decade and claimed.plain <= said.plain < claimed.plain + 10:
        return True
    if claimed.unit and claimed.unit == said.unit and claimed.plain != said.plain:
        converted = not math.isclose(claimed.value / said.value, claimed.plain / said.plain)
        if converted and math.isclose(one, other, rel_tol=_ROUNDED):
            return True
    if claimed.bound == "at least":
        return one <= other <= 2 * one
    if claimed.bound == "at most":
        return one / 2 <= other <= one
    return claimed.bound == "about" and math.isclose(one, other, rel_tol=_NEAR)


def write_in_digits(text: str, language: str = "en") -> str:
    """Return a text whose number words are digits."""
    from text_to_num import alpha2digit

    if language not in _LANGUAGES:
        return text
    plain = re.sub(r"\bdozen\b", "twelve", text) if language == "en" else text
    # It joins "eighteen seventy-four" to "18 74", which is a year.
    written = str(alpha2digit(plain, language, threshold=0.0))
    return re.sub(r"\b(1[4-9]|20) (\d\d)\b(?! ?(?:percent|%))", r"\1\2", written)


def read_figures(figures: str) -> float:
    """Return the value of "5,000", "3.5", "1.000.000" or "2,5"."""
    groups = re.split(r"[.,]", figures)
    if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]) and "," in figures:
        return float("".join(groups))
    if len(groups) > 2:
        return float("".join(groups))
    return float(".".join(groups))


@lru_cache(1024)
def _read_unit(word: str) -> tuple[str, float]:
    """Return the dimension of a unit and its size in base units; "" and 1 for other words."""
    import pint

    lower = word.casefold()
    if not word or lower in _NO_UNITS:
        return "", 1.0
    if lower in ("percent", "per", "%"):
        return ("%", 1.0) if lower != "per" else ("", 1.0)
    if lower in _CURRENCIES or lower in _CURRENCIES.values():
        return _CURRENCIES.get(lower, lower), 1.0
    try:
        quantity = _load_units().Quantity(1.0, word if len(word) < 4 else lower).to_base_units()
    except (pint.PintError, AttributeError, TypeError, ValueError):
        return "", 1.0
    return str(quantity.dimensionality), float(quantity.magnitude)


@cache
def _load_units() -> Any:
    """Return the units that `pint` knows; loading them takes half a second."""
    from pint import UnitRegistry

    return UnitRegistry(autoconvert_offset_to_baseunit=True)
