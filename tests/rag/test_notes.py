"""Texts longer than a chat model's budget, read in portions. A test server sends scripted texts."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from rag.answers.reading import share_room
from rag.assistant import Assistant
from rag.generation.context import Context, Note
from rag.generation.gathering import measure_lines
from rag.generation.notes import MOST_PORTIONS, divide
from rag.library.library import Library
from rag.questions.intents import recognise_request
from rag.types import Answer, Delta, Evidence
from tests.evidence import EVIDENCE

WINDOW = 1_000  # tokens, so that the model's budget is 1,400 characters
BUDGET = 1_400
NOTES = "You take notes of one part"
"""A part of the prompt for notes."""
REQUEST = "Summarise the document keepers"


def write_keepers(count: int) -> str:
    return " ".join(
        f"Keeper Nora{n} Lind{n} came to the lighthouse of Skarv in {1700 + n} with {n + 2} goats."
        for n in range(count)
    )


def find_facts(prompt: str) -> dict[int, str]:
    """Return the numbered sentences of a prompt, or the notes by their first number."""
    lines = re.findall(r"^\[(\d+)\](?:\[\d+\])* (.+)$", prompt, re.MULTILINE)
    return {int(number): text for number, text in lines}


def note_first(prompt: str) -> list[str]:
    """Write what a model may: the first sentence of a portion, or of all notes the last two."""
    facts = [*find_facts(prompt).items()]
    chosen = facts[:1] if NOTES in prompt else facts[-2:]
    return [f"{text.rstrip('.')} [{number}]. " for number, text in chosen]


@pytest.fixture
def library(connect: Callable[..., Library], chat_server: Any) -> Library:
    """A document of about 3,900 characters, and a model that can be shown 1,400 of them."""
    chat_server.script.window = WINDOW
    chat_server.script.answer = note_first
    return connect(texts={"keepers__txt": write_keepers(50)})


def list_prompts(server: Any) -> tuple[list[str], list[str]]:
    """Return the prompts for notes, and the others."""
    prompts = server.script.prompts
    return [p for p in prompts if NOTES in p], [p for p in prompts if NOTES not in p]


def check_citations(answer: Answer, library: Library) -> None:
    assert answer.citations
    for citation in answer.citations:
        document = library.read_document(citation.document)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.sentence


def test_long_text_is_summarised_from_notes_and_its_citations_are_sentences(
    library: Library, chat_server: Any
) -> None:
    answer = Assistant(library=library).ask(REQUEST)
    notes, [last] = list_prompts(chat_server)
    assert 1 < len(notes) <= MOST_PORTIONS
    sentences = [text for prompt in notes for text in find_facts(prompt).values()]
    assert sentences == write_keepers(50).replace(". ", ".\n").split("\n")  # in order, each once
    assert all(len("".join(find_facts(prompt).values())) <= BUDGET for prompt in notes)
    assert [*find_facts(last).values()] == [find_facts(prompt)[1] for prompt in notes]
    assert answer.model == "openai:test-model"
    assert [c.sentence for c in answer.citations] == [find_facts(p)[1] for p in notes[-2:]]
    assert (answer.unsupported, answer.notice) == ((), "")
    check_citations(answer, library)
    assert answer.usage is not None
    assert answer.usage.input_tokens == 11 * (len(notes) + 1)
    assert not answer.usage.estimated


def test_tokens_of_notes_that_are_stopped_are_estimated(library: Library, chat_server: Any) -> None:
    """The server tells the tokens at the end of a text, which never comes."""

    def say(prompt: str) -> list[str]:
        return note_first(prompt) * (100 if NOTES in prompt else 1)

    chat_server.script.answer = say
    answer = Assistant(library=library).ask(REQUEST)
    notes, _ = list_prompts(chat_server)
    assert answer.usage is not None
    assert answer.usage.estimated
    assert answer.usage.input_tokens == 11 + sum(len(prompt) // 4 for prompt in notes)
    assert len(notes) * (BUDGET // len(notes) // 4) <= answer.usage.output_tokens < BUDGET


def test_text_that_fits_is_read_at_once_and_whole(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.window = WINDOW
    chat_server.script.answer = note_first
    library = connect(texts={"keepers__txt": write_keepers(12)})
    Assistant(library=library).ask(REQUEST)
    assert [len(find_facts(prompt)) for prompt in chat_server.script.prompts] == [12]


def test_longer_text_is_read_in_four_portions_and_the_notice_says_how_much(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.window = WINDOW
    chat_server.script.answer = note_first
    library = connect(texts={"keepers__txt": write_keepers(200), "ferry__txt": "A ferry sails."})
    answer = Assistant(library=library).ask("Summarise the documents")
    notes, _ = list_prompts(chat_server)
    assert len(notes) == MOST_PORTIONS
    sentences = [text for prompt in notes for text in find_facts(prompt).values()]
    assert f"{len(sentences)} of its 201 sentences were read" in answer.notice
    assert "A ferry sails." in sentences  # a short document is read whole
    years = [int(match[1]) for text in sentences if (match := re.search(r"in (1\d{3})", text))]
    assert years == sorted(years)
    assert years[-1] > 1850  # not only the beginning


def test_claims_of_the_answer_are_checked_against_sentences_and_not_against_notes(
    library: Library, chat_server: Any
) -> None:
    def say(prompt: str) -> list[str]:
        number, fact = next(iter(find_facts(prompt).items()))
        false = "The keepers sold their goats to a circus in Bergen"
        if NOTES in prompt:
            return [f"{fact} [{number}] {false} [{number}]."]
        return [f"{fact} [{number}] {false} [{number}]."]

    chat_server.script.answer = say
    answer = Assistant(library=library).ask(REQUEST)
    _, [last] = list_prompts(chat_server)
    assert "circus" not in last  # a note without support is dropped
    [(start, end)] = answer.unsupported
    assert "circus" in answer.text[start:end]
    check_citations(answer, library)


def test_model_that_writes_nothing_supported_is_replaced_by_the_quoted_summary(
    library: Library, chat_server: Any
) -> None:
    chat_server.script.answer = lambda prompt: ["Ole Vik won the regatta in Bergen. [1]"]
    answer = Assistant(library=library).ask(REQUEST)
    quoted = Assistant(library=library, chat_model="extractive").ask(REQUEST)
    assert (answer.text, answer.model) == (quoted.text, "extractive")
    assert "nothing that the documents support" in answer.notice
    assert list_prompts(chat_server)[1] == []


def test_portion_that_cannot_be_read_is_named_and_the_others_are_used(
    library: Library, chat_server: Any
) -> None:
    def say(prompt: str) -> list[str]:
        chat_server.script.breaks = "Nora0 " in prompt and NOTES in prompt
        return note_first(prompt)

    chat_server.script.answer = say
    answer = Assistant(library=library).ask(REQUEST)
    assert answer.model == "openai:test-model"
    assert answer.notice == (
        "Part 1 could not be read (its server cannot be reached, or closed the connection)."
    )
    assert all("Nora0 " not in citation.sentence for citation in answer.citations)
    check_citations(answer, library)


@pytest.mark.parametrize(
    ("name", "value", "reason", "requests"),
    [("breaks", True, "closed the connection", 2), ("stalls", True, "silent for 0.3 s", 2)],
)
def test_second_failure_ends_the_reading_and_the_summary_is_quoted(
    library: Library,
    chat_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: bool,
    reason: str,
    requests: int,
) -> None:
    monkeypatch.setattr("rag.generation.chat_models.TIMEOUT", 0.3)
    setattr(chat_server.script, name, value)
    deltas = list(Assistant(library=library).stream(REQUEST))
    chat_server.script.gone.set()
    answer = deltas[-1].answer
    assert answer is not None
    assert answer.model == "extractive"
    assert reason in answer.notice
    assert len(chat_server.script.requests) <= requests
    assert sum(deltas, Delta()).text == answer.text


def test_progress_is_told_before_each_portion(library: Library, chat_server: Any) -> None:
    deltas = list(Assistant(library=library).stream(REQUEST))
    count = len(list_prompts(chat_server)[0])
    told = [delta.progress for delta in deltas if delta.progress]
    assert told == [(number, count) for number in range(1, count + 1)]
    assert deltas[0].progress == (1, count)
    assert deltas[-1].answer is not None
    assert "".join(delta.text for delta in deltas) == deltas[-1].answer.text


@pytest.mark.parametrize("stop_at", [1, 2])
def test_stop_during_and_between_portions_ends_the_request(
    library: Library, chat_server: Any, stop_at: int
) -> None:
    def say(prompt: str) -> list[str]:
        chat_server.script.hangs = len(chat_server.script.requests) == stop_at
        return note_first(prompt)

    chat_server.script.answer = say
    assistant = Assistant(library=library)
    stream = assistant.stream(REQUEST)
    assert any(delta.progress == (stop_at, 3) for delta in stream)
    if stop_at == 1:  # during a portion: the model has begun to write
        while not chat_server.script.times:
            next(stream)
    stream.close()
    if stop_at == 1:
        assert chat_server.script.gone.wait(10)
    assert len(chat_server.script.requests) == 1  # no further portion is asked for
    assert assistant.history == ()


def test_endless_notes_are_ended(library: Library, chat_server: Any) -> None:
    def say(prompt: str) -> list[str]:
        chat_server.script.endless = NOTES in prompt
        return note_first(prompt)

    chat_server.script.answer = say
    answer = Assistant(library=library).ask(REQUEST)
    assert answer.model == "openai:test-model"
    notes, [last] = list_prompts(chat_server)
    assert len(find_facts(last)) == len(notes)  # what the model repeats is one note
    check_citations(answer, library)


COMPARED = {
    "ferry__md": "# Ferry\n\nThe ferry needs:\n\n"
    + "\n".join(f"- a rope of {n} metres and a lamp of kind {n} for the deck" for n in range(30)),
    "barge__md": "# Barge\n\nThe barge needs:\n\n"
    + "\n".join(
        f"- an anchor of {n} pounds and a sail of size {n} for the mast" for n in range(30)
    ),
}


@pytest.mark.parametrize(
    ("window", "portions"), [(WINDOW, True), (None, False)], ids=["too long", "fits"]
)
@pytest.mark.parametrize(
    "question",
    ["What is the difference between what the ferry needs and what the barge needs?",
     "Compare the ferry and the barge"],
)  # fmt: skip
def test_comparison_is_written_from_notes_only_if_it_does_not_fit(
    connect: Callable[..., Library],
    chat_server: Any,
    question: str,
    window: int | None,
    portions: bool,
) -> None:
    chat_server.script.window = window
    chat_server.script.answer = note_first
    library = connect(texts=COMPARED)
    answer = Assistant(library=library).ask(question)
    notes, [last] = list_prompts(chat_server)
    assert bool(notes) == portions
    assert f"Question: {question}" in last
    shown = "\n".join([*notes, last])
    assert {*re.findall(r"^Document: (\w+)$", shown, re.MULTILINE)} == {"Ferry", "Barge"}
    check_citations(answer, library)


def test_documents_are_compared_as_a_whole_only_if_a_model_writes(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    documents = connect(texts=COMPARED).documents()
    for text in ("Compare the ferry and the barge", "How do the ferry and the barge differ?"):
        request = recognise_request(text, documents, written=True)
        assert request is not None
        assert [record.path.rpartition("/")[2] for record in request.documents] == [
            "ferry.md",
            "barge.md",
        ]
        assert recognise_request(text, documents) is None
    for text in ("Compare the ferry and a canoe", "Compare ferry.md and the ferry"):
        assert recognise_request(text, documents, written=True) is None


def test_comparison_is_quoted_as_a_question_if_the_model_fails(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    library = connect(texts=COMPARED)
    chat_server.script.refusals = 99
    chat_server.script.status = 500
    question = "Compare the ferry and the barge"
    quoted = Assistant(library=library, chat_model="extractive").ask(question)
    assert Assistant(library=library).ask(question).text == quoted.text


def make_lines(*texts: str) -> list[Evidence]:
    return [replace(EVIDENCE, readable=text, row=row) for row, text in enumerate(texts)]


def test_portions_hold_every_sentence_that_fits_in_order() -> None:
    lines = make_lines(*("x" * length for length in (30, 5, 90, 500, 60, 60, 1)))
    portions = divide(lines, 130)
    assert [item for portion in portions for item in portion] == [*lines[:3], *lines[4:]]
    for portion in portions:
        sizes = [measure_lines(b, a) for a, b in pairwise((None, *portion)) if b is not None]
        assert sum(sizes) <= 130
    assert divide([], 130) == divide(lines[3:4], 130) == []


def test_notes_are_shown_below_their_documents_with_their_numbers() -> None:
    lines = make_lines("A.", "B.")
    notes = (Note("Say [7] <b>.", (2, 1)), Note("More.", (2,)))
    rendered = Context(tuple(lines), notes=notes).render()
    assert rendered == f"Document: {lines[0].title}\n[2][1] Say (7) ‹b›.\n[2] More."


def test_room_is_shared_equally_and_what_is_left_goes_to_longer_texts() -> None:
    assert share_room([10, 500, 90, 400], 300) == [10, 100, 90, 100]
    assert share_room([10, 20], 300) == [10, 20]
    assert share_room([], 300) == []
