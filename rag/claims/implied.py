"""Quantities that an English text tells without writing them, for claims that do write them.

"Three out of four" and "three quarters" are 75 percent, and "from 2015 to 2019" is four years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rag.quantities import Quantity, write_in_digits

_RATIO = re.compile(r"\b(?P<part>\d+) (?:out of|of|in) (?:every |the )?(?P<whole>\d+)\b")
_FRACTION = re.compile(
    r"\b(?:(?P<half>half)|(?P<part>a|\d+)[\s-](?P<name>quarter|[345](?:rd|th)|third|fifth)s?)\b",
    re.IGNORECASE,
)
_WHOLES = {"quarter": 4, "4th": 4, "3rd": 3, "third": 3, "5th": 5, "fifth": 5}
_YEARS = re.compile(r"\b(?:from|between) (?P<first>[12]\d{3}) (?:to|until|and) (?P<last>[12]\d{3})")
_SECONDS_A_YEAR = 365.25 * 24 * 3600  # as `pint` counts
_MOST = 100  # whose part is a share; "3 in 2015" is none


@lru_cache(1024)
def find_implied(text: str) -> tuple[Quantity, ...]:
    """Return the shares and the durations in years that a text implies, in percent and seconds.

    A share is there rounded to whole percents, too. The spans are those in the text in digits.
    """
    return tuple(_find(write_in_digits(text)))


def _find(digits: str) -> Iterator[Quantity]:
    for found in _RATIO.finditer(digits):
        part, whole = int(found["part"]), int(found["whole"])
        if 0 < part < whole <= _MOST:
            yield from _make_shares(part / whole, found.span())
    for found in _FRACTION.finditer(digits):
        part = 1 if found["half"] or found["part"].casefold() == "a" else int(found["part"])
        whole = 2 if found["half"] else _WHOLES[found["name"].casefold()]
        if part < whole:
            yield from _make_shares(part / whole, found.span())
    for found in _YEARS.finditer(digits):
        years = int(found["last"]) - int(found["first"])
        if years > 0:
            yield Quantity(years * _SECONDS_A_YEAR, "[time]", years, "", span=found.span())


def _make_shares(share: float, span: tuple[int, int]) -> Iterator[Quantity]:
    for percent in dict.fromkeys((100 * share, float(round(100 * share)))):
        yield Quantity(percent, "%", percent, "", span=span)
