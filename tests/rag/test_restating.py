"""Sources in the words of claims: the same quantity in another unit, opposites that are denied."""

import pytest

from benchmarks.claims import PARAPHRASES, measure_labelled, read_labelled
from index import Encoder
from rag.claims import Source, check_claim
from rag.claims.implied import find_implied
from rag.claims.restating import restate


def likeness(claim: str, texts: object) -> float:
    return 0.7


@pytest.mark.parametrize(
    ("source", "claim", "restated"),
    [
        ("It takes two weeks.", "It lasts 14 days.", "It takes 2 weeks (14 days)."),
        ("It takes two weeks.", "It lasts 2 weeks.", "It takes two weeks."),
        ("It takes two weeks.", "It lasts 14 hours.", "It takes two weeks."),
        ("Half of them came.", "50 % of them came.", "Half (50 %) of them came."),
        ("3 of 4 came.", "75 percent came.", "3 of 4 (75 percent) came."),
        ("The gate is closed.", "The gate is not open.", "The gate is not open."),
        ("The gate is closed.", "The gate is open.", "The gate is closed."),
        ("The gate isn't open.", "The gate is not open.", "The gate isn't open."),
        ("They did not approve it.", "They rejected it.", "They rejected it."),
        ("They didn't approve it.", "They rejected it.", "They rejected it."),
        ("They approved it.", "They rejected it.", "They approved it."),
        ("They did not win.", "They lost.", "They did not win."),  # it may have been a draw
        ("She did not admit it.", "She denied it.", "She did not admit it."),  # she may be silent
        ("It is not cold.", "It is hot.", "It is not cold."),  # it may be warm
        ("Dogs are not allowed.", "No dog may enter.", "No dogs are allowed."),
        ("Dogs are not allowed.", "Dogs may not enter.", "Dogs are not allowed."),
        ("James did not come.", "No boy came.", "James did not come."),
        ("The dogs are not allowed.", "No dog may enter.", "The dogs are not allowed."),
    ],
)
def test_source_is_restated_only_where_it_certainly_says_the_same(
    source: str, claim: str, restated: str
) -> None:
    assert restate(Source(source, "Before."), claim) == Source(restated, "Before.")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("half of it", {50}),
        ("two thirds of it", {100 * 2 / 3, 67}),
        ("three quarters", {75}),
        ("a quarter past six", {25}),
        ("one in five", {20}),
        ("7 out of 3", set()),
        ("from 2015 to 2019", {4}),
        ("from 2019 to 2015", set()),
        ("nothing", set()),
    ],
)
def test_shares_and_durations_are_implied(text: str, values: set[float]) -> None:
    assert {round(each.plain, 6) for each in find_implied(text)} == {round(v, 6) for v in values}


@pytest.mark.parametrize(
    ("source", "claim", "supported"),
    [
        ("The course takes two weeks.", "The course lasts 14 days.", True),
        ("The course takes two weeks.", "The course lasts 15 days.", False),
        ("Half of the seeds sprouted.", "50 % of the seeds sprouted.", True),
        ("Half of the seeds sprouted.", "60 % of the seeds sprouted.", False),
        ("She led it from 2015 to 2019.", "She led it for four years.", True),
        ("She led it from 2015 to 2019.", "She led it for five years.", False),
        ("The pool is closed on Mondays.", "On Mondays the pool is not open.", True),
        ("The pool is closed on Mondays.", "The pool is open on Mondays.", False),
        ("The committee did not approve it.", "It was rejected by the committee.", True),
        ("The mayor did not attend the opening.", "The mayor was absent from the opening.", True),
        ("The mayor attended the opening.", "The mayor was absent from the opening.", False),
        ("Passwords are never stored in plain text.", "No password is saved as plain text.", True),
    ],
)
def test_what_a_claim_says_in_another_way_is_checked_by_what_it_means(
    source: str, claim: str, supported: bool
) -> None:
    assert check_claim(claim, [Source(source)], likeness).supported is supported


def test_paraphrases_pass_and_false_claims_do_not(encoder: Encoder) -> None:
    pairs = read_labelled(PARAPHRASES)
    assert sum(pair.supported for pair in pairs) >= 70
    shares = measure_labelled(pairs, encoder)
    assert shares["passed"] is not None
    assert shares["passed"] >= 0.82
    assert shares["caught"] is not None
    assert shares["caught"] >= 0.75
