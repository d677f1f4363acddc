"""The routes that the window's page and programs use. All other routes of Gradio return 404."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ui.web.headers import Message, Receive, Send
from ui.web.origins import refuse

_API = "/gradio_api"
_READ = (
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/config",
    "/theme.css",
    "/favicon.ico",
    "/manifest.json",
    r"/(?:assets|static)/.+",
    f"{_API}/info",
    f"{_API}/startup-events",  # Gradio requests it itself when it starts
    f"{_API}/queue/data",
    f"{_API}/upload_progress",
    rf"{_API}/heartbeat/[^/]+",
    rf"{_API}/call/[^/]+/[^/]+",
    "/reader/(?:text|sheet|image|outline|find|file)",
    rf"{_API}/file=/(?!/).*",  # only local files: with a URL, Gradio would fetch from other hosts
)
_WRITE = (
    f"{_API}/queue/join",
    f"{_API}/upload",
    f"{_API}/cancel",
    f"{_API}/reset",
    rf"{_API}/call/[^/]+",
)
_OPENAI_READ = r"/v1/models(?:/.+)?"
_OPENAI_WRITE = "/v1/chat/completions"
_MCP = rf"{_API}/mcp(?:/.*)?"


class KnownRoutes:
    """ASGI middleware that returns 404 for every route that the window does not use.

    `mcp` returns whether the window is an MCP server. The login routes exist only with `logins`,
    those of OpenAI's protocol with `openai`.
    """

    def __init__(
        self, app: Any, *, logins: bool, mcp: Callable[[], bool], openai: bool = False
    ) -> None:
        self._app = app
        self._mcp = mcp
        read, write = [*_READ], [*_WRITE]
        if logins:
            read.append("/logout")
            write.append("/login")
        if openai:
            read.append(_OPENAI_READ)
            write.append(_OPENAI_WRITE)
        self._read, self._write = (re.compile("|".join(each), re.DOTALL) for each in (read, write))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request to the app if its route exists."""
        if scope["type"] == "http" and not self.has(scope["method"], scope["path"]):
            await refuse(send, 404, "this address does not exist")
        else:
            await self._app(scope, receive, send)

    def has(self, method: str, path: str) -> bool:
        """Return whether the window has a route for this method and path."""
        if method in ("GET", "POST", "DELETE") and re.fullmatch(_MCP, path, re.DOTALL):
            return self._mcp()
        if method in ("GET", "HEAD"):
            return self._read.fullmatch(path) is not None
        return method == "POST" and self._write.fullmatch(path) is not None
