"""The likelihood that the documents answer a question at all, and what it depends on."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from rag.answers.answerability import can_answer, estimate_answerability
from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.types import Evidence, Signals
from tests.evidence import EVIDENCE

QUESTION = parse_question("What is the bridge made of?")


def make(score: float, read: float, *, position: int = 0, text: str = "It is iron.") -> Evidence:
    signals = Signals(1.0, 0.5, 0.5, 0.5, 0.5, passage_covered=0.5, read=read)
    return replace(
        EVIDENCE, readable=text, around=("The bridge.", text), score=score, signals=signals,
        position=position, row=position, headings=("A", "Bridges"),
    )  # fmt: skip


def put_in_plain_text(item: Evidence) -> Evidence:
    """Return a sentence as if it stood in running text without headings."""
    return replace(item, headings=("A",), title="A")


def test_without_statements_nothing_is_answered() -> None:
    assert estimate_answerability(QUESTION, []) == 0
    assert not can_answer(QUESTION, [replace(make(0.9, 3.0), role="heading")])


def test_likely_sentences_speak_for_an_answer() -> None:
    likely, unlikely = make(0.9, 2.0), make(0.05, -4.0)
    assert can_answer(QUESTION, [likely])
    assert not can_answer(QUESTION, [unlikely])
    several = [replace(unlikely, row=row, position=row) for row in range(8)]
    read = [replace(item, signals=replace(item.signals, read=0.0)) for item in several]
    one = estimate_answerability(QUESTION, read[:1])
    assert one < estimate_answerability(QUESTION, read)


def test_a_name_that_is_not_there_speaks_against_an_answer() -> None:
    evidence = [make(0.3, 0.0)]
    here = parse_question("What did Bridge build in May?")
    elsewhere = parse_question("What did Ole Vik build in Tarn?")
    assert here.kind == elsewhere.kind
    assert estimate_answerability(elsewhere, evidence) < estimate_answerability(here, evidence)


@pytest.mark.parametrize("question", ["How many rooms does the bridge have?", "Who built it?"])
def test_a_detail_that_is_asked_for_needs_more_evidence(question: str) -> None:
    evidence = [make(0.3, 0.0)]
    detail = estimate_answerability(parse_question(question), evidence)
    assert detail < estimate_answerability(parse_question("What is it made of?"), evidence)


def test_a_row_speaks_for_an_answer_if_the_question_is_in_the_words_of_its_columns() -> None:
    item = make(0.1, 0.5)
    signals = replace(item.signals, row_equal=1, row_complete=True)
    row = replace(item, signals=signals)
    described = replace(item, signals=replace(signals, described=True))
    assert estimate_answerability(QUESTION, [row]) == estimate_answerability(QUESTION, [item])
    assert estimate_answerability(QUESTION, [described]) > estimate_answerability(QUESTION, [row])


def test_in_plain_text_words_that_are_missing_speak_against_an_answer() -> None:
    item = make(0.3, 0.0)
    few, many = (
        replace(item, signals=replace(item.signals, passage_covered=share)) for share in (0.2, 0.9)
    )
    plain = [estimate_answerability(QUESTION, [put_in_plain_text(each)]) for each in (few, many)]
    assert plain[0] < plain[1]
    assert plain[1] != estimate_answerability(QUESTION, [many])


def test_in_plain_text_of_other_languages_than_english_missing_words_count_less() -> None:
    item = make(0.3, 0.0)
    few, many = (
        replace(item, signals=replace(item.signals, passage_covered=share)) for share in (0.2, 0.9)
    )

    def weigh(language: str) -> float:
        plain = [replace(put_in_plain_text(each), language=language) for each in (few, many)]
        without, with_all = (estimate_answerability(QUESTION, [each]) for each in plain)
        return math.log(with_all / (1 - with_all)) - math.log(without / (1 - without))

    assert 0 < weigh("de") < weigh("en")


def test_text_of_a_pdf_is_not_taken_for_plain_text() -> None:
    item = make(0.3, 0.0)
    page = replace(put_in_plain_text(item), place=replace(item.place, page=3))
    assert estimate_answerability(QUESTION, [page]) == estimate_answerability(QUESTION, [item])


def test_a_detail_that_the_documents_leave_out_is_refused(
    make_library: Callable[..., Library],
) -> None:
    text = (
        "# Rooms\n\nThe club has three rooms. Members book a room at the desk by Friday. "
        "A room is free for members. Guests pay for a room at the desk.\n"
    )
    assistant = Assistant(library=make_library(**{"rooms.md": text}))
    assert not assistant.ask("How do members book a room?").refused
    assistant.reset()
    assert assistant.ask("In which year were the rooms painted?").refused


def test_the_fifth_likeliest_sentence_counts_among_many() -> None:
    best = make(0.5, 1.0)
    near, far = (
        [make(0.01, read, position=at) for at in range(1, 5)] for read in (-2.5, -7.0)
    )  # none of them likely to answer by itself
    rest = [make(0.01, -7.5, position=at) for at in range(5, 40)]
    assert estimate_answerability(QUESTION, [best, *near, *rest]) > estimate_answerability(
        QUESTION, [best, *far, *rest]
    )
    # Of a short document, five sentences seldom answer.
    assert estimate_answerability(QUESTION, [best, *far]) > estimate_answerability(
        QUESTION, [best, *far, *rest]
    )


def test_a_quoted_heading_speaks_for_what_stands_below_it() -> None:
    question = parse_question("What is said about “Bridges”?")
    below = make(0.1, -4.0)
    elsewhere = replace(below, headings=("A", "Roads"))
    assert estimate_answerability(question, [below]) > estimate_answerability(question, [elsewhere])
