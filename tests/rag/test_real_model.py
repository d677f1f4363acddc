"""A real, weak chat model: what must hold whatever it writes. LangChain's client asks it.

The model is SmolLM2-135M (`tests/model_server.py`). Own prompt templates make it ramble, copy and
so on. No test looks for words of its answers: another version of llama.cpp may write others.
"""

import os
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from index import Encoder
from rag.assistant import Assistant
from rag.generation.servers import find_window
from rag.library.library import Library
from rag.settings import load_settings
from rag.types import Answer, Delta
from tests.model_server import KINDS, MODEL, ModelServer, is_installed

pytestmark = pytest.mark.skipif(
    not is_installed() and "FOOTNOTE_REQUIRE_MODEL" not in os.environ,
    reason="needs the packages of tests/requirements.lock",
)

LIGHT = (
    "The lighthouse at Skarv was finished in 1874. Its first keeper was Nora Lind. "
    "She kept twelve goats on the island. The lamp burned oil until 1931."
)
FERRY = "The ferry to Skarv sails on Mondays and Fridays. A ticket costs 12 crowns."
QUESTION = "Who was the first keeper of the lighthouse?"

_MARK = re.compile(r"\[(\d{1,3}|\?)\]")
_SOURCES = "\n\n<sentences>\n{sentences}\n</sentences>\n\n{question}\n"
_TEMPLATES = {
    "no markers": "Tell the answer in one sentence. Never write brackets." + _SOURCES,
    "wrong markers": "Answer from the sentences. Write [9] after every sentence." + _SOURCES,
    "another language": "Antworte auf Deutsch: {question}" + _SOURCES,
    "copies the prompt": "Repeat everything below, word for word, with its tags." + _SOURCES,
    "rambles": "Forget the sentences. Tell a long story about the sea." + _SOURCES,
    "repeats": _SOURCES + "Write the first sentence ten times.",
}
"""Instructions that make the model write badly; {refusal} is put behind them."""


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[str], ModelServer]]:
    """Start the server of a kind when it is first asked for."""
    running: dict[str, ModelServer] = {}

    def run(kind: str) -> ModelServer:
        assert kind in KINDS
        if kind not in running:
            running[kind] = ModelServer(kind)
        return running[kind]

    yield run
    for server in running.values():
        server.stop()


@pytest.fixture
def connect(
    make_library: Callable[..., Library],
    serve: Callable[[str], ModelServer],
    encoder: Encoder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Callable[..., Library]]:
    """Make a library whose chat model is the real one, by the settings in the environment."""
    made: list[Library] = []

    def run(kind: str = "plain", template: str | None = None, **texts: str) -> Library:
        plain = make_library(**texts or {"light__txt": LIGHT, "ferry__txt": FERRY})
        monkeypatch.setenv("RAG_CHAT_MODEL", f"openai:{MODEL}")
        monkeypatch.setenv("RAG_CHAT_BASE_URL", serve(kind).url)
        if template is not None:
            (tmp_path / "answer.md").write_text(template + "\n{refusal}", "utf-8")
            monkeypatch.setenv("RAG_PROMPTS", str(tmp_path))
        made.append(Library(load_settings(store=plain.store), load=lambda name: encoder))
        return made[-1]

    yield run
    for library in made:
        library.close()


def check(answer: Answer, library: Library) -> None:
    """Assert what must hold of every answer."""
    for citation in (*answer.citations, *answer.closest):
        document = library.read_document(citation.document)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.sentence
    marks = _MARK.findall(answer.text)
    assert set(marks) - {"?"} <= {str(citation.number) for citation in answer.citations}
    assert marks.count("?") == len(answer.unsupported)
    assert all(answer.text[end:].startswith(" [?]") for _, end in answer.unsupported)
    assert all(end <= start for (_, end), (start, _) in pairwise(answer.unsupported))
    # Nothing that is not supported is handed out as the answer.
    assert answer.refused or answer.citations
    if answer.model != f"openai:{MODEL}":
        quoted = Assistant(library=library, chat_model="extractive").ask(answer.question)
        assert "it said nothing" in answer.notice  # and not that the server failed
        if not answer.searches:
            assert (answer.text, answer.citations) == (quoted.text, quoted.citations)
        assert not answer.unsupported


def test_settings_connect_a_real_model_and_what_it_answers_is_checked(
    connect: Callable[..., Library],
) -> None:
    library = connect()
    first, again = (Assistant(library=library).ask(QUESTION) for _ in range(2))
    check(first, library)
    assert (first.text, first.citations) == (again.text, again.citations)


@pytest.mark.parametrize("weakness", _TEMPLATES)
def test_answer_of_a_weak_model_is_cited_marked_or_replaced(
    connect: Callable[..., Library], weakness: str
) -> None:
    library = connect(template=_TEMPLATES[weakness])
    deltas = list(Assistant(library=library).stream(QUESTION))
    answer = deltas[-1].answer
    assert answer is not None
    check(answer, library)
    assert join(deltas) == answer.text


def test_question_that_the_documents_do_not_answer_gets_no_invented_answer(
    connect: Callable[..., Library],
) -> None:
    library = connect()
    check(Assistant(library=library).ask("Who won the world cup in 2018?"), library)


def test_list_is_whole_whatever_the_model_leaves_out_of_it(connect: Callable[..., Library]) -> None:
    items = ("on the website", "by calling the boat keeper", "in person at the boathouse")
    lead = "Members can book a boat in the following ways:"
    text = "\n".join([lead, "", *(f"- {item}" for item in items)])
    library = connect(club__md=f"# The rowing club\n\n{text}\n\nIt was founded in 1911.\n")
    answer = Assistant(library=library).ask("In which ways can members book a boat?")
    check(answer, library)
    assert answer.refused or {*items} <= {citation.sentence for citation in answer.citations}


def test_question_that_a_weak_model_splits_gets_a_checked_answer(
    connect: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_SPLIT_QUESTIONS", "true")
    library = connect()
    asked = "Who was the first keeper of the lighthouse, and what does a ticket for the ferry cost?"
    answer = Assistant(library=library).ask(asked)
    check(answer, library)
    assert len(answer.searches) in (0, 2, 3, 4)
    assert all(search.endswith("?") and search != asked for search in answer.searches)


def test_text_that_a_weak_model_reads_in_portions_gets_a_checked_summary(
    connect: Callable[..., Library],
) -> None:
    facts = [f"Keeper number {n} of the lighthouse came in the year {1800 + n}." for n in range(60)]
    library = connect(light__txt=" ".join(facts))
    deltas = list(Assistant(library=library).stream("Summarise the document light"))
    answer = deltas[-1].answer
    assert answer is not None
    check(answer, library)
    assert join(deltas) == answer.text
    assert [delta.progress for delta in deltas if delta.progress] == [(n, 3) for n in (1, 2, 3)]


def test_model_that_stops_at_once_is_replaced_by_the_quoted_answer(
    connect: Callable[..., Library],
) -> None:
    library = connect("silent")
    answer = Assistant(library=library).ask(QUESTION)
    check(answer, library)
    assert "it said nothing" in answer.notice
    assert "Nora Lind" in answer.text


def test_model_that_writes_until_its_window_is_full_gets_a_whole_answer(
    connect: Callable[..., Library],
) -> None:
    library = connect("endless")
    check(Assistant(library=library).ask(QUESTION), library)


def test_prompt_fits_in_the_window_that_the_server_tells(
    connect: Callable[..., Library], serve: Callable[[str], ModelServer]
) -> None:
    facts = [f"Keeper number {n} of the lighthouse came in the year {1800 + n}." for n in range(99)]
    library = connect("endless", light__txt=" ".join(facts))
    assert find_window(library.models.chat()) == serve("endless").window
    question = "Which keepers of the lighthouse came, and when?"
    check(Assistant(library=library).ask(question), library)  # llama.cpp refuses a longer prompt


def test_stop_in_mid_answer_frees_the_model_for_the_next_question(
    connect: Callable[..., Library],
) -> None:
    library = connect("endless")
    assistant = Assistant(library=library)
    for _ in range(3):  # more than the server can answer at once
        stream = assistant.stream(QUESTION)
        assert any(delta.text for delta in stream)
        stream.close()
    assert assistant.history == ()
    check(Assistant(library=library).ask(QUESTION), library)


def test_two_users_at_once_get_checked_answers_to_their_own_questions(
    connect: Callable[..., Library],
) -> None:
    library = connect()
    questions = (QUESTION, "What does a ticket for the ferry cost?")
    answers: dict[str, Answer] = {}

    def ask(question: str) -> None:
        answers[question] = Assistant(library=library).ask(question)

    threads = [Thread(target=ask, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for question in questions:
        assert answers[question].question == question
        check(answers[question], library)


def join(deltas: list[Delta]) -> str:
    """Return the text that a reader of a stream has at its end."""
    text = ""
    for delta in deltas:
        text = delta.text if delta.restart else text + delta.text
    return text


def test_model_of_the_tests_is_offered(
    serve: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.generation.chat_models import list_choices

    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    offered = list_choices("extractive", serve("plain").url)
    assert offered == ["extractive", f"openai:{MODEL}"]
