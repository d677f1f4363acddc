"""Chat models by name, `provider:model`, through LangChain; and which of them are in reach.

Keys are read from the environment by LangChain's own clients; nothing here sees or keeps them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import httpx

from rag.concurrency.streams import finish
from rag.errors import ChatModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

TIMEOUT = 60.0  # seconds without a byte, after which a server counts as gone
_RETRIES = 2  # of a request that was turned away, with growing pauses
_LOOK = 1.0  # seconds to find out what a server offers


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider needs: a package, and a key in the environment, if any."""

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
    """A model that may be set as `RAG_CHAT_MODEL`, or a provider and what it still needs."""

    name: str
    ready: bool
    remark: str

    @property
    def generic(self) -> bool:
        """Whether the name of the model is left open."""
        return self.name.endswith(":MODEL")


def load_chat_model(name: str, base_url: str | None = None) -> BaseChatModel:
    """Return a chat model. Raises `ChatModelError`, which says what would mend it."""
    provider, _, model = name.partition(":")
    if not model or provider not in PROVIDERS:
        raise ChatModelError(
            f"the chat model {name} is not of the form provider:model",
            f"set RAG_CHAT_MODEL to extractive or to one of {', '.join(PROVIDERS)}, "
            "such as ollama:llama3.2; `rag models` lists what is in reach",
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
            model, model_provider=provider, **_options(provider, base_url)
        )
    except Exception as error:
        raise ChatModelError(
            f"the chat model {name} cannot be set up ({type(error).__name__})",
            "check its name, RAG_CHAT_BASE_URL and the provider's environment variables",
        ) from error
    return loaded


def close_chat_model(model: BaseChatModel) -> None:
    """Let go of the connections of a chat model."""
    ours = getattr(model, "http_async_client", None)
    theirs = getattr(model, "_async_client", None)
    for close in (getattr(ours, "aclose", None), getattr(theirs, "close", None)):
        if close is not None:
            finish(close)


def _options(provider: str, base_url: str | None) -> dict[str, Any]:
    address = {"base_url": base_url} if base_url else {}
    if provider == "ollama":
        return address | {"client_kwargs": {"timeout": TIMEOUT}, "temperature": 0}
    options: dict[str, Any] = address | {"timeout": TIMEOUT, "max_retries": _RETRIES}
    if provider == "openai":
        # A client of ours can be closed.
        options |= {"stream_usage": True, "http_async_client": httpx.AsyncClient()}
        if base_url and not os.environ.get("OPENAI_API_KEY"):
            options["api_key"] = "none"  # servers of one's own mostly ask for none
    return options


def choose_address(name: str, configured: str, base_url: str | None) -> str | None:
    """Return the address at which a model's provider is found; None for its usual one.

    The configured address is that of the configured model's provider; without a chat model it is
    that of a server that speaks OpenAI's protocol.
    """
    provider = configured.partition(":")[0]
    owner = provider if provider in PROVIDERS else "openai"
    return base_url if name.partition(":")[0] == owner else None


def list_choices(configured: str, base_url: str | None = None) -> list[str]:
    """Return the answerers that one can choose from by name now, the configured one first."""
    offers = list_offers(configured, base_url)
    named = [offer.name for offer in offers if offer.ready and not offer.generic]
    return list(dict.fromkeys([configured, *named]))  # even if it is out of reach just now


def list_offers(configured: str, base_url: str | None = None) -> list[Offer]:
    """Return what can be set as the chat model now, and what the others need.

    `configured` is the chat model that is set, `base_url` the address.
    """
    offers = [Offer("extractive", ready=True, remark="quotes; always there")]
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


def ollama_url(base_url: str | None = None) -> str:
    """Return where Ollama is looked for."""
    host = base_url or os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434"
    host = host if "://" in host else f"http://{host}"
    return host.replace("0.0.0.0", "127.0.0.1").rstrip("/")  # noqa: S104 - where it listens


def _list_ollama(base_url: str | None) -> Iterator[Offer]:
    url = ollama_url(base_url)
    found = _fetch(f"{url}/api/tags")
    names = [model.get("name") for model in found.get("models", [])] if found else []
    if not names:
        remark = "needs: `ollama pull llama3.2`" if found else f"needs: a server at {url}"
        yield Offer("ollama:MODEL", ready=False, remark=remark)
    for name in names:
        yield Offer(f"ollama:{name}", ready=True, remark=f"at {url}")


def _list_compatible(base_url: str) -> Iterator[Offer]:
    found = _fetch(f"{base_url.rstrip('/')}/models")
    names = [model.get("id") for model in found.get("data", [])] if found else []
    if not names:
        yield Offer("openai:MODEL", ready=False, remark=f"needs: a server at {base_url}")
    for name in names:
        yield Offer(f"openai:{name}", ready=True, remark=f"at {base_url}")


def _fetch(url: str) -> dict[str, Any]:
    """Return what a server answers; nothing where there is none."""
    key = os.environ.get("OPENAI_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key and url.endswith("/models") else {}
    try:
        answer = httpx.get(url, timeout=_LOOK, headers=headers)
        found = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def explain_failure(error: Exception) -> str:
    """Return in a few words why a model did not answer, without anything that it was sent."""
    kind = type(error).__name__
    status = getattr(error, "status_code", None)
    if isinstance(error, TimeoutError) or "Timeout" in kind:
        return f"it was silent for {TIMEOUT:.0f} s"
    if status == 429 or "RateLimit" in kind:
        return "its rate limit is reached"
    if status in (401, 403):
        return "its key was refused"
    if status == 404:
        return "it does not know this model"
    if "Connect" in kind or isinstance(error, ConnectionError):
        return "its server cannot be reached, or broke off"
    return f"it failed ({kind}{f' {status}' if status else ''})"
