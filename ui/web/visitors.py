"""Visitor names: the name of the login, or a random name in a signed cookie.

The cookie holds a name and its signature (HMAC-SHA256). The key is stored in the store's folder. A
name without a valid signature is ignored. Scripts cannot read the cookie (HttpOnly).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from rag.errors import FootnoteError
from ui.web.headers import Message, Receive, Send

COOKIE = "footnote-visitor"
SECURE_COOKIE = f"__Host-{COOKIE}"  # browsers accept it only over TLS and from this exact host
STATE = "footnote_visitor"  # key of the browser's name in the request's state
_KEY_FILE = "visitors.key"
_KEY_BYTES = 32
_YEAR = 365 * 24 * 3600


def name_visitor(username: str | None, browser: str | None) -> str:
    """Return the unique name of a visitor: from the login, otherwise from the browser's cookie.

    A browser that accepts no cookies gets a new name with every request, so its conversations
    cannot be found again.
    """
    return f"login {username}" if username else f"browser {browser or _new_name()}"


def load_key(store: Path) -> bytes:
    """Return the key that signs the cookies of all windows of a store; create it if necessary.

    Raises `FootnoteError` when the key file is damaged, or cannot be read or written.
    """
    file = store / _KEY_FILE
    draft = file.with_name(f"{_KEY_FILE}.{secrets.token_hex(8)}")
    try:
        if not file.exists():
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(secrets.token_bytes(_KEY_BYTES))
                stream.flush()
                os.fsync(stream.fileno())
            try:
                file.hardlink_to(draft)  # atomic; fails if another window wrote a key
            except FileExistsError:
                pass
            except OSError:  # a filesystem without hard links
                draft.replace(file)
            finally:
                draft.unlink(missing_ok=True)
        key = file.read_bytes()
    except OSError as error:
        raise FootnoteError(
            f"{file} cannot be read or written ({error.strerror})",
            "correct its permissions, or set RAG_CONVERSATIONS=false",
        ) from error
    if len(key) != _KEY_BYTES:
        raise FootnoteError(
            f"{file} is damaged", "delete it; visitors then lose access to earlier conversations"
        )
    return key


def sign(name: str, key: bytes) -> str:
    """Return the cookie's value: the name and its signature."""
    digest = hmac.digest(key, name.encode("utf-8"), hashlib.sha256)
    return f"{name}.{base64.urlsafe_b64encode(digest).decode('ascii').rstrip('=')}"


def read_name(value: str, key: bytes) -> str | None:
    """Return the name in a cookie's value; None if the signature is not valid."""
    name = value.partition(".")[0]
    # Compare bytes: `compare_digest` accepts only ASCII strings.
    ours = hmac.compare_digest(sign(name, key).encode(), value.encode("utf-8", "replace"))
    return name if ours else None


class VisitorCookie:
    """ASGI middleware that reads the visitor cookie and stores the name in the request's state.

    A browser without a valid cookie gets one with the response to ``/``.
    """

    def __init__(self, app: Any, key: bytes) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass the request to the app; set a cookie if the browser needs one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        secure = scope.get("scheme") == "https"
        name = self._find_name(scope, SECURE_COOKIE if secure else COOKIE)
        if name is not None:
            scope.setdefault("state", {})[STATE] = name
        if name is not None or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        cookie = _make_header(sign(_new_name(), self._key), secure=secure)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), cookie]
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _find_name(self, scope: Message, cookie: str) -> str | None:
        value = HTTPConnection(scope).cookies.get(cookie)
        return None if value is None else read_name(value, self._key)


def _new_name() -> str:
    return secrets.token_urlsafe(16)


def _make_header(value: str, *, secure: bool) -> tuple[bytes, bytes]:
    """Return a Set-Cookie header: its name and its value."""
    response = Response()
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        value,
        max_age=_YEAR,
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response.raw_headers[-1]
