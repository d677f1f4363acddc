"""How much a request may bring, counted as it arrives: what it says of itself may be untrue."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ui.state.quotas import MB, DailyQuota, DiskQuota
from ui.web.headers import Message, Receive, Send
from ui.web.visitors import STATE

log = logging.getLogger(__name__)

UPLOAD = "/gradio_api/upload"
_MAX_LENGTH_DIGITS = 15  # of a length that is believed
_UPLOAD_LIFETIME = 3600  # seconds after which what was uploaded, and then not added, is deleted


class _LimitExceeded(Exception):
    """A request brings more than it may: the status to answer with, and what to say."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may bring, in bytes.

    `request` is for one that is no upload; `visitor` for a visitor's uploads of a day; `waiting`
    for all uploads that were not added to the documents yet.
    """

    request: int
    visitor: int
    waiting: int


class RequestLimiter:
    """The ASGI middleware. `incoming` is the folder that uploads are written to."""

    def __init__(self, app: Any, limits: Limits, incoming: Path) -> None:
        self._app = app
        self._limits = limits
        self._visitors = DailyQuota(limits.visitor)
        self._space = DiskQuota(
            incoming, limits.waiting, lambda: delete_old(incoming, _UPLOAD_LIFETIME)
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on that brings no more than it may; refuse any other."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if scope["path"] == UPLOAD:
                await self._pass_upload(scope, receive, send)
            else:
                await self._app(scope, await self._read(scope, receive), send)
        except _LimitExceeded as refusal:
            await _refuse(send, refusal)

    async def _read(self, scope: Message, receive: Receive) -> Receive:
        """Read the body of a request that is no upload; return what gives it to the app."""
        most = self._limits.request
        headers = dict(scope["headers"])
        bodiless = b"content-length" not in headers and b"transfer-encoding" not in headers
        if bodiless and scope["method"] in ("GET", "HEAD"):
            return receive
        refusal = _LimitExceeded(413, f"the request is too large: {most:,} bytes are let in")
        if _declared_length(headers) > most:
            raise refusal
        body, last = bytearray(), None
        while last is None:
            message = await receive()
            if message["type"] != "http.request":
                last = message  # gone before all was sent
                break
            body += message.get("body", b"")
            if len(body) > most:
                raise refusal
            if not message.get("more_body", False):
                last = {"type": "http.request", "body": bytes(body), "more_body": False}
        given = [last]

        async def give() -> Message:
            return given.pop() if given else await receive()

        return give

    async def _pass_upload(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass an upload on as it arrives; end it when it is too much."""
        state, client = scope.get("state", {}), scope.get("client") or ("unknown",)
        visitor = str(state.get(STATE) or client[0])
        said = _declared_length(dict(scope["headers"]))
        if said > self._visitors.left(visitor):
            raise self._quota_exceeded()
        if not await asyncio.to_thread(self._space.has_room, max(said, 1)):
            raise self._out_of_space()
        upload = _UploadStream(receive, send, lambda size: self._count(visitor, size))
        try:
            await self._app(scope, upload.receive, upload.send)
        except Exception:
            if upload.refusal is None:
                raise
        if upload.refusal is not None and not upload.answered:
            raise upload.refusal

    def _count(self, visitor: str, size: int) -> None:
        if not self._visitors.take(visitor, size):
            raise self._quota_exceeded()
        if not self._space.take(size):
            raise self._out_of_space()

    def _out_of_space(self) -> _LimitExceeded:
        return _LimitExceeded(507, "there is no room for more uploads now; try again later")

    def _quota_exceeded(self) -> _LimitExceeded:
        most = self._limits.visitor // MB
        return _LimitExceeded(429, f"each visitor may upload {most:,} MB a day")


class _UploadStream:
    """A request that is passed on while it arrives, until `take` raises `_LimitExceeded`.

    Then the app is told that whoever sends has gone, and what it answers is left out.
    """

    def __init__(self, receive: Receive, send: Send, take: Callable[[int], None]) -> None:
        self._receive = receive
        self._send = send
        self._count = take
        self.refusal: _LimitExceeded | None = None
        self.answered = False

    async def receive(self) -> Message:
        """Return the next part."""
        message = await self._receive()
        try:
            self._count(len(message.get("body", b"")))
        except _LimitExceeded as refusal:
            self.refusal = refusal
        return message if self.refusal is None else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send what the app answers, unless it was refused."""
        if self.refusal is None:
            self.answered = True
            await self._send(message)


def _declared_length(headers: Mapping[bytes, bytes]) -> int:
    """Return how long a request says its body is, in bytes; 0 if it does not say.

    Raises `_LimitExceeded` for what is no length.
    """
    said = headers.get(b"content-length", b"0")
    if not said.isdigit() or len(said) > _MAX_LENGTH_DIGITS:
        raise _LimitExceeded(413, "the request says no length that can be")
    return int(said)


def delete_old(folder: Path, seconds: float) -> None:
    """Delete files of a folder that are older, and what is empty then."""
    oldest = time.time() - seconds
    for path in sorted(folder.rglob("*"), reverse=True):  # what is within a folder comes first
        try:
            if path.lstat().st_mtime < oldest:
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()
        except OSError as error:  # in use, not empty, or gone
            log.debug("an old upload stays (%s)", error.strerror)


async def _refuse(send: Send, refusal: _LimitExceeded) -> None:
    body = json.dumps({"detail": refusal.problem}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    # What is still on its way is not waited for.
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def make_limits(request_kb: int, visitor_mb: int, all_mb: int) -> Limits:
    """Return the limits that settings name."""
    return Limits(request_kb * 1000, visitor_mb * MB, all_mb * MB)
