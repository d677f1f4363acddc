"""Follow-ups about "that year" and "the year before that"."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.followups import resolve_question
from rag.questions.parse import parse_question
from rag.questions.years import name_years
from rag.types import Answer, Turn


def turn(question: str, short: str = "") -> Turn:
    text = f"It is {short}. [1]"
    emphasis = ((6, 6 + len(short)),) if short else ()
    answer = Answer(question, text, refused=False, model="m", emphasis=emphasis)
    return Turn(question, question, answer)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "And how many were sold that year?", "And how many were sold in 1972?"),
        ("en", "How many boats sank in the same year?", "How many boats sank in 1972?"),
        ("en", "And the year before that?", "And in 1971?"),
        ("en", "And a year earlier?", "And in 1971?"),
        ("en", "What about the following year?", "What about in 1973?"),
        ("en", "And in the year before the war?", "And in the year before the war?"),
        ("en", "What is planned for next year?", "What is planned for next year?"),
        ("en", "What is in that year's budget?", "What is in that year's budget?"),
        ("de", "Und wie viele sanken in diesem Jahr?", "Und wie viele sanken im Jahr 1972?"),
        ("de", "Und im Jahr davor?", "Und im Jahr 1971?"),
        ("de", "Und ein Jahr später?", "Und im Jahr 1973?"),
        ("fr", "Et la même année ?", "Et en 1972 ?"),
        ("fr", "Et l'année d'avant ?", "Et en 1971 ?"),
        ("es", "¿Y cuántos en ese año?", "¿Y cuántos en 1972?"),
        ("es", "¿Y el año siguiente?", "¿Y en 1973?"),
    ],
)
def test_the_year_is_that_of_the_previous_question(language: str, text: str, expected: str) -> None:
    assert name_years(text, turn("How many boats were built in 1972?"), language) == expected


def test_the_year_may_be_that_of_the_previous_answer() -> None:
    before = turn("When was the mill built?", "3 May 1911")
    assert name_years("What else was built that year?", before, "en") == (
        "What else was built in 1911?"
    )


@pytest.mark.parametrize("question", ["Who built the mill?", "Which was best, 1911 or 1912?"])
def test_an_unknown_year_stays_as_it_is(question: str) -> None:
    text = "And how many were sold that year?"
    assert name_years(text, turn(question), "en") == text


def test_the_year_before_replaces_the_year_of_the_question() -> None:
    question = parse_question("And the year before that?")
    resolved = resolve_question(question, [turn("How many boats were sold in 1972?")])
    assert resolved.text == "How many boats were sold in 1971?"


def test_the_rows_of_the_year_meant_are_found(make_library: Callable[..., Library]) -> None:
    rows = [f"{year},{year - 1950},{2 * (year - 1960)}" for year in range(1965, 1980)]
    library = make_library(boats__csv="\n".join(["year,built,sold", *rows]) + "\n")
    assistant = Assistant(library=library)
    assert "built: 22" in assistant.ask("How many boats were built in 1972?").text
    assert "sold: 24" in assistant.ask("And how many were sold that year?").text
    assert "sold: 22" in assistant.ask("And the year before that?").text
