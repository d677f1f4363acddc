"""Rows of tables, looked up by the names, years and numbers of a question."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.rows import match_rows
from rag.retrieval.values import find_years

BURGERS = """name,currency,local price,date
Japan,JPY,370,1990-04-01
Japan,JPY,380,1991-04-01
Hungary,HUF,115,1991-04-01
Hungary,HUF,133,1992-03-01
Soviet Union,SUR,10,1991-04-01
Sweden,SEK,24,1990-03-01
Sweden,SEK,25,1990-04-01
"""
README = """# Prices of burgers

The price of a burger is told for each country. Japan was added in 1988.

| column | meaning |
| ------ | ------- |
| local price | the price of a burger in local currency |
| date | the day of the price |
"""


@pytest.fixture
def find(make_library: Callable[..., Library]) -> Callable[[str], list[str]]:
    """Return the matched rows of a question, best first."""

    def run(question: str) -> list[str]:
        with make_library(burgers__csv=BURGERS).snapshot() as snapshot:
            matched = match_rows(snapshot, parse_question(question))
            return [
                snapshot.sentence(row).text.split(": ")[1].split(" |")[0]
                + snapshot.sentence(row).text[-11:]
                for row in matched
            ]

    return run


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What did a burger cost in Japan in 1990?", ["Japan 1990-04-01"]),
        ("What did a burger cost in Sweden in April 1990?", ["Sweden 1990-04-01"]),
        ("Burger price in March 1990", ["Sweden 1990-03-01"]),
        ("What was a Hungarian burger in 1992?", ["Hungary 1992-03-01"]),
        ("Prices in Japan from 1990 to 1991", ["Japan 1990-04-01", "Japan 1991-04-01"]),
    ],
)
def test_rows_that_hold_all_values_come_first(
    find: Callable[[str], list[str]], question: str, first: list[str]
) -> None:
    assert find(question)[: len(first)] == first


def test_the_words_about_a_column_and_in_a_file_name_count_for_a_row(
    make_library: Callable[..., Library],
) -> None:
    games = "Team,PtsFor,PtsAgst\nOtters,12,4\nFoxes,9,8\n"
    about = "Team: name of the team\n\nPtsFor: points scored\n\nPtsAgst: points allowed\n"
    question = parse_question("How many points did the Otters score in boat ball in 2016?")

    def cover(**texts: str) -> float:
        with make_library(**texts).snapshot() as snapshot:
            return next(
                match.covered
                for row, match in match_rows(snapshot, question).items()
                if "Otters" in snapshot.sentence(row).text
            )

    assert cover(games__csv=games) < 0.5
    assert cover(boatball2016__csv=games, about__txt=about) > 0.99


def test_each_of_two_names_has_its_row(find: Callable[[str], list[str]]) -> None:
    rows = find("Which burger cost more in 1991, that of Hungary or Japan?")
    assert {"Hungary 1991-04-01", "Japan 1991-04-01"} <= {*rows[:2]}


def test_words_that_stand_in_no_cell_match_nothing(find: Callable[[str], list[str]]) -> None:
    assert find("Who painted the ceiling?") == []


def test_ranges_of_years_are_whole() -> None:
    assert find_years("from 1988 to 1991") == {"1988", "1989", "1990", "1991"}
    assert find_years("in 1988 or 1991") == {"1988", "1991"}
    assert find_years("rows 1988-1990") == {"1988", "1989", "1990"}


def test_the_row_is_preferred_to_what_the_readme_says(
    make_library: Callable[..., Library],
) -> None:
    assistant = Assistant(library=make_library(burgers__csv=BURGERS, readme__md=README))
    answer = assistant.ask("What was the local price of a burger in Japan in 1990?")
    assert "local price: 370" in answer.text
    assert "380" not in answer.text


def test_a_year_and_a_name_that_no_row_has_together_are_refused(
    make_library: Callable[..., Library],
) -> None:
    assistant = Assistant(library=make_library(burgers__csv=BURGERS))
    answer = assistant.ask("What was the local price of a burger in the Soviet Union in 1992?")
    assert answer.refused
    assert answer.text.endswith("The closest passages are about 1991, not about 1992.")
