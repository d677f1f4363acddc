"""Loads chat models by name, `provider:model`, with LangChain, and lists the available ones.

LangChain's clients read API keys from the environment. This module does not store them.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from rag.concurrency.streams import finish, iterate, limit_silence
from rag.errors import ChatModelError
from rag.generation.servers import (
    choose_ollama_window,
    describe_listed,
    fetch_json,
    ollama_url,
)

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

TIMEOUT = 120.0
"""Seconds for which a model may be silent. Without a GPU it may read a prompt for a minute."""

_RETRIES = 2  # of a rejected request, with increasing delays


@dataclass(frozen=True, slots=True)
class Provider:
    """The requirements of a provider: a package and, for some, a key in the environment."""

    package: str
    extra: str
    key: str | None = None


PROVIDERS = {
    "openai": Provider("langchain_openai", "openai", "OPENAI_API_KEY"),
    "ollama": Provider("langchain_ollama", "ollama"),
    "anthropic": Provider("langchain_anthropic", "anthropic", "ANTHROPIC_API_KEY"),
    "google_genai": Provider("langchain_google_genai", "google", "GOOGLE_API_KEY"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A model for `RAG_CHAT_MODEL`, or a provider. `remark` says where it is, or what it needs."""

    name: str
    ready: bool
    remark: str

    @property
    def generic(self) -> bool:
        """Whether the name contains the placeholder MODEL."""
        return self.name.endswith(":MODEL")


def load_chat_model(name: str, base_url: str | None = None) -> BaseChatModel:
    """Return a chat model. Raises `ChatModelError`, which says what to do."""
    provider, _, model = name.partition(":")
    if not model or provider not in PROVIDERS:
        raise ChatModelError(
            f"the chat model {name} is not of the form provider:model",
            f"set RAG_CHAT_MODEL to extractive or to one of {', '.join(PROVIDERS)}, "
            "such as ollama:llama3.2; `rag models` lists the available models",
        )
    needs = PROVIDERS[provider]
    if find_spec(needs.package) is None:
        raise ChatModelError(
            f"the chat model {name} needs the package {needs.package.replace('_', '-')}",
            f"pip install 'footnote-rag[{needs.extra}]'",
        )
    if needs.key and not os.environ.get(needs.key) and base_url is None:
        raise ChatModelError(f"the chat model {name} needs a key", f"set {needs.key}")
    from langchain.chat_models import init_chat_model

    try:
        loaded: BaseChatModel = init_chat_model(
            model, model_provider=provider, **_options(provider, model, base_url)
        )
    except Exception as error:
        raise ChatModelError(
            f"the chat model {name} cannot be set up ({type(error).__name__})",
            "check its name, RAG_CHAT_BASE_URL and the provider's environment variables",
        ) from error
    return loaded


def stream_message(model: BaseChatModel, prompt: str) -> Generator[Any, None, None]:
    """Yield the chunks of a model's message, and None repeatedly while none arrives.

    Raises `TimeoutError` after `TIMEOUT` seconds without a chunk: the clients wait longer, because
    they try again, or because signs of life without text are enough for them.
    """
    return iterate(lambda: limit_silence(model.astream(prompt), TIMEOUT), None)


def close_chat_model(model: BaseChatModel) -> None:
    """Close the connections of a chat model."""
    ours = getattr(model, "http_async_client", None)
    theirs = getattr(model, "_async_client", None)
    for close in (getattr(ours, "aclose", None), getattr(theirs, "close", None)):
        if close is not None:
            finish(close)


def _options(provider: str, model: str, base_url: str | None) -> dict[str, Any]:
    address = {"base_url": base_url} if base_url else {}
    if provider == "ollama":
        window = choose_ollama_window(model, base_url)
        return address | {
            "client_kwargs": {"timeout": TIMEOUT},
            "temperature": 0,
            "num_ctx": window,
        }
    options: dict[str, Any] = address | {"timeout": TIMEOUT, "max_retries": _RETRIES}
    if provider == "openai":
        import httpx

        # LangChain does not close its own client. This one is closed by `close_chat_model`.
        options |= {"stream_usage": True, "http_async_client": httpx.AsyncClient()}
        if base_url and not os.environ.get("OPENAI_API_KEY"):
            options["api_key"] = "none"  # most self-hosted servers need no key
    return options


def choose_address(name: str, configured: str, base_url: str | None) -> str | None:
    """Return the address of a model's provider; None for the provider's default address.

    The configured address belongs to the provider of the configured model. If no chat model is
    configured, it belongs to a server with an OpenAI-compatible API.
    """
    provider = configured.partition(":")[0]
    owner = provider if provider in PROVIDERS else "openai"
    return base_url if name.partition(":")[0] == owner else None


def list_choices(configured: str, base_url: str | None = None) -> list[str]:
    """Return the names of the answerers that are available now, the configured one first."""
    offers = list_offers(configured, base_url)
    named = [offer.name for offer in offers if offer.ready and not offer.generic]
    return list(dict.fromkeys([configured, *named]))  # even if it is not available now


def list_offers(configured: str, base_url: str | None = None) -> list[Offer]:
    """Return the available chat models, and the requirements of the others.

    `configured` is the configured chat model, `base_url` the configured address.
    """
    offers = [Offer("extractive", ready=True, remark="quotes; always available")]
    for provider, needs in PROVIDERS.items():
        address = choose_address(provider, configured, base_url)
        if find_spec(needs.package) is None:
            remark = f"needs: pip install 'footnote-rag[{needs.extra}]'"
            offers.append(Offer(f"{provider}:MODEL", ready=False, remark=remark))
        elif provider == "ollama":
            offers += _list_ollama(address)
        elif provider == "openai" and address:
            offers += _list_compatible(address)
        elif needs.key and not os.environ.get(needs.key):
            remark = f"needs: {needs.key} in the environment"
            offers.append(Offer(f"{provider}:MODEL", ready=False, remark=remark))
        else:
            offers.append(Offer(f"{provider}:MODEL", ready=True, remark="any model of theirs"))
    return offers


def _list_ollama(base_url: str | None) -> Iterator[Offer]:
    url = ollama_url(base_url)
    found = fetch_json(f"{url}/api/tags")
    models = found.get("models") or []
    if not models:
        remark = "needs: `ollama pull llama3.2`" if found else f"needs: a server at {url}"
        yield Offer("ollama:MODEL", ready=False, remark=remark)
    for model in models:
        remark = f"at {url}{describe_listed(model)}"
        yield Offer(f"ollama:{model.get('name')}", ready=True, remark=remark)


def _list_compatible(base_url: str) -> Iterator[Offer]:
    models = fetch_json(f"{base_url.rstrip('/')}/models").get("data") or []
    if not models:
        yield Offer("openai:MODEL", ready=False, remark=f"needs: a server at {base_url}")
    for model in models:
        remark = f"at {base_url}{describe_listed(model)}"
        yield Offer(f"openai:{model.get('id')}", ready=True, remark=remark)


def explain_failure(error: Exception) -> str:
    """Return briefly why a model did not answer, without any text of the request.

    The clients of some providers raise errors of LangChain's classes, without a status.
    """
    kind = type(error).__name__
    kinds = {each.__name__ for each in type(error).__mro__}
    status = getattr(error, "status_code", None)
    if isinstance(error, TimeoutError) or "Timeout" in kind:
        return f"it was silent for {TIMEOUT:g} s"
    if status == 429 or "RateLimit" in kind:
        return "its rate limit is reached"
    if status in (401, 403) or kinds & {"ModelAuthenticationError", "ModelPermissionDeniedError"}:
        return "its key was refused"
    if status == 404 or "ModelNotFoundError" in kinds:
        return "it does not know this model"
    if "ContextOverflowError" in kinds:
        return "the question and its context are longer than its window"
    if "Connect" in kind or isinstance(error, ConnectionError):
        return "its server cannot be reached, or closed the connection"
    return f"it failed ({kind}{f' {status}' if status else ''})"
