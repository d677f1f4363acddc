"""Refusals that name the year or name that is missing from the documents."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library

FUND = """# Travel fund

In 2015, 40 travel requests were made by 36 contributors.

In 2016, 27 travel requests were made by 25 contributors.
"""
TABLE = "year,births,deaths\n1971,3,5\n1972,4,6\n1973,7,2\n"


@pytest.fixture
def assistant(make_library: Callable[..., Library]) -> Assistant:
    return Assistant(
        library=make_library(fund__md=FUND, whales__csv=TABLE, old__txt="Made in 2018.")
    )


def test_a_year_that_is_not_told_is_named_with_those_that_are(assistant: Assistant) -> None:
    answer = assistant.ask("How many travel requests were made in 2018?")
    assert answer.refused
    assert answer.text == (
        "The documents do not say. The closest passages are about 2015, 2016, not about 2018."
    )


def test_a_year_that_is_told_is_answered(assistant: Assistant) -> None:
    assert "27" in assistant.ask("How many travel requests were made in 2016?").text
    assert "births: 4" in assistant.ask("How many births were there in 1972?").text


def test_a_name_that_stands_nowhere_is_named(assistant: Assistant) -> None:
    answer = assistant.ask("How many visas did Atlantis hand out?")
    assert answer.refused
    assert answer.text == "The documents do not say. They do not mention Atlantis."
