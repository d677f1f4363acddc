"""Dates and times in a text, in one notation, so that those of two texts can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.questions.vocabulary import MONTHS

_WEEKDAYS = {
    name: number
    for names in (
        "monday tuesday wednesday thursday friday saturday sunday",
        "montag dienstag mittwoch donnerstag freitag samstag sonntag",
    )
    for number, name in enumerate(names.split(), 1)
} | {"sonnabend": 6}


def _number_months(lists: Iterable[str]) -> dict[str, int]:
    """Return the number of each month's name; a list has the names of a language in order."""
    return {name: number for names in lists for number, name in enumerate(names.split(), 1)}


_MONTH_NUMBERS = _number_months(MONTHS.values())
_SHORT_MONTHS = {name[:3]: number for name, number in _MONTH_NUMBERS.items()}


def _follow(words: str) -> str:
    """Return a pattern that matches behind one of some words and a space."""
    return "(?:" + "|".join(rf"(?<=(?i:\b{word} ))" for word in words.split()) + ")"


_MONTH = (
    f"(?P<month>{'|'.join(name.capitalize() for name in _MONTH_NUMBERS)}"
    f"|(?:{'|'.join(name.capitalize() for name in _SHORT_MONTHS)}|Sept)\\b\\.?)"
)
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)(?!\d|[.,]\d)"
YEAR_ANYWHERE = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
"""A year, also within a word such as "Standings2016.csv"."""
_BEFORE = r"(?<![\w.,/-])"
_NAMES = "|".join(_MONTH_NUMBERS)
_TYPED_MONTH = re.compile(
    rf"\b(?:{_NAMES})(?= \d)|(?<=[\d.] )(?:{_NAMES})\b|(?<=\d[a-z]{{2}} )(?:{_NAMES})\b"
)
_ROMANCE_MONTHS = _number_months(
    (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
)
_ROMANCE = re.compile(
    rf"{_BEFORE}(?:(?P<day>\d{{1,2}})(?:er|\.)?\s+(?:de\s+)?)?\b(?P<month>{'|'.join(_ROMANCE_MONTHS)})"
    rf"\b(?:\s+(?:de\s+|del\s+)?{_YEAR})?",
    re.IGNORECASE,
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        _BEFORE + r"(?P<year>\d{4})-(?P<number>\d\d)(?:-(?P<day>\d\d))?(?![\d-])",
        _BEFORE + r"(?P<first>\d{1,2})(?P<sign>[./])(?P<second>\d{1,2})(?P=sign)"
        r"(?P<year>\d{4}|\d\d)?(?!\d)",
        _BEFORE + rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w.:%]\w)(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+{_YEAR}",
        _follow("in im since seit until bis by of") + rf"{_MONTH}\b",
        rf"(?:{_follow('in since seit year Jahr Jahre')}|(?<=[(])){_YEAR}",
        # Not "of 2000 euros".
        _follow("until bis by of for f\u00fcr ab from") + rf"{_YEAR}(?!\s+\w)",
        rf"\b(?P<weekday>{'|'.join(name.capitalize() for name in _WEEKDAYS)})s?\b",
    )
)
_TIME = re.compile(
    r"(?<![\w.,:])(?P<hour>\d{1,2})(?:(?P<sign>[:.])(?P<minute>[0-5]\d))?(?![\d:])"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?|\s?(?P<word>Uhr|o'clock|h)\b)?"
)
_CENTURY = 2000  # of a year with two digits


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a time of day. A part that the text does not tell is None.

    `weekday` counts from 1, Monday; `minute` counts the minutes of the day.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    minute: int | None = None


Span = tuple[int, int]


def find_moments(text: str) -> Iterator[tuple[Span, tuple[Moment, ...]]]:
    """Yield the dates and times of a text, in English or German, with what each can mean.

    "5/6/2024" can mean two dates. No two spans overlap; they are not in order.
    """
    taken: list[Span] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if not _overlaps(match.span(), taken) and (found := _read_date(match)):
                taken.append(match.span())
                yield match.span(), found
    for match in _TIME.finditer(text):
        minute = _read_time(match)
        if minute is not None and not _overlaps(match.span(), taken):
            taken.append(match.span())
            yield match.span(), (Moment(minute=minute),)


def find_days(text: str) -> list[tuple[Span, tuple[Moment, ...]]]:
    """Return the dates of a question or title that name a day, in four languages."""
    return [(span, read) for span, read in find_dates(text) if read[0].day is not None]


def find_months(text: str) -> list[tuple[Span, tuple[Moment, ...]]]:
    """Return the dates of a question or title that name a month and its year, but no day."""
    return [
        (span, read)
        for span, read in find_dates(text)
        if read[0].day is None and read[0].month is not None and read[0].year is not None
    ]


def find_dates(text: str) -> Iterator[tuple[Span, tuple[Moment, ...]]]:
    """Yield dates and times as people type them: months without capitals, French and Spanish ones.

    Otherwise as `find_moments`, which is stricter, because it looks at sentences of documents.
    """
    taken: list[Span] = []
    for match in _ROMANCE.finditer(text):
        found = _read_date(match)
        if found and (match["day"] or match["year"]):
            taken.append(match.span())
            yield match.span(), found
    capitalised = _TYPED_MONTH.sub(lambda match: match.group().capitalize(), text)
    for span, found in find_moments(capitalised):
        if not _overlaps(span, taken):
            yield span, found


def _overlaps(span: Span, taken: list[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def _read_date(match: re.Match[str]) -> tuple[Moment, ...]:
    """Return the readings of a date; none if no date is written so."""
    told = match.groupdict()
    year = int(told["year"]) if told.get("year") else None
    if told.get("weekday"):
        return (Moment(weekday=_WEEKDAYS[told["weekday"].casefold()]),)
    if told.get("first"):
        if year is not None and year < 100:
            year += _CENTURY
        first, second = int(told["first"]), int(told["second"])
        orders = [(first, second)] if told["sign"] == "." else [(first, second), (second, first)]
        read = dict.fromkeys(Moment(year, month, day) for day, month in orders)
        if year is None and told["sign"] == "/":
            return ()  # a list such as "1/2/"
        return tuple(each for each in read if _is_date(each))
    if told.get("number"):
        month = int(told["number"])
    elif told.get("month"):
        name = told["month"].casefold().rstrip(".")
        known = _MONTH_NUMBERS | _ROMANCE_MONTHS
        month = known.get(name) or _SHORT_MONTHS[name[:3]]
    else:
        return (Moment(year),)
    moment = Moment(year, month, int(told["day"]) if told.get("day") else None)
    return (moment,) if _is_date(moment) else ()


def _is_date(moment: Moment) -> bool:
    return 1 <= (moment.month or 1) <= 12 and 1 <= (moment.day or 1) <= 31


def _read_time(match: re.Match[str]) -> int | None:
    """Return the minute of the day; None for what is a number."""
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    marked = match["half"] or match["word"] in ("Uhr", "o'clock") or (match["word"] and minute)
    if hour > 24 or not (marked or match["sign"] == ":"):
        return None
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    return hour * 60 + minute
