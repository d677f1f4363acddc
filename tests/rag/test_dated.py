"""Questions to the documents of a day, such as the minutes of a meeting."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.attendance import ask_who_came
from rag.questions.moments import Moment, find_days, find_months
from rag.questions.parse import parse_question
from rag.retrieval.dated import add_readings

HEADINGS = ("Present", "Attendees", "Participants", "In attendance")


def minutes(day: str, heading: str, *people: str, decision: str) -> str:
    listed = "\n".join(f"* {name}" for name in people)
    return (
        f"# Harbour council meeting {day}\n\n## {heading}\n\n{listed}\n\n"
        f"## Decisions\n\n{decision}\n\n## Next meeting\n\nIt is announced by mail.\n"
    )


@pytest.fixture
def library(make_library: Callable[..., Library]) -> Library:
    return make_library(
        may__md=minutes(
            "2025-05-06", "Present", "Ada Holm", "Per Lund",
            decision="The council bought two buoys for the eastern channel.",
        ),
        june__md=minutes(
            "2025-06-03", "Attendees", "Kari Moe", "Ole Vik",
            decision="The council hired a second harbour master for the summer.",
        ),
        charter__md="# Charter\n\nAll members of the harbour are welcome at meetings.\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "people"),
    [
        ("Who was at the council meeting of 6 May?", ["Ada Holm", "Per Lund"]),
        ("Who attended the meeting on 2025-05-06?", ["Ada Holm", "Per Lund"]),
        ("Who was at the council meeting on June 3rd, 2025?", ["Kari Moe", "Ole Vik"]),
        ("Who took part in the meeting of 3.6.2025?", ["Kari Moe", "Ole Vik"]),
        ("How many people were at the meeting of 3 June?", ["Kari Moe", "Ole Vik"]),
    ],
)
def test_the_people_at_a_meeting_are_listed(
    library: Library, question: str, people: list[str]
) -> None:
    answer = Assistant(library=library).ask(question)
    assert [citation.sentence for citation in answer.citations] == people


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_list_is_found_under_any_usual_heading(
    make_library: Callable[..., Library], heading: str
) -> None:
    text = minutes("2025-05-06", heading, "Ada Holm", "Per Lund", decision="No decision was made.")
    library = make_library(may__md=text)
    answer = Assistant(library=library).ask("Who was at the council meeting of 6 May?")
    assert "Ada Holm" in answer.text
    assert "Per Lund" in answer.text


def test_what_was_decided_on_a_day_is_answered_by_its_minutes(library: Library) -> None:
    assistant = Assistant(library=library)
    assert "buoys" in assistant.ask("What did the council decide on 6 May?").text
    assert "harbour master" in assistant.ask("What did the council decide on 3 June?").text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What did the council decide in May 2025?", "buoys"),
        ("what did the council decide in june 2025?", "harbour master"),
        ("What did the council decide in January 2024?", "ferry"),
        ("What did the council decide on 9 february 2024?", "crane"),
    ],
)
def test_what_was_decided_in_a_month_is_answered_by_its_minutes(
    make_library: Callable[..., Library], question: str, told: str
) -> None:
    decisions = {
        "2025-05-06": "The council bought two buoys for the eastern channel.",
        "2025-06-03": "The council hired a second harbour master for the summer.",
        "2024-01-council-update": "The council sold the old ferry to the next town.",
        "2024-02-09-council-update": "The council repaired the crane at the northern pier.",
    }
    library = make_library(
        **{f"{name}__md": f"# Decisions\n\n{text}\n" for name, text in decisions.items()}
    )
    answer = Assistant(library=library).ask(question)
    assert told in answer.text
    assert len(answer.citations) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("le 1er mars 2024", Moment(2024, 3, 1)),
        ("¿Qué se decidió el 3 de junio de 2025?", Moment(2025, 6, 3)),
        ("Was geschah am 6. Mai 2025?", Moment(2025, 5, 6)),
        ("who came on may 6th", Moment(None, 5, 6)),
        ("acta 2019-11-09", Moment(2019, 11, 9)),
    ],
)
def test_days_are_found_as_people_type_them(text: str, found: Moment) -> None:
    ((_, (moment,)),) = find_days(text)
    assert moment == found
    assert find_months(text) == []


@pytest.mark.parametrize(
    "text", ["en junio de 2025", "en juin 2025", "im Juni 2025", "in june 2025"]
)
def test_a_month_and_its_year_are_found(text: str) -> None:
    ((span, (moment,)),) = find_months(text)
    assert moment == Moment(2025, 6)
    assert text[slice(*span)] == text.partition(" ")[2]
    assert find_days(text) == []


def test_a_spanish_question_asks_the_minutes_of_its_day(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(
        acta_2025_05_06__md="# Acta 2025-05-06\n\nEl consejo compró dos boyas para el canal.\n",
        acta_2025_06_03__md="# Acta 2025-06-03\n\nEl consejo contrató a un capitán de puerto.\n",
    )
    answer = Assistant(library=library).ask("¿Qué decidió el consejo el 3 de junio?")
    assert [citation.document.rpartition("/")[2] for citation in answer.citations] == [
        "acta_2025_06_03.md"
    ]


def test_another_year_of_a_month_is_refused(library: Library) -> None:
    assert Assistant(library=library).ask("What did the council decide in May 2019?").refused


def test_a_follow_up_is_about_the_same_day(library: Library) -> None:
    assistant = Assistant(library=library)
    assistant.ask("What did the council decide on 3 June?")
    assert assistant.history[-1].standalone == "What did the council decide on 3 June?"
    assert "buoys" in assistant.ask("And on 6 May?").text


@pytest.mark.parametrize(
    "question",
    ["Who was at the council meeting of 7 May?", "Who was at the meeting on 6 May 2019?"],
)
def test_another_day_is_refused(library: Library, question: str) -> None:
    assert Assistant(library=library).ask(question).refused


def test_only_chosen_documents_are_asked(library: Library) -> None:
    with library.snapshot() as snapshot:
        question = parse_question("Who was at the meeting of 6 May?")
        paths = [record.path for record in snapshot.documents]
        may = [path for path in paths if "may" in path]
        others = [path for path in paths if path not in may]
        asked = add_readings(question, snapshot, None)
        assert {reading.within for reading in asked.readings} == {tuple(may), ()}
        assert asked.readings[-1] == question
        assert add_readings(question, snapshot, others) == question


@pytest.mark.parametrize(
    "text", ["Who was at the mill?", "Who attended to the wounded?", "Who is at the head?"]
)
def test_other_questions_are_not_about_a_meeting(text: str) -> None:
    assert ask_who_came(text, "en") == ()


@pytest.mark.parametrize(
    "text",
    ["Wer war bei der Sitzung?", "Wer nahm an dem Treffen teil?", "Und wer war auf der Tagung?"],
)
def test_german_questions_are_understood(text: str) -> None:
    assert ask_who_came(text, "de")
