"""How two statements about the same thing relate: they say the same, or a value differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index import DEFAULT_LANGUAGE
from rag.answers.statements import Number, Statement, Value, read_statement
from rag.questions.moments import Moment

RelationKind = Literal["same", "other", "number", "date", "time", "denial"]
"""How two sentences relate: they say the same, they cannot be compared, or what differs."""

_NEAR = 0.1  # "about 100" may stand for 90 to 110
_LEAST_DIGITS = 2  # significant digits of a number that may be a rounded one


@dataclass(frozen=True, slots=True)
class Relation:
    """How two statements relate, with the value of each if these differ."""

    kind: RelationKind
    values: tuple[Value, Value] | None = None


_OTHER = Relation("other")


def compare_statements(one: Statement, other: Statement) -> Relation:
    """Return how two statements about the same thing relate; their `words` are not compared.

    Values differ if all but one of each are the same. Where more differ, the sentences are about
    different cases, such as two years of a table.
    """
    left, right = [*one.values], [*other.values]
    for value in one.values:
        same = next((each for each in right if _agree(value, each)), None)
        if same is not None:
            left.remove(value)
            right.remove(same)
    left, right = _drop_weekdays(left, right)
    if one.denies != other.denies:
        conditional = one.conditional or other.conditional
        return _OTHER if left or right or conditional else Relation("denial")
    if not left and not right:
        return Relation("same")
    if len(left) != 1 or len(right) != 1 or not _contradict(left[0], right[0]):
        return _OTHER
    first = left[0][0]
    if isinstance(first, Number):
        return Relation("number", (left[0], right[0]))
    return Relation("time" if first.minute is not None else "date", (left[0], right[0]))


def holds_value(text: str, value: Value, language: str = DEFAULT_LANGUAGE) -> bool:
    """Whether a text, such as a short answer, has a value. True if it has none of its kind."""
    kind = type(value[0])
    values = [each for each in read_statement(text, language).values if isinstance(each[0], kind)]
    return not values or any(_agree(each, value) for each in values)


def _drop_weekdays(
    left: Sequence[Value], right: Sequence[Value]
) -> tuple[list[Value], list[Value]]:
    """Return the values without weekdays that stand beside another differing date."""
    both = []
    for values in (left, right):
        dated = [v for v in values if isinstance(v[0], Moment) and v[0].weekday is None]
        named = [v for v in values if isinstance(v[0], Moment) and v[0].weekday is not None]
        both.append([v for v in values if v not in named] if dated else [*values])
    return both[0], both[1]


def _agree(one: Value, other: Value) -> bool:
    return any(_same(a, b) for a in one for b in other)


def _same(one: Moment | Number, other: Moment | Number) -> bool:
    if isinstance(one, Moment) and isinstance(other, Moment):
        shared = _shared_parts(one, other)
        return bool(shared) and all(a == b for a, b in shared)
    if isinstance(one, Number) and isinstance(other, Number):
        return _same_number(one, other)
    return False


def _same_number(one: Number, other: Number) -> bool:
    if one.value == other.value:
        return True
    if one.approximate or other.approximate:
        return abs(one.value - other.value) <= _NEAR * max(abs(one.value), abs(other.value))
    rough, exact = sorted((one, other), key=lambda number: number.digits)
    if rough.digits < _LEAST_DIGITS or rough.digits == exact.digits:
        return False
    return float(f"{exact.value:.{rough.digits - 1}e}") == rough.value


def _contradict(one: Value, other: Value) -> bool:
    """Whether two values that do not agree can be compared: numbers, or the same parts of dates."""
    if isinstance(one[0], Number) or isinstance(other[0], Number):
        return isinstance(one[0], Number) and isinstance(other[0], Number)
    return any(
        _shared_parts(a, b)
        for a in one
        for b in other
        if isinstance(a, Moment) and isinstance(b, Moment)
    )


def _shared_parts(one: Moment, other: Moment) -> list[tuple[int, int]]:
    """Return the parts that both dates tell."""
    pairs = (
        (one.year, other.year),
        (one.month, other.month),
        (one.day, other.day),
        (one.weekday, other.weekday),
        (one.minute, other.minute),
    )
    return [(a, b) for a, b in pairs if a is not None and b is not None]
