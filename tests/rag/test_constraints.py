"""A refusal names the year or the name that the documents do not contain."""

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


def test_refusal_names_the_missing_year_and_the_years_in_the_documents(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("How many travel requests were made in 2018?")
    assert answer.refused
    assert answer.text == (
        "The documents do not say. The closest passages are about 2015, 2016, not about 2018."
    )


def test_question_with_a_year_in_the_documents_is_answered(assistant: Assistant) -> None:
    assert "27" in assistant.ask("How many travel requests were made in 2016?").text
    assert "births: 4" in assistant.ask("How many births were there in 1972?").text


def test_refusal_names_the_name_that_no_document_contains(assistant: Assistant) -> None:
    answer = assistant.ask("How many visas did Atlantis hand out?")
    assert answer.refused
    assert answer.text == "The documents do not say. They do not mention Atlantis."


def test_a_year_in_the_name_of_a_file_is_not_missing(make_library: Callable[..., Library]) -> None:
    games = "team,wins\nOtters,12\nFoxes,9\n"
    assistant = Assistant(library=make_library(games2016__csv=games))
    assert "wins: 12" in assistant.ask("How many wins did the Otters have in 2016?").text
    assert assistant.ask("How many wins did the Otters have in 2019?").refused


def test_a_word_in_a_row_of_another_year_does_not_make_the_year_missing(
    make_library: Callable[..., Library],
) -> None:
    rows = [
        "Ann Lee,2,racing,Cheered a player,2011",
        "Bo Park,4,doping,,2012",
        "Cy Roe,6,doping,,2012",
        "Di Fox,1,racing,,2010",
    ]
    table = "\n".join(["name,games,category,note,year", *rows, ""])
    assistant = Assistant(library=make_library(suspensions__csv=table))
    answer = assistant.ask("Which players had suspensions in 2012?")
    assert "not about 2012" not in answer.text
