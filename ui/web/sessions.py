"""Logging in: passwords are hashed in threads of their own, and sessions end with a login."""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

from ui.web.headers import Message, Receive, Send
from ui.web.login_attempts import LoginAttempts
from ui.web.logins import Login, Logins

_THREADS = 2  # passwords that are hashed at once
_WAITING = 20  # passwords that are hashed or wait for it; beyond, the guess is refused
_SESSIONS = 10_000  # the oldest end when there are more
_PREFIX = "access-token-"  # of Gradio's cookies
_PLAIN = "access-token-unsecure-"  # of the one that it sets for http
_HOST = "__Host-"  # a browser takes such a cookie with TLS only, and from this host only

_address: ContextVar[str] = ContextVar("address", default="")


class PasswordCheck:
    """Says who is let in. `check` is what Gradio asks at ``/login``."""

    def __init__(self, logins: Logins, attempts: LoginAttempts | None = None) -> None:
        self._logins = logins
        self._attempts = attempts or LoginAttempts()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._waiting = 0

    async def check(self, name: str, password: str) -> bool:
        """Whether this is the password of this name. Raises `HTTPException` (429) to slow down."""
        from fastapi import HTTPException

        address = _address.get()
        wait = 1.0 if self._waiting >= _WAITING else self._attempts.begin(name, address)
        if wait:
            seconds = math.ceil(wait)
            raise HTTPException(
                429,
                f"too many wrong passwords; try again in {seconds} s",
                {"Retry-After": str(seconds)},
            )
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._pool, self._logins.check, name, password)
        finally:
            self._waiting -= 1
        if right:
            self._attempts.succeed(name, address)
        return right


class Sessions(dict[str, str]):
    """Gradio's tokens and whose they are; one ends when its login is removed or changed."""

    def __init__(self, logins: Logins) -> None:
        super().__init__()
        self._logins = logins
        self._made_with: dict[str, Login | None] = {}

    def __setitem__(self, token: str, name: str) -> None:
        """Begin a session."""
        super().__setitem__(token, name)
        self._made_with[token] = self._logins.find(name)
        while len(self) > _SESSIONS:
            del self[next(iter(self))]

    def __delitem__(self, token: str) -> None:
        """End a session."""
        super().__delitem__(token)
        self._made_with.pop(token, None)

    def get(self, token: str | None, default: Any = None) -> Any:
        """Return whose session it is, if their login is still the one that it was begun with."""
        name = super().get(token or "")
        login = self._logins.find(name) if name is not None else None
        return name if login is not None and login == self._made_with[token or ""] else default


class LoginCookies:
    """An ASGI middleware for Gradio's login: one cookie, as strict as the connection allows.

    Gradio sets two, one of them for other websites too. A browser is given one, by the name that
    Gradio knows on http; with TLS its name begins with ``__Host-``, of which Gradio knows nothing.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _address.set((scope.get("client") or ("",))[0])
        tls = scope["scheme"] == "https"
        scope["headers"] = [
            (name, _translate(value.decode("latin-1"), tls=tls).encode("latin-1"))
            if name == b"cookie"
            else (name, value)
            for name, value in scope["headers"]
        ]

        async def send_strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, kept)
                    for name, value in message.get("headers", ())
                    if (
                        kept := _restrict(value, tls=tls)
                        if name.lower() == b"set-cookie"
                        else value
                    )
                ]
            await send(message)

        await self._app(scope, receive, send_strict)


def _translate(header: str, *, tls: bool) -> str:
    """Return a Cookie header with the login's cookie as Gradio knows it, no other of Gradio's."""
    kept = []
    for part in header.split(";"):
        name = part.strip().partition("=")[0]
        if tls and name.startswith(f"{_HOST}{_PREFIX}"):
            kept.append(part.strip().removeprefix(_HOST))
        elif not name.startswith(_PREFIX) or (not tls and name.startswith(_PLAIN)):
            kept.append(part.strip())
    return "; ".join(kept)


def _restrict(value: bytes, *, tls: bool) -> bytes | None:
    """Return a Set-Cookie header, Gradio's in our form; None for the one that is not set."""
    pair, *attributes = (part.strip() for part in value.decode("latin-1").split(";"))
    if not pair.startswith(_PREFIX):
        return value
    if pair.startswith(_PLAIN) == tls:
        return None
    ends = [each for each in attributes if each.lower().startswith(("max-age=", "expires="))]
    parts = [f"{_HOST}{pair}" if tls else pair, *ends, "Path=/", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, *(["Secure"] if tls else [])]).encode("latin-1")
