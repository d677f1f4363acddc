"""Follow-ups that ask something else of the same things."""

import pytest

from rag.questions.followups import resolve_question
from rag.questions.parse import parse_question
from rag.questions.predicates import put_predicate
from rag.types import Answer, Turn


@pytest.mark.parametrize(
    ("before", "asked", "language", "expected"),
    [
        (
            "Which bids were accepted?",
            "And which were rejected?",
            "en",
            "Which bids were rejected?",
        ),
        ("Which bids were accepted?", "how many failed?", "en", None),
        ("Which bids won?", "And how many were late?", "en", None),
        (
            "How many bids were accepted in 2021?",
            "And which of them were late?",
            "en",
            "which bids were late in 2021?",
        ),
        (
            "Which bids were accepted in 2021?",
            "How many were late in 2022?",
            "en",
            "How many bids were late in 2022?",
        ),
        (
            "Welche Anträge wurden angenommen?",
            "Und wie viele wurden abgelehnt?",
            "de",
            "wie viele Anträge wurden abgelehnt?",
        ),
        (
            "Quels projets ont été acceptés ?",
            "Et lesquels ont été rejetés ?",
            "fr",
            "Quels projets ont été rejetés?",
        ),
        (
            "¿Qué obras fueron aprobadas?",
            "¿Y cuáles fueron rechazadas?",
            "es",
            "Qué obras fueron rechazadas?",
        ),
        ("Which boats can members rent?", "And what is a member?", "en", None),
        ("Which rooms are free?", "Which halls are closed?", "en", None),
        ("Who leads the club?", "And which is the oldest?", "en", None),
    ],
)
def test_the_things_of_the_question_before_are_put_in(
    before: str, asked: str, language: str, expected: str | None
) -> None:
    assert put_predicate(before, asked, language) == expected


def test_a_follow_up_about_the_same_things_is_completed() -> None:
    before = "Which proposals were accepted?"
    answer = Answer(before, "Found. [1]", refused=False, model="m")
    asked = parse_question("And which were rejected?")
    resolved = resolve_question(asked, [Turn(before, before, answer)])
    texts = [reading.text for reading in resolved.readings]
    assert texts[0] == "Which proposals were rejected?"
