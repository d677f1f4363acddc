from collections.abc import Callable, Sequence

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.followups import resolve_question
from rag.questions.parse import parse_question
from rag.types import Answer, Citation, Turn

BEFORE = "Who is the mayor of Kyiv?"
HISTORY = [Turn(BEFORE, BEFORE, Answer(BEFORE, "It is X. [1]", refused=False, model="m"))]


@pytest.mark.parametrize(
    "question",
    ["Why?", "And what did he say?", "When was that?", "Where?", "And so?", "How so?"],
)
def test_a_follow_up_includes_the_question_before(question: str) -> None:
    assert resolve_question(parse_question(question), HISTORY).text == f"{BEFORE} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "How many helmets does Germany send to Ukraine?",
        "Who mediates the Paris talks?",
        "Who is the mayor of Kyiv?",
        "Is there a lighthouse?",
        "Is it true that the pillows were sent to Kyiv by train?",
    ],
)
def test_a_complete_question_is_not_changed(question: str) -> None:
    assert resolve_question(parse_question(question), HISTORY).text == question


def test_many_follow_ups_do_not_become_too_long() -> None:
    history = list(HISTORY)
    for _ in range(500):
        standalone = resolve_question(parse_question("And why?"), history).text
        history.append(Turn("And why?", standalone, HISTORY[0].answer))
        assert len(standalone) <= 2000


def test_a_first_question_is_no_follow_up() -> None:
    assert resolve_question(parse_question("And why?"), []).text == "And why?"


def turn(question: str, *quoted: str) -> list[Turn]:
    """Return a conversation whose answer quotes sentences of one document."""
    citations = tuple(
        Citation(number, "houses.md", "Houses", 100 * number, 100 * number + len(text), text)
        for number, text in enumerate(quoted, 1)
    )
    answer = Answer(question, "X. [1]", refused=False, model="m", citations=citations)
    return [Turn(question, question, answer)]


def resolve(question: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """Return the readings of a follow-up."""
    resolved = resolve_question(parse_question(question), history)
    return tuple(reading.text for reading in resolved.readings or (resolved,))


def test_a_follow_up_is_searched_for_beside_the_question_before() -> None:
    resolved = resolve_question(parse_question("And what did he say?"), HISTORY)
    assert resolved.beside is not None
    assert resolved.beside.text == "And what did he say?"
    assert resolve_question(parse_question("Why?"), HISTORY).beside is None  # says nothing alone


def test_the_documents_that_the_answer_quotes_are_preferred() -> None:
    history = turn("Which houses are there?", "A wooden house.", "A stone tower.")
    assert resolve_question(parse_question("How old are they?"), history).near == ("houses.md",)


def test_a_short_question_without_pointers_may_be_complete() -> None:
    assert resolve("What do I wear?", turn("Is the check compulsory?")) == (
        "What do I wear?",
        "Is the check compulsory? What do I wear?",
    )


def test_a_question_without_a_mark_gets_one_before_a_follow_up() -> None:
    assert resolve("Why is it slow?", turn("start of the lift"))[0] == (
        "start of the lift? Why is it slow?"
    )


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        (
            "How long is it free after leaving?",
            "And if I am ill?",
            "How long is it free after leaving if I am ill?",
        ),
        (
            "Which phone is good if I am rich?",
            "What if I am poor?",
            "Which phone is good if I am poor?",
        ),
        (
            "Wie lange bleibe ich zu Hause?",
            "Und wenn es Zwillinge sind?",
            "Wie lange bleibe ich zu Hause wenn es Zwillinge sind?",
        ),
    ],
)
def test_a_condition_is_added_or_takes_the_place_of_another(
    before: str, asked: str, expected: str
) -> None:
    assert resolve(asked, turn(before))[0] == expected


def test_a_thing_replaces_the_thing_that_is_nearest_by_meaning() -> None:
    def likeness(text: str, others: Sequence[str]) -> list[float]:
        near = {"beers": 0.6, "drink": 0.5}
        return [near.get(other, 0.1) if text == "wine" else 0.1 for other in others]

    history = turn("How many beers does a German drink?")
    resolved = resolve_question(parse_question("And wine?"), history, likeness)
    assert resolved.text == "How many wine does a German drink?"
    unlike = resolve_question(parse_question("And snow?"), history, likeness)
    assert unlike.text == "How many beers does a German drink? And snow?"


def test_an_item_of_the_answer_is_named_by_its_position() -> None:
    history = turn("Which houses are there?", "- A wooden house.", "- A stone tower.")
    assert resolve("Who built the second one?", history) == ("Who built A stone tower?",)
    history = turn("Welche Häuser gibt es?", "- Ein Haus.", "- Ein Turm.")
    assert resolve("Wer baute das zweite?", history) == ("Wer baute Ein Turm?",)


def test_what_was_quoted_is_left_out_of_what_comes_then() -> None:
    history = turn("Which houses are there?", "A wooden house.", "A stone tower.")
    told = resolve_question(parse_question("And then?"), history).told
    assert told == (("houses.md", 100), ("houses.md", 200))


MUSEUM = """# The museum

Interns get a wage of 400 francs.
Interns stay for at most six months.
Volunteers stay as long as they like.
Guided tours take ninety minutes.
The lamp of the lighthouse burns oil.
"""


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        ("What wage do interns get?", "How long do they stay?", "at most six months"),
        ("How long do interns stay?", "And volunteers?", "as long as they like"),
        ("What wage do interns get?", "How long do guided tours take?", "ninety minutes"),
    ],
)
def test_follow_ups_and_new_topics_are_answered(
    make_library: Callable[..., Library], before: str, asked: str, expected: str
) -> None:
    assistant = Assistant(library=make_library(museum__md=MUSEUM))
    assistant.ask(before)
    answer = assistant.ask(asked)
    assert expected in answer.text


def test_more_is_something_new(make_library: Callable[..., Library]) -> None:
    assistant = Assistant(library=make_library(museum__md=MUSEUM))
    quoted = {citation.start for citation in assistant.ask("What wage do interns get?").citations}
    more = assistant.ask("What else?")
    assert quoted
    assert quoted.isdisjoint(citation.start for citation in more.citations)


def test_why_is_not_answered_by_the_same_again(make_library: Callable[..., Library]) -> None:
    decision = (
        "# The archive\n\n## Decision\n\nThe archive moves from the attic to the cellar.\n\n"
        "## Reasons\n\nThe attic is too hot for old paper in summer.\n"
    )
    assistant = Assistant(library=make_library(archive__md=decision))
    assert "to the cellar" in assistant.ask("Where does the archive move to?").text
    answer = assistant.ask("Why?")
    assert "too hot" in answer.text
    assert "to the cellar" not in answer.text


def test_why_may_be_answered_by_the_same_sentence(make_library: Callable[..., Library]) -> None:
    told = "# The mill\n\nThe mill closed in 1911 because the river had moved.\n\nIt was red.\n"
    assistant = Assistant(library=make_library(mill__md=told))
    assert "1911" in assistant.ask("When did the mill close?").text
    assert "because the river had moved" in assistant.ask("Why?").text


@pytest.mark.parametrize(
    ("before", "question", "readings"),
    [
        ("How many helmets does Germany deliver?", "What is Bild?", 0),
        ("How many helmets does Germany deliver?", "Who leads Ukraine?", 0),
        ("How do I apply for the course?", "How long does the exam take?", 2),
        ("Wie melde ich mich zum Kurs an?", "Wie lange dauert die Prüfung?", 2),
    ],
)
def test_short_question_is_complete_if_it_names_its_subject(
    before: str, question: str, readings: int
) -> None:
    resolved = resolve_question(parse_question(question), turn(before, "It is X."))
    assert resolved.text == question
    assert len(resolved.readings) == readings
