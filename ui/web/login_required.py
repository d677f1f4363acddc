"""Checks logins where Gradio does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection

from ui.web.headers import Message, Receive, Send
from ui.web.origins import refuse

_UNCHECKED = ("/gradio_api/cancel", "/gradio_api/reset")  # Gradio answers them without a login
_STREAMS = re.compile(r"/gradio_api/(?:queue/data|call/[^/]+/[^/]+)")


def find_user(server: Any, cookies: Mapping[str, str]) -> str | None:
    """Return the name of the login that a request's cookies belong to, None if there is none.

    `server` is Gradio's app, which knows the sessions.
    """
    name = f"access-token-{server.cookie_id}"
    token = cookies.get(name) or cookies.get(f"access-token-unsecure-{server.cookie_id}")
    user: str | None = server.tokens.get(token)
    return user


class LoginRequired:
    """ASGI middleware that refuses requests without a login, and ends answers on their way.

    Gradio checks the login only when a stream begins. This middleware checks it again for each
    part, so that nothing more is sent when the login has been removed meanwhile. `server` is
    Gradio's app.
    """

    def __init__(self, app: Any, server: Any) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request to the app, or refuse it."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path in _UNCHECKED and self._find_user(scope) is None:
            await refuse(send, 401, "log in first")
        elif _STREAMS.fullmatch(path):
            await self._stream(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stream(self, scope: Message, receive: Receive, send: Send) -> None:
        ended = False

        async def send_if_logged_in(message: Message) -> None:
            nonlocal ended
            if ended:
                return
            if message.get("more_body") and self._find_user(scope) is None:
                ended = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        async def receive_until_ended() -> Message:
            return {"type": "http.disconnect"} if ended else await receive()

        await self._app(scope, receive_until_ended, send_if_logged_in)

    def _find_user(self, scope: Message) -> str | None:
        return find_user(self._server, HTTPConnection(scope).cookies)
