"""The addresses of the window: what its page and programs use. Gradio has more; those are 404."""

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
    f"{_API}/startup-events",  # Gradio asks for it itself when it starts
    f"{_API}/queue/data",
    f"{_API}/upload_progress",
    rf"{_API}/heartbeat/[^/]+",
    rf"{_API}/call/[^/]+/[^/]+",
    rf"{_API}/file=/(?!/).*",  # a file of this machine; Gradio would fetch from elsewhere as well
)
_WRITE = (
    f"{_API}/queue/join",
    f"{_API}/upload",
    f"{_API}/cancel",
    f"{_API}/reset",
    rf"{_API}/call/[^/]+",
)
_MCP = rf"{_API}/mcp(?:/.*)?"


class KnownRoutes:
    """An ASGI middleware: 404 for every address that the window does not use.

    `mcp` says whether the window is an MCP server; without `logins` nobody logs in or out.
    """

    def __init__(self, app: Any, *, logins: bool, mcp: Callable[[], bool]) -> None:
        self._app = app
        self._mcp = mcp
        read, write = [*_READ], [*_WRITE]
        if logins:
            read.append("/logout")
            write.append("/login")
        self._read, self._write = (re.compile("|".join(each), re.DOTALL) for each in (read, write))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on if its address exists."""
        if scope["type"] == "http" and not self.has(scope["method"], scope["path"]):
            await refuse(send, 404, "there is nothing at this address")
        else:
            await self._app(scope, receive, send)

    def has(self, method: str, path: str) -> bool:
        """Whether there is such an address."""
        if method in ("GET", "POST", "DELETE") and re.fullmatch(_MCP, path, re.DOTALL):
            return self._mcp()
        if method in ("GET", "HEAD"):
            return self._read.fullmatch(path) is not None
        return method == "POST" and self._write.fullmatch(path) is not None
