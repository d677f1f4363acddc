"""Asks servers of chat models what they offer: their models, and the windows of these."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

_LOOK = 1.0  # seconds to wait for an answer
_OLLAMA_WINDOW = 8_192  # tokens that are asked of Ollama, if the model can take so many
_OLLAMA_DEFAULT = 4_096  # tokens of Ollama's own default, which cuts longer prompts without a word


def ollama_url(base_url: str | None = None) -> str:
    """Return the address of Ollama."""
    host = base_url or os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434"
    host = host if "://" in host else f"http://{host}"
    return host.replace("0.0.0.0", "127.0.0.1").rstrip("/")  # noqa: S104 - the address it listens on


def fetch_json(url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON object that a server answers with; empty if it fails. Posts a `body`."""
    import httpx

    key = os.environ.get("OPENAI_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key and url.endswith("/models") else {}
    method = "GET" if body is None else "POST"
    try:
        answer = httpx.request(method, url, json=body, timeout=_LOOK, headers=headers)
        found = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def describe_listed(listed: dict[str, Any]) -> str:
    """Return the size and the window of a model in a server's list, as far as it tells them.

    llama.cpp tells both, vLLM the window and Ollama the size.
    """
    meta = listed.get("meta")
    size = meta.get("size") if isinstance(meta, dict) else listed.get("size")
    window = _read_window(listed)
    memory = f", {size / 1e9:.1f} GB" if isinstance(size, int) and size > 0 else ""
    return memory + (f", a window of {window:,} tokens" if window else "")


def choose_ollama_window(model: str, base_url: str | None = None) -> int:
    """Return the window in tokens to ask of Ollama for a model: what it can take, up to 8,192."""
    shown = fetch_json(f"{ollama_url(base_url)}/api/show", {"model": model})
    details = shown.get("model_info")
    lengths = [
        value
        for name, value in (details.items() if isinstance(details, dict) else ())
        if name.endswith(".context_length") and _is_window(value)
    ]
    return min(*lengths, _OLLAMA_WINDOW) if lengths else _OLLAMA_DEFAULT


def find_window(model: Any) -> int | None:
    """Return the context window of a LangChain chat model in tokens; None if nothing tells it.

    A server of one's own is asked: llama.cpp and vLLM tell the windows of their models in the list
    of `/models`. Otherwise LangChain's client may know it.
    """
    window = getattr(model, "num_ctx", None)
    base_url, name = getattr(model, "openai_api_base", None), getattr(model, "model_name", None)
    if window is None and base_url and name:
        window = _ask_window(str(base_url).rstrip("/"), str(name))
    if window is None:
        window = (getattr(model, "profile", None) or {}).get("max_input_tokens")
    return window if _is_window(window) else None


def _ask_window(base_url: str, name: str) -> int | None:
    try:
        return _fetch_window(base_url, name)
    except LookupError:
        return None


@cache  # an error is not cached: a server may be started later
def _fetch_window(base_url: str, name: str) -> int:
    """Return what a server tells of a model's window. Raises `LookupError` if it does not."""
    for listed in fetch_json(f"{base_url}/models").get("data") or ():
        if not isinstance(listed, dict) or listed.get("id") != name:
            continue
        if window := _read_window(listed):
            return window
    raise LookupError(name)


def _read_window(listed: dict[str, Any]) -> int | None:
    """Return the window in an entry of a list of models: of llama.cpp, or of vLLM."""
    meta = listed.get("meta")
    told = meta.get("n_ctx") if isinstance(meta, dict) else listed.get("max_model_len")
    return told if isinstance(told, int) and _is_window(told) else None


def _is_window(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
