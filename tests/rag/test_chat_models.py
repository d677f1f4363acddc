"""Which chat models are offered, and how their failures are explained."""

import sys
from typing import Any

import httpx
import pytest
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAuthenticationError,
    ModelNotFoundError,
)

from rag.errors import ChatModelError
from rag.generation.chat_models import choose_address, explain_failure, list_offers, load_chat_model
from rag.generation.servers import describe_listed, find_window


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)


def test_running_ollama_is_offered_without_settings(
    chat_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", chat_server.address)
    monkeypatch.setitem(sys.modules, "langchain_anthropic", None)  # as if it were not installed
    offers = {offer.name: offer for offer in list_offers("extractive")}
    assert offers["ollama:test-model:latest"].ready
    assert offers["extractive"].ready
    assert not offers["openai:MODEL"].ready
    assert "OPENAI_API_KEY" in offers["openai:MODEL"].remark
    assert "footnote-rag[anthropic]" in offers["anthropic:MODEL"].remark


def test_models_of_a_configured_server_are_listed(chat_server: Any) -> None:
    url = chat_server.openai_url
    offers = {offer.name: offer for offer in list_offers("openai:test-model", url)}
    assert offers["openai:test-model"].ready


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[::bad"])
def test_unreachable_address_is_named_in_the_offer(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    offers = {offer.name: offer for offer in list_offers("extractive", url)}
    assert not offers["openai:MODEL"].ready
    assert url in offers["openai:MODEL"].remark


@pytest.mark.parametrize(
    ("configured", "owner"),
    [("extractive", "openai"), ("openai:m", "openai"), ("ollama:m", "ollama"), ("anthropic:m", "")],
)
def test_configured_address_applies_only_to_the_configured_provider(
    configured: str, owner: str, chat_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", chat_server.address)
    for provider in ("openai", "ollama"):
        address = choose_address(f"{provider}:m", configured, "http://127.0.0.1:9")
        assert address == ("http://127.0.0.1:9" if provider == owner else None)
    offers = {offer.name: offer for offer in list_offers(configured, "http://127.0.0.1:9")}
    assert ("ollama:test-model:latest" in offers) is (owner != "ollama")
    assert ("127.0.0.1:9" in offers["openai:MODEL"].remark) is (owner == "openai")


def test_window_of_a_model_is_what_its_server_tells(chat_server: Any) -> None:
    url = chat_server.openai_url
    assert find_window(load_chat_model("openai:test-model", url)) is None
    chat_server.script.window = 2_000  # a server that does not tell is asked again
    assert find_window(load_chat_model("openai:test-model", url)) == 2_000
    assert find_window(load_chat_model("ollama:test-model", chat_server.address)) == 2_000
    chat_server.script.window = 100_000
    assert find_window(load_chat_model("ollama:test-model", chat_server.address)) == 8_192


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ({"meta": {"n_ctx": 4096, "size": 96_576_768}}, ", 0.1 GB, a window of 4,096 tokens"),
        ({"max_model_len": 32_768}, ", a window of 32,768 tokens"),
        ({"size": 2_019_393_189}, ", 2.0 GB"),
        ({"meta": None, "size": ""}, ""),  # llama.cpp repeats its models in Ollama's form, empty
    ],
)
def test_size_and_window_of_a_model_are_listed(listed: dict[str, Any], told: str) -> None:
    assert describe_listed(listed) == told


def test_window_of_a_server_that_does_not_run_is_not_waited_for() -> None:
    assert find_window(load_chat_model("openai:test-model", "http://127.0.0.1:9/v1")) is None
    assert find_window(load_chat_model("ollama:test-model", "http://127.0.0.1:9")) == 4_096


def test_model_name_without_a_provider_is_an_error() -> None:
    with pytest.raises(ChatModelError, match="provider:model"):
        load_chat_model("gpt")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TimeoutError(), "silent"),
        (httpx.ReadTimeout("the secret question"), "silent"),
        (ConnectionRefusedError("the secret question"), "reached"),
        (ModelAuthenticationError("the secret question"), "key was refused"),
        (ModelNotFoundError("the secret question"), "does not know this model"),
        (ContextOverflowError("the secret question"), "window"),
        (ValueError("the secret question"), "ValueError"),
    ],
)
def test_explanation_of_a_failure_does_not_contain_the_request(error: Exception, told: str) -> None:
    assert told in explain_failure(error)
    assert "secret" not in explain_failure(error)
