"""LangChain's clients of Anthropic and Google, against the published protocols of both.

The exchanges are written from the providers' documentation, not recorded from their services; see
`tests/provider_server.py`.
"""

from collections.abc import Callable, Iterator

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.types import Answer
from tests.provider_server import Exchange, serve_providers

# Google's client uses something deprecated itself.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TEXT = (
    "The lighthouse at Skarv was finished in 1874. Its first keeper was Nora Lind. "
    "She kept twelve goats on the island."
)
QUESTION = "Who was the first keeper of the lighthouse?"
MODELS = {"anthropic": "anthropic:claude-test", "google": "google_genai:gemini-test"}
KEYS = {"anthropic": "ANTHROPIC_API_KEY", "google": "GOOGLE_API_KEY"}


@pytest.fixture(params=list(MODELS))
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEYS[request.param], "the-key")
    return str(request.param)


@pytest.fixture
def exchange() -> Iterator[tuple[Exchange, str]]:
    with serve_providers() as server:
        yield server


@pytest.fixture
def library(
    make_library: Callable[..., Library], exchange: tuple[Exchange, str], provider: str
) -> Iterator[Library]:
    plain = make_library(light__txt=TEXT)
    chosen = {"chat_model": MODELS[provider], "chat_base_url": exchange[1]}
    library = Library(plain.settings.model_copy(update=chosen), load=plain.models.load)
    yield library
    library.close()


def ask(library: Library) -> Answer:
    return Assistant(library=library).ask(QUESTION)


def test_answer_is_streamed_checked_and_cited(
    library: Library, exchange: tuple[Exchange, str], provider: str
) -> None:
    server, _ = exchange

    def say(prompt: str) -> list[str]:
        line = next(line for line in prompt.splitlines() if line.endswith("was Nora Lind."))
        return ["The first", " keeper was", " Nora Lind", f" {line[: line.index(']') + 1]}", "."]

    server.say = say
    deltas = list(Assistant(library=library).stream(QUESTION))
    answer = deltas[-1].answer
    assert answer is not None
    assert answer.text.startswith("The first keeper was Nora Lind")
    assert [citation.sentence for citation in answer.citations] == [
        "Its first keeper was Nora Lind."
    ]
    assert sum(bool(delta.text) for delta in deltas) > 2  # in pieces, as they came
    assert answer.model == MODELS[provider]
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 3)
    # In which header the key is sent depends on the client's version.
    assert any("the-key" in value for value in server.headers[-1].values())


@pytest.mark.parametrize(("status", "told"), [(401, "key was refused"), (404, "does not know")])
def test_rejected_request_is_explained_and_the_answer_is_quoted(
    library: Library, exchange: tuple[Exchange, str], provider: str, status: int, told: str
) -> None:
    server, _ = exchange
    server.status = status
    server.error = {
        "anthropic": {"type": "error", "error": {"type": "test_error", "message": "no"}},
        "google": {"error": {"code": status, "message": "no", "status": "TEST"}},
    }[provider]
    answer = ask(library)
    assert told in answer.notice
    assert "the-key" not in answer.notice
    assert "Nora Lind" in answer.text


def test_error_in_mid_stream_gives_the_quoted_answer(
    library: Library, exchange: tuple[Exchange, str]
) -> None:
    server, _ = exchange
    server.say = lambda prompt: ["The first keeper was"]
    server.breaks = True
    answer = ask(library)
    assert "quoted instead" in answer.notice
    assert answer.text == "Its first keeper was Nora Lind. [1]"


def test_closing_the_stream_ends_the_request(
    library: Library, exchange: tuple[Exchange, str]
) -> None:
    server, _ = exchange
    server.say = lambda prompt: ["The first keeper was Nora Lind. "]
    server.hangs = True
    stream = Assistant(library=library).stream(QUESTION)
    assert any(delta.text for delta in stream)
    stream.close()
    assert server.gone.wait(20)
