"""The confidence of an answer is what its sentences, and those that were not chosen, allow."""

from collections.abc import Callable
from dataclasses import replace

from rag.answers.confidence import estimate_confidence
from rag.answers.units import make_units
from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question

TOWER = "The Tower of Blau is 82 metres high. It was built by Ada Marsh in 1911."


def test_answer_that_stands_out_is_surer_than_one_of_two_alike(
    make_library: Callable[..., Library],
) -> None:
    text = "How high is the Tower of Blau?"
    found = Assistant(library=make_library(tower__md=TOWER)).search(text)
    found[1] = replace(found[1], score=found[0].score * 0.99)
    units = make_units(found)

    question = parse_question(text)
    alone = estimate_confidence(question, found, units[:1], units[:1])
    beside_another = estimate_confidence(question, found, units, units[:1])

    assert 0 < beside_another < alone < 1


def test_question_with_parts_is_as_sure_as_its_least_sure_part(
    make_library: Callable[..., Library],
) -> None:
    assistant = Assistant(library=make_library(tower__md=TOWER))
    parts = ("How high is the Tower of Blau?", "Who built the Tower of Blau?")
    alone = [assistant.ask(part).confidence for part in parts]

    both = assistant.ask("How high is the Tower of Blau, and who built the Tower of Blau?")

    assert both.confidence is not None
    assert None not in alone
    assert both.confidence <= max(each for each in alone if each is not None)


def test_answer_in_other_words_is_less_sure(make_library: Callable[..., Library]) -> None:
    assistant = Assistant(library=make_library(tower__md=TOWER))

    told = assistant.ask("How high is the Tower of Blau?")
    unlike = assistant.ask("How tall is the building?")

    assert told.confidence is not None
    assert unlike.refused or (unlike.confidence or 0) < told.confidence
