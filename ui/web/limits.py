"""Size limits for requests and upload quotas.

Bytes are counted as they arrive, because a Content-Length header may be wrong.
"""

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
_MAX_LENGTH_DIGITS = 15  # of a Content-Length header
_UPLOAD_LIFETIME = 3600  # seconds; an upload that was not added by then is deleted


class _LimitExceeded(Exception):
    """A request exceeds a limit. Holds the HTTP status and the message of the response."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in bytes.

    `request` limits the body of a request other than an upload. `visitor` limits the uploads of
    one visitor per day. `waiting` limits all uploads together that were not yet added to the
    documents.
    """

    request: int
    visitor: int
    waiting: int


class RequestLimiter:
    """ASGI middleware that enforces `Limits`. Gradio writes uploads to the folder `incoming`."""

    def __init__(self, app: Any, limits: Limits, incoming: Path) -> None:
        self._app = app
        self._limits = limits
        self._visitors = DailyQuota(limits.visitor)
        self._space = DiskQuota(incoming, limits.waiting, lambda: delete_old_uploads(incoming))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request to the app if it is within the limits; otherwise refuse it."""
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
        """Read the body of a request other than an upload; return the app's `receive` function."""
        most = self._limits.request
        headers = dict(scope["headers"])
        bodiless = b"content-length" not in headers and b"transfer-encoding" not in headers
        if bodiless and scope["method"] in ("GET", "HEAD"):
            return receive
        refusal = _LimitExceeded(413, f"the request is too large: the limit is {most:,} bytes")
        if _declared_length(headers) > most:
            raise refusal
        body, last = bytearray(), None
        while last is None:
            message = await receive()
            if message["type"] != "http.request":
                last = message  # the client disconnected before the end of the body
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
        """Pass an upload to the app as it arrives; stop it when it exceeds a limit."""
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
        return _LimitExceeded(507, "there is no space for more uploads now; try again later")

    def _quota_exceeded(self) -> _LimitExceeded:
        most = self._limits.visitor // MB
        return _LimitExceeded(429, f"each visitor may upload {most:,} MB per day")


class _UploadStream:
    """The `receive` and `send` functions of an upload, which count bytes as they arrive.

    `count` is called with the size of each part. When it raises `_LimitExceeded`, the app gets a
    disconnect message and its response is dropped.
    """

    def __init__(self, receive: Receive, send: Send, count: Callable[[int], None]) -> None:
        self._receive = receive
        self._send = send
        self._count = count
        self.refusal: _LimitExceeded | None = None
        self.answered = False

    async def receive(self) -> Message:
        """Return the next part of the body, or a disconnect message after a refusal."""
        message = await self._receive()
        try:
            self._count(len(message.get("body", b"")))
        except _LimitExceeded as refusal:
            self.refusal = refusal
        return message if self.refusal is None else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send a message of the app's response, unless the upload was refused."""
        if self.refusal is None:
            self.answered = True
            await self._send(message)


def _declared_length(headers: Mapping[bytes, bytes]) -> int:
    """Return the Content-Length header in bytes, 0 without one.

    Raises `_LimitExceeded` if the header is not a valid length.
    """
    said = headers.get(b"content-length", b"0")
    if not said.isdigit() or len(said) > _MAX_LENGTH_DIGITS:
        raise _LimitExceeded(413, "the Content-Length header of the request is invalid")
    return int(said)


def delete_old_uploads(folder: Path) -> None:
    """Delete files and empty folders below a folder that are older than an upload may wait."""
    oldest = time.time() - _UPLOAD_LIFETIME
    for path in sorted(folder.rglob("*"), reverse=True):  # files before their folder
        try:
            if path.lstat().st_mtime < oldest:
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()
        except OSError as error:  # in use, not empty, or already deleted
            log.debug("an old upload was not deleted (%s)", error.strerror)


async def _refuse(send: Send, refusal: _LimitExceeded) -> None:
    body = json.dumps({"detail": refusal.problem}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    # Close the connection, so that the server does not wait for the rest of the body.
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def make_limits(request_kb: int, visitor_mb: int, all_mb: int) -> Limits:
    """Return the limits for the values of the settings, in kB and MB."""
    return Limits(request_kb * 1000, visitor_mb * MB, all_mb * MB)
