"""Login and sessions: password checks in separate threads, session tokens, login cookies."""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

from ui.web.headers import Message, Receive, Send
from ui.web.login_attempts import LoginAttempts
from ui.web.logins import Login, Logins

_THREADS = 2  # passwords hashed at the same time
_WAITING = 20  # passwords being hashed or waiting; further attempts are refused
_SESSIONS = 10_000  # at most; the oldest are ended
_PREFIX = "access-token-"  # of Gradio's cookies
_PLAIN = "access-token-unsecure-"  # of Gradio's cookie for http
_HOST = "__Host-"  # browsers accept this prefix only over TLS, and only from this exact host

_address: ContextVar[str] = ContextVar("address", default="")


class PasswordCheck:
    """Checks passwords. Gradio calls `check` for a request to ``/login``."""

    def __init__(self, logins: Logins, attempts: LoginAttempts | None = None) -> None:
        self._logins = logins
        self._attempts = attempts or LoginAttempts()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="password")
        self._waiting = 0

    async def check(self, name: str, password: str) -> bool:
        """Return whether the password is correct.

        Raises `HTTPException` (429) when there are too many attempts.
        """
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
    """Maps Gradio's session tokens to user names.

    A session ends when its login is removed or changed.
    """

    def __init__(self, logins: Logins) -> None:
        super().__init__()
        self._logins = logins
        self._made_with: dict[str, Login | None] = {}

    def __setitem__(self, token: str, name: str) -> None:
        """Start a session."""
        super().__setitem__(token, name)
        self._made_with[token] = self._logins.find(name)
        while len(self) > _SESSIONS:
            del self[next(iter(self))]

    def __delitem__(self, token: str) -> None:
        """End a session."""
        super().__delitem__(token)
        self._made_with.pop(token, None)

    def get(self, token: str | None, default: Any = None) -> Any:
        """Return the session's user, if the user's login has not changed since the start."""
        name = super().get(token or "")
        login = self._logins.find(name) if name is not None else None
        return name if login is not None and login == self._made_with[token or ""] else default


class LoginCookies:
    """ASGI middleware that replaces Gradio's two login cookies with one strict cookie.

    Gradio sets two cookies; browsers would send one of them with requests from other websites too
    (``SameSite=None``). This middleware sets one cookie with ``SameSite=Lax``. Over http the cookie
    has Gradio's name. Over TLS its name starts with ``__Host-``, and the middleware removes the
    prefix before Gradio reads the cookie.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request to the app; translate the cookies of the request and the response."""
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
    """Return a Cookie header that has the login cookie under Gradio's name.

    Other cookies of Gradio are removed.
    """
    kept = []
    for part in header.split(";"):
        name = part.strip().partition("=")[0]
        if tls and name.startswith(f"{_HOST}{_PREFIX}"):
            kept.append(part.strip().removeprefix(_HOST))
        elif not name.startswith(_PREFIX) or (not tls and name.startswith(_PLAIN)):
            kept.append(part.strip())
    return "; ".join(kept)


def _restrict(value: bytes, *, tls: bool) -> bytes | None:
    """Return a Set-Cookie header with strict attributes; None for Gradio's unused cookie.

    Headers for other cookies are returned as they are.
    """
    pair, *attributes = (part.strip() for part in value.decode("latin-1").split(";"))
    if not pair.startswith(_PREFIX):
        return value
    if pair.startswith(_PLAIN) == tls:
        return None
    ends = [each for each in attributes if each.lower().startswith(("max-age=", "expires="))]
    parts = [f"{_HOST}{pair}" if tls else pair, *ends, "Path=/", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, *(["Secure"] if tls else [])]).encode("latin-1")
