"""Size limits and quotas of requests, tested without the window."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from ui.state.quotas import DailyQuota, DiskQuota, measure
from ui.web.limits import UPLOAD, Limits, RequestLimiter, delete_old_uploads
from ui.web.visitors import STATE

LIMITS = Limits(request=64_000, visitor=300_000, waiting=1_000_000)
ASK = "/gradio_api/queue/join"


class App:
    """Reads requests like Gradio: it writes an upload to a file, part by part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read = 0  # bytes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = str(len(list(self.folder.iterdir())))
        with (self.folder / name).open("wb") as file:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionError
                self.read += len(message["body"])
                if scope["path"] == UPLOAD:
                    file.write(message["body"])
                if not message["more_body"]:
                    break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(tmp_path)


@pytest.fixture
def limiter(app: App) -> RequestLimiter:
    return RequestLimiter(app, LIMITS, app.folder)


def send(
    limiter: RequestLimiter,
    path: str,
    size: int,
    headers: dict[str, str] | None = None,
    visitor: str = "v",
) -> int:
    """Send a request in parts of 10,000 bytes, as long as the limiter reads them.

    Returns the status.
    """
    sent: list[Any] = []
    rest = size

    async def receive() -> dict[str, Any]:
        nonlocal rest
        part = min(rest, 10_000)
        rest -= part
        return {"type": "http.request", "body": b"x" * part, "more_body": rest > 0}

    async def answer(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
        "state": {STATE: visitor},
    }
    asyncio.run(limiter(scope, receive, answer))
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    "path", [ASK, "/login", f"{UPLOAD}s", f"{UPLOAD}/x", "/gradio_api/call/ask"]
)
def test_requests_that_are_no_uploads_have_a_small_limit(
    limiter: RequestLimiter, app: App, path: str
) -> None:
    length = {"content-length": "64000"}
    assert send(limiter, path, 64_000, length) == 200
    assert app.read == 64_000
    # No more is accepted, whatever the Content-Length header says.
    for lie in ({}, length, {"transfer-encoding": "chunked"}, {"content-length": "9900000"}):
        assert send(limiter, path, 9_900_000, lie) == 413
    assert app.read == 64_000


@pytest.mark.parametrize("length", ["-5", "x", "", "9" * 5000, "1_0", "+1"])
def test_an_invalid_content_length_is_refused(
    limiter: RequestLimiter, app: App, length: str
) -> None:
    for path in (ASK, UPLOAD):
        assert send(limiter, path, 10, {"content-length": length}) == 413
    assert app.read == 0


def test_a_visitor_has_a_daily_upload_limit_of_his_own(limiter: RequestLimiter, app: App) -> None:
    assert send(limiter, UPLOAD, 200_000) == 200
    assert send(limiter, UPLOAD, 200_000, {"content-length": "200000"}) == 429
    assert app.read == 200_000
    assert send(limiter, UPLOAD, 200_000, {"transfer-encoding": "chunked"}) == 429
    assert app.read <= 300_000
    assert send(limiter, UPLOAD, 200_000, visitor="another") == 200


def test_all_uploads_together_are_limited(limiter: RequestLimiter, app: App) -> None:
    """A visitor can get new names for free, so new names must not give more space."""
    answers = [send(limiter, UPLOAD, 250_000, visitor=str(number)) for number in range(40)]
    assert answers[0] == 200
    assert answers[-1] == 507
    assert measure(app.folder) <= LIMITS.waiting + 40 * 4096


def test_uploads_that_were_not_added_are_deleted(tmp_path: Path) -> None:
    old, new = tmp_path / "a" / "old", tmp_path / "b" / "new"
    for file in (old, new):
        file.parent.mkdir()
        file.write_bytes(b"x")
    for path in (old, old.parent):
        os.utime(path, (0, 0))
    delete_old_uploads(tmp_path)  # this changes the folder's time; the next call deletes it
    os.utime(old.parent, (0, 0))
    delete_old_uploads(tmp_path)
    assert sorted(tmp_path.rglob("*")) == [new.parent, new]


def test_a_daily_quota_is_per_visitor() -> None:
    now = 0.0
    quota = DailyQuota(10, lambda: now)
    assert quota.take("a", 10)
    assert not quota.take("a")
    assert quota.left("a") == 0
    assert quota.take("b", 10)
    now = 24 * 3600.0
    assert quota.left("a") == 10
    assert quota.take("a", 10)


def test_quotas_remember_a_limited_number_of_visitors() -> None:
    quota = DailyQuota(10)
    assert quota.take("much", 10)
    for number in range(25_000):
        assert quota.take(str(number))
    assert len(quota._taken) <= 10_000
    assert not quota.take("much")  # visitors who took the most are kept


def test_a_disk_quota_counts_what_was_written_since(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"x" * 5000)
    disk = DiskQuota(tmp_path, 20_000)
    assert disk.has_room(20_000 - 8192)
    assert not disk.has_room(20_000)
    assert disk.take(11_000)
    assert not disk.take(1000)
    disk.note(-5000)
    assert disk.take(1000)
