"""What sentences state, and how two of them relate."""

import pytest

from rag.answers.relations import compare_statements
from rag.answers.statements import cut_addition, read_statement
from rag.questions.moments import Moment, find_moments


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("on 5 June 2024", [Moment(2024, 6, 5)]),
        ("on June 5th, 2024 at 9:30", [Moment(2024, 6, 5), Moment(minute=570)]),
        ("am 5. März um 18 Uhr", [Moment(None, 3, 5), Moment(minute=1080)]),
        ("bis 5.6.2024 oder 7.6.", [Moment(2024, 6, 5), Moment(None, 6, 7)]),
        ("2024-06-05 and 2024-07", [Moment(2024, 6, 5), Moment(2024, 7)]),
        ("since 2019 (2020), in May", [Moment(None, 5), Moment(2019), Moment(2020)]),
        ("Mondays, 9 am to 5 p.m.", [Moment(weekday=1), Moment(minute=540), Moment(minute=1020)]),
        ("1500 feet of 2000 euros, version 2.10, may 5 people", []),
        ("on 45.13.2024 at 33:10", []),
    ],
)
def test_dates_and_times_are_found(text: str, moments: list[Moment]) -> None:
    assert [readings[0] for _, readings in find_moments(text)] == moments


def test_a_date_with_slashes_has_two_readings() -> None:
    ((_, readings),) = find_moments("5/6/2024")
    assert readings == (Moment(2024, 6, 5), Moment(2024, 5, 6))


@pytest.mark.parametrize(
    ("one", "other", "language", "kind"),
    [
        ("The fee is 120 euros.", "The fee is 140 euros.", "en", "number"),
        ("The fee is two euros.", "The fee is 2 euros.", "en", "same"),
        ("The fee is 1,500 euros.", "The fee is 1500 euros.", "en", "same"),
        ("Die Gebühr ist 1.500 Euro.", "Die Gebühr ist 1500 Euro.", "de", "same"),
        ("It has about 100 seats.", "It has 104 seats.", "en", "same"),
        ("It has 5.4 million seats.", "It has 5.37 million seats.", "en", "same"),
        ("In 2019 it had 5 seats.", "In 2020 it had 6 seats.", "en", "other"),
        ("It is on 5 June.", "It is on 12 June.", "en", "date"),
        ("It is on 5 June 2024.", "It is on 5 June.", "en", "same"),
        ("It is on Friday, 5 June.", "It is on Thursday, 4 June.", "en", "date"),
        ("It is on 5 June.", "It is in 2024.", "en", "other"),
        ("It is on 5/6/2024.", "It is on 6 May 2024.", "en", "same"),
        ("It opens at 9:00.", "It opens at 9 am.", "en", "same"),
        ("It opens at 9 am.", "It opens at 9 pm.", "en", "time"),
        ("It is on 12 June instead of 5 June.", "It is on 5 June.", "en", "date"),
        ("Dogs are allowed.", "Dogs are not allowed.", "en", "denial"),
        ("Dogs are forbidden.", "Dogs are not allowed.", "en", "same"),
        ("Hunde sind erlaubt.", "Hunde sind verboten.", "de", "denial"),
        ("Dogs are allowed until 9:00.", "Dogs are not allowed until 8:00.", "en", "other"),
        ("Dogs may come, if it is open.", "Dogs may come, if it is closed.", "en", "other"),
        ("It is 60 minutes (1 hour).", "It is 90 minutes (1.5 hours).", "en", "number"),
        ("Room 4 has 9 seats.", "Room 4 has 8 seats.", "en", "number"),
    ],
)
def test_statements_relate(one: str, other: str, language: str, kind: str) -> None:
    a, b = read_statement(one, language), read_statement(other, language)
    assert compare_statements(a, b).kind == kind
    assert compare_statements(b, a).kind == kind


def test_the_number_of_a_name_is_a_word() -> None:
    assert read_statement("Room 4 has 9 seats.").words == {"room", "4", "seat"}
    assert read_statement("The 4 rooms have 9 seats.").words == {"room", "seat"}


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        (
            "The bridge is 120 metres long, after it was widened.",
            "The bridge is 120 metres long",
        ),
        ("The fee is 12 euros, if you are a student.", ""),
        ("For guests, the fee is 12 euros.", ""),
        ("The fee is 12 euros.", ""),
    ],
)
def test_an_addition_is_cut_only_where_the_clause_holds_alone(text: str, clause: str) -> None:
    assert cut_addition(text) == clause
