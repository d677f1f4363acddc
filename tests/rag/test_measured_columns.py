"""Which column of a data file is calculated with, and which rows are meant."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library

SWEETS = """name,mint,filled,sugarshare,winshare,pricerank
Bergamot Drop,0,1,.731,55.2,0.1
Cocoa Sweet,0,0,.604,67.6,0.2
Fresh Leaf,1,0,.313,41.5,0.3
Mint Sweet,1,1,.465,52.3,0.4
Polar Kiss,1,0,.906,73.1,0.5
Ruby Bite,0,1,.127,47.0,0.6
"""
ABOUT_SWEETS = """# Sweets in a contest

| column | meaning |
| ------ | ------- |
| mint | Does it taste of mint? |
| filled | Is it filled? |
| sugarshare | The percentile of sugar it falls under. |
| winshare | The overall win percentage in 900 duels. |
| pricerank | The price percentile. |
"""
ROADS = """State,Number of drivers in crashes per mile,Percentage of drivers in crashes who sped,Losses per driver
Avon,14.9,37,130
Bute,21.2,12,95
Clay,9.3,41,194
"""  # noqa: E501


@pytest.fixture
def ask(make_library: Callable[..., Library]) -> Callable[[str], str]:
    library = make_library(sweets__csv=SWEETS, readme__md=ABOUT_SWEETS, roads__csv=ROADS)
    return lambda question: Assistant(library=library).ask(question).text


def test_a_word_for_all_things_of_a_table_does_not_limit_its_rows(
    ask: Callable[[str], str],
) -> None:
    text = ask("Which sweet has the highest win percentage?")
    assert "“winshare” is 73.1, of 6 rows." in text
    assert "Polar Kiss" in text


def test_the_words_behind_the_calculation_name_the_column(ask: Callable[[str], str]) -> None:
    text = ask("What is the average sugar percentile of the sweets?")
    assert "The average of “sugarshare” is 0.524333, of 6 rows." in text


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("What is the average sugar percentile of the filled sweets?", "0.441, of 3 rows."),
        ("Which mint sweet has the highest win percentage?", "is 73.1, of 3 rows."),
        ("How many sweets are filled?", "3"),
        ("How many sweets taste of mint?", "3"),
    ],
)
def test_a_column_of_yes_and_no_limits_the_rows(
    ask: Callable[[str], str], question: str, stated: str
) -> None:
    text = ask(question)
    assert stated in text.partition("\n")[0]


def test_the_most_of_something_is_no_percentage(ask: Callable[[str], str]) -> None:
    text = ask("Which state has the most drivers in crashes?")
    assert "“Number of drivers in crashes per mile” is 21.2" in text


def test_words_of_another_column_make_no_result_certain(ask: Callable[[str], str]) -> None:
    text = ask("Which state has the highest losses in crashes?")
    assert not text.startswith("The highest value")


AIRLINES = """airline,incidents_85_99,deadly_85_99,deadly_00_14
Alba Air,76,14,1
Borea,3,1,0
Cielo,9,4,2
"""
ABOUT_AIRLINES = """# Safety of airlines

Header | Definition
-------|-----------
airline | Airline
incidents_85_99 | Total number of incidents, 1985-1999
deadly_85_99 | Total number of deadly accidents, 1985-1999
deadly_00_14 | Total number of deadly accidents, 2000-2014
"""


LISTED = """# Safety of airlines

- `airline`: name of the airline
- `incidents_85_99`: Total number of incidents, 1985-1999
- `deadly_85_99`: Total number of deadly accidents, 1985-1999
- `deadly_00_14`: Total number of deadly accidents, 2000-2014
"""


@pytest.mark.parametrize("about", [ABOUT_AIRLINES, LISTED])
def test_a_row_is_quoted_and_not_what_a_text_says_about_its_columns(
    make_library: Callable[..., Library], about: str
) -> None:
    library = make_library(airlines__csv=AIRLINES, readme__md=about)
    asked = "Did Alba Air have deadly accidents between 1985 and 1999?"
    answer = Assistant(library=library).ask(asked)
    (citation,) = answer.citations
    assert citation.sentence.startswith("airline: Alba Air")


def test_a_question_for_a_definition_is_answered_by_the_text_about_the_column(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(airlines__csv=AIRLINES, readme__md=LISTED)
    text = Assistant(library=library).ask("What does incidents_85_99 mean?").text
    assert "Total number of incidents" in text


def test_numbers_of_a_short_table_are_not_taken_for_yes_and_no(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(cups__csv="team,goals\nAvon,0\nBute,1\nClay,0\n")
    text = Assistant(library=library).ask("Which team has the most goals?").text
    assert "“goals” is 1, of 3 rows." in text
