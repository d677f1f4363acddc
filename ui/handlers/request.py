"""The visitor, the page and the language of a request to the window."""

from __future__ import annotations

from typing import Any

from ui.views.wording import Wording, choose_wording
from ui.web.visitors import STATE, name_visitor


def read_visitor(request: Any) -> str:
    """Return the name of the visitor who sent a `gradio.Request`."""
    browser = getattr(getattr(request, "state", None), STATE, None)
    return name_visitor(getattr(request, "username", None), browser)


def read_page(request: Any) -> str:
    """Return the name of the open page that sent a `gradio.Request`: Gradio's session hash."""
    return str(getattr(request, "session_hash", None) or "")


def read_wording(request: Any) -> Wording:
    """Return the wording in the language that the browser requests (Accept-Language header)."""
    headers = getattr(request, "headers", None) or {}
    return choose_wording(headers.get("accept-language"))
