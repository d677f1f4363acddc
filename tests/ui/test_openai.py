"""The endpoint with OpenAI's protocol, asked by OpenAI's own client and by LangChain's."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import HTTPException
from langchain_openai import ChatOpenAI
from openai import (
    AsyncOpenAI,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    OpenAI,
    RateLimitError,
)
from starlette.applications import Starlette
from starlette.routing import Mount

from rag.concurrency.gate import Gate
from rag.library.library import Library
from tests.chat_server import ChatServer, serve_chat_models
from tests.window import Window, serve
from ui.completions.app import create_completions_app
from ui.web.api_keys import ApiKeys
from ui.web.login_attempts import LoginAttempts
from ui.web.logins import Logins, make_login
from ui.web.metrics import Metrics
from ui.web.observation import Observer
from ui.web.openai_errors import OpenAIErrors
from ui.web.sessions import PasswordCheck

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTION = "Who is the mayor of Kyiv?"
TOLD = "Vitali Klitschko is the mayor of Kyiv."


@pytest.fixture(scope="module")
def models() -> Iterator[ChatServer]:
    with serve_chat_models() as server:
        yield server


@pytest.fixture(scope="module")
def window(
    tmp_path_factory: pytest.TempPathFactory, seeds_store: Path, models: ChatServer
) -> Iterator[Window]:
    folder = tmp_path_factory.mktemp("openai")
    shutil.copytree(SEEDS, folder / "seeds")
    shutil.copytree(seeds_store, folder / ".rag")
    (folder / "logins").write_text(make_login("ann", "secret: words"))
    (folder / "rag.toml").write_text(
        'openai_api = true\nauth = "logins"\n'
        f'chat_model = "openai:test-model"\nchat_base_url = "{models.openai_url}"\n'
    )
    with serve(folder) as made:
        yield made


@pytest.fixture
def client(window: Window) -> Iterator[OpenAI]:
    url = f"{window.url}/v1"
    with OpenAI(base_url=url, api_key="ann:secret: words", max_retries=0, timeout=120) as made:
        yield made


def ask(client: OpenAI, *messages: str, **options: Any) -> Any:
    """Return the completion that follows some messages; the first is the user's."""
    roles = ("user", "assistant")
    told: list[Any] = [{"role": roles[n % 2], "content": m} for n, m in enumerate(messages)]
    options = {"extra_body": {"answer_model": "extractive"}} | options
    return client.chat.completions.create(model="footnote", messages=told, **options)


def test_the_documents_are_the_only_model(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["footnote"]
    assert client.models.retrieve("footnote").owned_by == "footnote"
    with pytest.raises(NotFoundError, match="no model 'gpt-4o'"):
        client.models.retrieve("gpt-4o")
    with pytest.raises(NotFoundError, match="the only one is 'footnote'"):
        client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": QUESTION}]
        )


def test_an_answer_has_marks_sources_and_checked_citations(client: OpenAI) -> None:
    made = ask(client, QUESTION)
    content = made.choices[0].message.content
    assert content.startswith("**Vitali Klitschko** is the mayor of Kyiv. [1]")
    assert "\n\nSources:\n\n1. Who is who" in content
    assert f"“{TOLD}”" in content
    assert made.choices[0].finish_reason == "stop"
    assert made.citations[0]["sentence"] == TOLD
    assert made.citations[0]["document"].endswith("who-is-who.html")
    assert made.answer_model == "extractive"
    assert made.searches == []
    assert made.refused is False
    assert made.usage.total_tokens == 0


def test_a_stream_adds_up_to_the_answer(client: OpenAI) -> None:
    whole = ask(client, QUESTION)
    chunks = list(ask(client, QUESTION, stream=True, stream_options={"include_usage": True}))
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].citations == whole.citations
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 0


def test_a_second_question_refers_to_the_answer_before(client: OpenAI) -> None:
    first = ask(client, QUESTION).choices[0].message.content
    second = ask(client, QUESTION, first, "What did he say?")
    assert "Klitschko" in second.choices[0].message.content
    assert ask(client, "What did he say?").citations != second.citations
    thanked = ask(client, QUESTION, first, "Thanks!", "You are welcome.", "What did he say?")
    assert thanked.citations == second.citations


def test_a_refusal_has_no_citations(client: OpenAI) -> None:
    made = ask(client, "Who won the world cup 2018?")
    assert made.refused is True
    assert made.citations == []
    assert "Sources" not in made.choices[0].message.content


def test_a_chat_model_streams_once_a_sentence_is_supported(
    client: OpenAI, models: ChatServer
) -> None:
    models.script.answer = lambda _: [
        "Vitali Klitschko ", "is the mayor ", "of Kyiv [1]. ", "He is ", "a boxer."
    ]  # fmt: skip
    chunks = list(ask(client, QUESTION, stream=True, extra_body={}))
    pieces = [c.choices[0].delta.content for c in chunks if c.choices[0].delta.content]
    assert len(pieces) > 2
    assert pieces[0].startswith(TOLD)  # nothing before a sentence that the documents support
    assert "".join(pieces).startswith(TOLD)
    assert chunks[-1].answer_model == "openai:test-model"
    assert chunks[-1].citations


def test_a_text_that_nothing_supports_is_never_streamed(client: OpenAI, models: ChatServer) -> None:
    models.script.answer = lambda _: ["Bananas ", "are grown ", "on the moon."]
    chunks = list(ask(client, QUESTION, stream=True, extra_body={}))
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "anana" not in said
    assert said.startswith("**Vitali Klitschko**")
    assert "this answer is quoted instead" in said
    assert chunks[-1].answer_model == "extractive"


def test_the_chat_model_reads_the_conversation(client: OpenAI, models: ChatServer) -> None:
    models.script.requests.clear()
    models.script.answer = lambda _: [TOLD]
    ask(client, QUESTION, "It is **Vitali Klitschko** [1].", "And what else?", extra_body={})
    assert f"Question: {QUESTION}\nAnswer: It is Vitali Klitschko [1]." in models.script.prompts[0]


def test_langchain_asks_the_documents(window: Window) -> None:
    model = ChatOpenAI(
        model="footnote",
        base_url=f"{window.url}/v1",
        api_key="ann:secret: words",  # type: ignore[arg-type]
        extra_body={"answer_model": "extractive"},
        temperature=0,
        timeout=120,
    )
    first = model.invoke(QUESTION)
    assert "Klitschko" in first.text
    conversation = [("user", QUESTION), first, ("user", "What did he say?")]
    second = model.invoke(conversation)
    assert "".join(chunk.text for chunk in model.stream(conversation)) == second.text
    assert "Klitschko" in second.text


def test_wrong_requests_get_errors_of_openai(client: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="2,001 characters") as raised:
        ask(client, "x" * 2_001)
    assert raised.value.type == "invalid_request_error"
    with pytest.raises(BadRequestError, match="2,001 characters"):
        ask(client, "x" * 2_001, stream=True)  # before the stream begins
    with pytest.raises(BadRequestError, match="the question is empty"):
        ask(client, " ")
    with pytest.raises(BadRequestError, match="not a question"):
        ask(client, QUESTION, "It is Klitschko.")
    with pytest.raises(BadRequestError, match="messages"):
        client.chat.completions.create(model="footnote", messages=[])
    with pytest.raises(BadRequestError, match="'made:up' is not offered"):
        ask(client, QUESTION, extra_body={"answer_model": "made:up"})
    picture: Any = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": ""}}]}]
    with pytest.raises(BadRequestError, match="image_url"):
        client.chat.completions.create(model="footnote", messages=picture)


def test_unused_fields_and_roles_are_ignored(client: OpenAI) -> None:
    messages: Any = [
        {"role": "system", "content": "Answer like a pirate."},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}], "name": "ann"},
    ]
    extra = {"answer_model": "extractive", "unknown": 1}
    made = client.chat.completions.create(
        model="footnote", messages=messages, temperature=2, stop="x", extra_body=extra
    )
    assert "Klitschko" in str(made.choices[0].message.content)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"x"', b'{"model": "footnote", "messages": "\\ud800"}', b"[" * 9000],
    ids=["unclosed", "list", "string", "surrogate", "deep"],
)
def test_bodies_that_are_no_request_get_400(window: Window, body: bytes) -> None:
    url, key = f"{window.url}/v1/chat/completions", {"authorization": "Bearer ann:secret: words"}
    headers = {"content-type": "application/json", **key}
    response = httpx.post(url, content=body, headers=headers, timeout=60)
    assert response.status_code == 400
    assert response.json()["error"]["message"]


def test_the_guards_of_the_window_hold(window: Window, client: OpenAI) -> None:
    url, key = f"{window.url}/v1/models", {"authorization": "Bearer ann:secret: words"}
    for headers in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
        response = httpx.get(url, headers={**key, **headers}, timeout=60)
        assert response.status_code == 403
        assert response.json()["error"]["type"] == "permission_error"
        assert "access-control-allow-origin" not in response.headers
        assert response.headers["x-frame-options"] == "DENY"
    with pytest.raises(Exception, match="the limit is 64,000 bytes") as raised:
        ask(client, "x" * 70_000)
    assert raised.value.status_code == 413  # type: ignore[attr-defined]
    missing = httpx.get(f"{window.url}/v1/files", headers=key, timeout=60)
    assert missing.status_code == 404
    assert missing.json()["error"]["type"] == "not_found_error"


def test_wrong_keys_are_refused_and_slowed_down(window: Window) -> None:
    url = f"{window.url}/v1"
    assert httpx.get(f"{url}/models", timeout=60).status_code == 401
    with OpenAI(base_url=url, api_key="eve:guess", max_retries=0, timeout=60) as wrong:
        with pytest.raises(AuthenticationError, match="NAME:PASSWORD") as raised:
            wrong.models.list()
        assert raised.value.code == "invalid_api_key"
        with pytest.raises(RateLimitError, match="too many wrong passwords") as slowed:
            for _ in range(12):
                with pytest.raises(AuthenticationError):
                    ask(wrong, QUESTION)
        assert int(slowed.value.response.headers["retry-after"]) >= 1


def test_wrong_keys_and_wrong_logins_are_counted_together(tmp_path: Path) -> None:
    (tmp_path / "logins").write_text(make_login("ann", "secret"))
    logins = Logins(tmp_path / "logins")
    passwords = PasswordCheck(logins, LoginAttempts(clock=lambda: 0.0))
    keys = ApiKeys(logins, passwords)

    async def guess() -> list[str | None]:
        return [await keys.find_user(f"Bearer ann:{n}") for n in range(5)]

    assert asyncio.run(keys.find_user("Basic ann:secret")) is None
    assert asyncio.run(guess()) == [None] * 5
    with pytest.raises(HTTPException, match="too many wrong passwords"):
        asyncio.run(passwords.check("ann", "secret"))


def test_a_removed_login_is_no_key_any_more(window: Window, client: OpenAI) -> None:
    logins = window.folder / "logins"
    before = logins.read_text()
    client.models.list()
    try:
        logins.write_text(make_login("bob", "other"))
        with pytest.raises(AuthenticationError):
            client.models.list()
    finally:
        logins.write_text(before)
    client.models.list()


def test_too_many_questions_get_429(
    make_library: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(mill__txt="The mill at Tarn was built by Ole Vik in 1701.")

    app = create_completions_app(library, Observer(Metrics(library, lambda: 0)), None)

    async def go(question: str, **options: Any) -> Any:
        transport = httpx.ASGITransport(OpenAIErrors(Starlette(routes=[Mount("/v1", app)])))
        async with (
            httpx.AsyncClient(transport=transport) as http,
            AsyncOpenAI(
                base_url="http://test/v1", api_key="none", max_retries=0, http_client=http
            ) as client,
        ):
            message: Any = {"role": "user", "content": question}
            return await client.chat.completions.create(
                model="footnote", messages=[message], **options
            )

    asked = "Who built the mill at Tarn?"
    assert "Ole Vik" in asyncio.run(go(asked)).choices[0].message.content
    monkeypatch.setattr(library, "gate", Gate(waiting=0))
    for options in ({}, {"stream": True}):
        with pytest.raises(RateLimitError, match="too many questions"):
            asyncio.run(go(asked, **options))
    monkeypatch.setattr("ui.completions.app._ANSWERS", 0)
    with pytest.raises(RateLimitError, match="ask again in a moment"):
        asyncio.run(go(asked))
    monkeypatch.undo()
    monkeypatch.setattr(library, "snapshot", None)  # an error in our own code
    with pytest.raises(InternalServerError, match="the reason is in the server's log"):
        asyncio.run(go(asked))
