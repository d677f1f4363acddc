"""Questions that ask for two things: each is searched for, answered, or named as open."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.types import Answer

STAFF = """# Staff of the museum

Wages are paid on the last working day.

A volunteer is a person who helps in the museum without a wage.
Volunteers choose their hours freely.

An intern is a student who works in the museum for at most six months.
Interns get a small wage.

# Opening

In 2021 the museum had 4,100 visitors.
In 2022 the museum had 5,600 visitors.
The director decides on the opening hours.
"""


def ask(make_library: Callable[..., Library], question: str) -> Answer:
    answer = Assistant(library=make_library(staff__md=STAFF)).ask(question)
    for citation in answer.citations:
        assert STAFF[citation.start : citation.end] == citation.sentence
    return answer


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What is the difference between a volunteer and an intern?",
            ("What is a volunteer?", "What is an intern?"),
        ),
        (
            "What is the difference between the short and the long form?",
            ("What is the short form?", "What is the long form?"),
        ),
        (
            "What's the difference between a lease and a loan and when does each end?",
            ("What is a lease when does each end?", "What is a loan when does each end?"),
        ),
        (
            "Moving the archive: compare the plan of June with the plan of May",
            (
                "What is the plan of June Moving the archive?",
                "What is the plan of May Moving the archive?",
            ),
        ),
        (
            "Bonus vs. the payout if the house is sold: who gets it?",
            ("Bonus: who gets it?", "the payout if the house is sold: who gets it?"),
        ),
        (
            "rsync or tar? which one keeps hard links",
            ("rsync: which one keeps hard links", "tar: which one keeps hard links"),
        ),
        (
            "Did the Otters or the Red Foxes win more games in 2016?",
            ("Did the Otters win more games in 2016?", "Did the Red Foxes win more games in 2016?"),
        ),
        ("Is a lease or a loan cheaper?", ("Is a lease cheaper?", "Is a loan cheaper?")),
        (
            "Basisgeld oder Geld Plus: wie lange gibt es das?",
            ("Basisgeld: wie lange gibt es das?", "Geld Plus: wie lange gibt es das?"),
        ),
        (
            "Private oder gesetzliche Kasse: was ist teurer?",
            ("Private Kasse: was ist teurer?", "gesetzliche Kasse: was ist teurer?"),
        ),
        (
            "How is a lease different from a loan?",
            ("What is a lease?", "What is a loan?"),
        ),
        (
            "Is it warmer in Oslo or in Bergen?",
            ("Is it warmer in Oslo?", "Is it warmer in Bergen?"),
        ),
        (
            "How many pupils are there with and without a laptop?",
            (
                "How many pupils are there with a laptop?",
                "How many pupils are there without a laptop?",
            ),
        ),
        (
            "How many cars did Volvo sell in 2019 and how many Saab?",
            ("How many cars did Volvo sell in 2019?", "How many cars did Saab sell in 2019?"),
        ),
        (
            "Who signs the form, and by when?",
            ("Who signs the form?", "Who signs the form? by when?"),
        ),
        (
            "Poetry against Pipenv: what does each expect?",
            ("Poetry: what does each expect?", "Pipenv: what does each expect?"),
        ),
        (
            "Which is larger on disk, the snapshot or the log?",
            ("Which is larger on disk, the snapshot?", "Which is larger on disk, the log?"),
        ),
        (
            "Regular or voting member: what may each do?",
            ("Regular member: what may each do?", "voting member: what may each do?"),
        ),
        (
            "partial versus full sync in data",
            ("What is partial sync in data?", "What is full sync in data?"),
        ),
        ("SEP or solo 401k?", ("What is SEP?", "What is solo 401k?")),
        (
            "Which notice is for the owner and which one for the user?",
            ("Which notice is for the owner?", "Which notice is for the user?"),
        ),
        (
            "Which side is closed in an odd year, and which in an even year?",
            ("Which side is closed in an odd year?", "Which side is closed in an even year?"),
        ),
        (
            "Which build for an ARM system, which for an Intel one?",
            ("Which build for an ARM system?", "Which build for an Intel system?"),
        ),
        (
            "Wie viel Pause steht mir bei sieben Stunden zu und wie viel bei zehn?",
            (
                "Wie viel Pause steht mir bei sieben Stunden zu?",
                "Wie viel Pause steht mir bei zehn Stunden zu?",
            ),
        ),
        (
            "Was ist der Unterschied zwischen Miete und Pacht?",
            ("Was ist Miete?", "Was ist Pacht?"),
        ),
        (
            "Quelle est la différence entre un prêt et un don ?",
            ("Qu'est-ce que un prêt ?", "Qu'est-ce que un don ?"),
        ),
        (
            "¿Qué diferencia hay entre alquiler y compra?",
            ("¿Qué es alquiler?", "¿Qué es compra?"),
        ),
        (
            "¿Cuál es la diferencia entre alquiler y compra?",
            ("¿Qué es alquiler?", "¿Qué es compra?"),
        ),
    ],
)
def test_parts_are_complete_questions(question: str, parts: tuple[str, ...]) -> None:
    assert tuple(part.text for part in parse_question(question).parts) == parts


@pytest.mark.parametrize(
    "question",
    [
        "What are the rights and duties of members?",
        "How and when did it begin?",
        "Who may enter the house and must sign the book?",
        "Did it stay open or did it close?",
        "Is it a cache, a mirror or a proxy?",
        "Compare the three grades by fat and use",
        "Can I pay by card or cash?",
        "Do I need a card or a key? What does it cost?",
        "When I add a block, what must I do with the others?",
        "plants appear shifted in the photos against the map",
        "Who signs the form, and by when? And why?",  # a follow-up behind what it follows
    ],
)
def test_a_simple_question_is_not_split(question: str) -> None:
    assert parse_question(question).parts == ()


def test_a_part_that_leaves_something_out_has_several_readings() -> None:
    first, second = parse_question("How fast do I talk, and where does the light go?").parts
    assert first.readings == ()
    alone, joined = second.readings
    assert alone.text == "where does the light go?"
    assert joined.text == "How fast do I talk? where does the light go?"
    assert joined.beside is not None
    assert joined.beside.text == alone.text


def test_a_side_that_says_less_may_begin_like_the_other() -> None:
    _, second = parse_question("Numbness in both legs or in one: how urgent?").parts
    assert [reading.text for reading in second.readings] == [
        "in one: how urgent?",
        "Numbness in one: how urgent?",
    ]


def test_both_sides_of_a_comparison_are_shown_with_their_names(
    make_library: Callable[..., Library],
) -> None:
    answer = ask(make_library, "What is the difference between a volunteer and an intern?")
    volunteer, intern = (
        answer.text.index(f"{name}: A")
        for name in ("Volunteer", "Intern")
        if f"{name}: An" in answer.text or f"{name}: A" in answer.text
    )
    assert volunteer < intern
    assert "without a wage" in answer.text[volunteer:intern]
    assert "at most six months" in answer.text[intern:]


def test_a_part_that_cannot_be_answered_is_named(make_library: Callable[..., Library]) -> None:
    question = "How many visitors did the museum have in 2022, and who built the lighthouse tower?"
    answer = ask(make_library, question)
    assert not answer.refused
    assert "5,600 visitors" in answer.text
    assert answer.text.endswith("“who built the lighthouse tower?”: the documents do not say.")


def test_a_question_of_which_no_part_can_be_answered_is_refused(
    make_library: Callable[..., Library],
) -> None:
    answer = ask(make_library, "Who built the lighthouse, and how deep is the harbour basin?")
    assert answer.refused
    assert answer.citations == ()


def test_search_returns_evidence_of_all_parts_without_duplicates(
    make_library: Callable[..., Library],
) -> None:
    assistant = Assistant(library=make_library(staff__md=STAFF))
    found = assistant.search("Did more people come in 2021 or in 2022?", k=4)
    assert len({item.row for item in found}) == len(found) <= 4
    sentences = " ".join(item.sentence for item in found)
    assert "4,100" in sentences and "5,600" in sentences
