"""Questions are read for the condition on a number or a year that they contain."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.questions.conditions import Condition, find_condition


@pytest.mark.parametrize(
    ("text", "language", "written", "named"),
    [
        ("Which peaks are higher than 3,000 m?", "en", "> 3000", "height"),
        ("Which lakes are deeper than 90 feet?", "en", "> 27.432", "depth"),
        ("Which cars cost less than $20,000?", "en", "< 20000", "price"),
        ("Which items cost €5 or less?", "en", "≤ 5", "price"),
        ("Which players are under 21 years old?", "en", "< 21", "age"),
        ("Which rooms have at least twenty seats?", "en", "≥ 20", "seats"),
        ("Who has 3 or more children?", "en", "≥ 3", "children"),
        ("Which animals weigh between 20 and 30 kg?", "en", "≥ 20, ≤ 30", "weight"),
        ("Welche Berge sind höher als 3.000 Meter?", "de", "> 3000", "höhe"),
        ("Welche Räume haben mehr als 20 Plätze?", "de", "> 20", "Plätze"),
    ],
)
def test_the_bounds_and_the_column_are_read(
    text: str, language: str, written: str, named: str
) -> None:
    found = find_condition(text, language)
    assert found is not None
    condition, _ = found
    assert condition.write() == written
    assert named in (condition.measured, *condition.implied)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Which bridges opened before 1950?", "< 1950"),
        ("Which bridges opened after 1950?", "≥ 1951"),  # not in 1950
        ("Which bridges opened in or after 1950?", "≥ 1950"),
        ("Which bridges opened between 1950 and 1959?", "≥ 1950, ≤ 1959"),
    ],
)
def test_years_are_whole(text: str, written: str) -> None:
    found = find_condition(text, "en")
    assert found is not None
    assert found[0].timed
    assert found[0].write() == written
    assert found[1].rstrip("? ") == "Which bridges opened"


@pytest.mark.parametrize(
    "text",
    [
        "Which trains leave after 18:00?",
        "What changed over the last 5 years?",
        "Which peaks are higher than the Grauhorn?",
        "Who came first?",
    ],
)
def test_other_questions_have_none(text: str) -> None:
    assert find_condition(text, "en") is None


@given(
    st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.booleans(), st.booleans(), st.floats(-2e6, 2e6)
)
def test_a_value_meets_a_condition_if_it_is_not_outside(
    one: float, other: float, open_low: bool, open_high: bool, value: float
) -> None:
    condition = Condition(min(one, other), max(one, other), open_low, open_high)
    if condition.holds(value):
        assert condition.miss(value) == 0
    elif condition.miss(value) == 0:
        assert value in (condition.low, condition.high)
    assert not condition.holds(math.inf)
