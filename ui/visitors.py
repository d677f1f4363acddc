"""Who is asking: a login's name, or else the browser, by a cookie that no script can read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ui.headers import Message, Receive, Send

COOKIE = "footnote-visitor"
_YEAR = 365 * 24 * 3600
_LENGTH = 22  # characters of 128 bits


def name_visitor(username: str | None, cookies: Mapping[str, Any]) -> str:
    """Return a name for who is asking, the same each time; unlike any other visitor's.

    Whoever takes no cookies gets a new name with every request, and finds nothing again.
    """
    if username:
        return f"login {username}"
    known = cookies.get(COOKIE)
    return f"browser {known if is_visitor(known) else secrets.token_urlsafe(16)}"


def is_visitor(value: object) -> bool:
    """Whether a cookie's value may be one that we gave."""
    return isinstance(value, str) and len(value) == _LENGTH


class VisitorCookie:
    """An ASGI middleware that gives a browser its name with the page, unless it has one."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back; the page's with a name for a new browser."""
        headers = dict(scope.get("headers", ()))
        asked = scope["type"] == "http" and scope["path"] == "/"
        if not asked or _read_cookie(headers.get(b"cookie", b"").decode("latin-1")):
            await self._app(scope, receive, send)
            return
        cookie = _write_cookie(secure=scope.get("scheme") == "https")

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie.encode())]
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _read_cookie(header: str) -> str | None:
    """Return the visitor that a Cookie header names."""
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel and is_visitor(morsel.value) else None


def _write_cookie(*, secure: bool) -> str:
    """Return the value of a Set-Cookie header for a new visitor."""
    only = "; Secure" if secure else ""
    name = secrets.token_urlsafe(16)
    return f"{COOKIE}={name}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax{only}"
