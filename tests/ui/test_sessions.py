"""Login: hashing in separate threads, rate limits for attempts, and the end of sessions."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException

from ui.web import logins as hashing
from ui.web.login_attempts import LoginAttempts
from ui.web.login_required import LoginRequired
from ui.web.logins import Logins, make_login
from ui.web.sessions import LoginCookies, PasswordCheck, Sessions, _address


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "logins"
    file.write_text(f"{make_login('ann', 'secret words')}\n{make_login('bob', 'other')}\n")
    return file


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def guess(checker: PasswordCheck, name: str, password: str, address: str) -> bool | int:
    """Return whether the password was right, or the HTTP status of a refusal."""

    async def ask() -> bool:
        _address.set(address)
        return await checker.check(name, password)

    try:
        return asyncio.run(ask())
    except HTTPException as error:
        assert error.headers
        assert int(error.headers["Retry-After"]) > 0
        return error.status_code


def test_passwords_are_hashed_in_two_threads_outside_the_event_loop(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, threads = threading.Event(), set()

    def hash_slowly(password: str, salt: bytes) -> bytes:
        threads.add(threading.get_ident())
        assert go.wait(60)
        return b""

    monkeypatch.setattr(hashing, "_hash", hash_slowly)

    async def attack() -> list[Any]:
        checker = PasswordCheck(Logins(file))
        tasks = [asyncio.create_task(checker.check(f"name {n}", "guess")) for n in range(200)]
        while sum(task.done() for task in tasks) < 180:  # 180 are refused at once
            await asyncio.sleep(0)  # the event loop is not blocked by hashing
        go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = asyncio.run(attack())
    assert threading.get_ident() not in threads
    assert len(threads) <= 2
    assert outcomes.count(False) == 20
    assert sum(isinstance(each, HTTPException) for each in outcomes) == 180


def test_guesses_are_slowed_down_by_name_and_by_address(file: Path) -> None:
    clock = Clock()
    checker = PasswordCheck(Logins(file), LoginAttempts(clock))
    assert guess(checker, "bob", "other", "9.9.9.9") is True
    assert [guess(checker, "bob", "x", f"1.1.1.{n}") for n in range(5)] == [False] * 5
    assert guess(checker, "bob", "other", "1.1.1.6") == 429  # from every new address
    assert guess(checker, "bob", "other", "9.9.9.9") is True  # but not from his known address
    clock.now = 1.5
    assert guess(checker, "bob", "x", "1.1.1.7") is False
    clock.now = 3.0
    assert guess(checker, "bob", "other", "1.1.1.7") == 429  # each wait doubles
    clock.now = 3.6
    assert guess(checker, "bob", "other", "1.1.1.7") is True
    spread = [guess(checker, f"name {n}", "x", f"2001:db8::{n:x}") for n in range(20)]
    assert spread == [False] * 20
    assert guess(checker, "ann", "secret words", "2001:db8::ffff") == 429  # one network
    assert guess(checker, "ann", "secret words", "2001:db9::1") is True


def test_delays_have_a_maximum_and_wrong_guesses_expire() -> None:
    clock = Clock()
    guesses = LoginAttempts(clock)
    for _ in range(2000):
        clock.now += guesses.begin("ann", "1.1.1.1") or 300
    clock.now += 1
    assert guesses.begin("ann", "1.1.1.1") <= 300
    clock.now += 3601
    assert [guesses.begin("ann", "1.1.1.1") for _ in range(5)] == [0] * 5


def test_a_removed_login_ends_its_sessions_and_does_not_come_back(file: Path) -> None:
    logins = Logins(file)
    checker, sessions = PasswordCheck(logins), Sessions(logins)
    sessions["token of ann"], sessions["token of bob"] = "ann", "bob"
    assert sessions.get("token of bob") == "bob"
    ann, _ = file.read_text().splitlines()
    file.write_text(f"{ann}\n")
    assert sessions.get("token of bob") is None
    assert guess(checker, "bob", "other", "1.1.1.1") is False
    assert sessions.get("token of ann") == "ann"
    assert guess(checker, "ann", "secret words", "1.1.1.1") is True
    file.write_text(f"{ann}\n{make_login('bob', 'other')}\n")
    assert sessions.get("token of bob") is None  # his new login has another salt
    assert guess(checker, "bob", "other", "1.1.1.1") is True
    file.write_text(f"{ann}\nbob:nonsense\n")
    assert sessions.get("token of ann") == "ann"
    assert guess(checker, "bob", "other", "1.1.1.2") is False
    file.unlink()
    assert sessions.get("token of ann") is None
    assert guess(checker, "ann", "secret words", "1.1.1.1") is False
    assert sessions.get(None) is None


def exchange(scheme: str, cookie: str, given: list[str]) -> tuple[str, list[str]]:
    """Return the Cookie header that Gradio gets, and the Set-Cookie headers that a browser gets."""
    seen: list[str] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(value.decode() for name, value in scope["headers"] if name == b"cookie")
        headers = [(b"set-cookie", value.encode()) for value in given]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())]
    scope = {"type": "http", "path": "/", "headers": headers, "scheme": scheme, "client": ("a", 1)}
    asyncio.run(LoginCookies(app)(scope, lambda: None, send))  # type: ignore[arg-type]
    return seen[0], [value.decode() for _, value in sent[0]["headers"]]


def test_the_login_cookie_is_restricted_to_this_window() -> None:
    given = [
        "access-token-i=t; HttpOnly; Path=/; SameSite=none; Secure",
        "access-token-unsecure-i=t; HttpOnly; Path=/; SameSite=lax",
        "other=1; Path=/",
    ]
    held = "a=1; access-token-i=s; access-token-unsecure-i=p; __Host-access-token-i=h"
    seen, kept = exchange("http", held, given)
    assert seen == "a=1; access-token-unsecure-i=p; __Host-access-token-i=h"
    assert kept == ["access-token-unsecure-i=t; Path=/; HttpOnly; SameSite=Lax", "other=1; Path=/"]
    seen, kept = exchange("https", held, given)
    assert seen == "a=1; access-token-i=h"
    assert kept == [
        "__Host-access-token-i=t; Path=/; HttpOnly; SameSite=Lax; Secure",
        "other=1; Path=/",
    ]
    removed = ['access-token-i=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/']
    _, (gone,) = exchange("https", held, removed)
    assert gone.startswith('__Host-access-token-i=""; expires=Thu, 01 Jan 1970')
    assert "Max-Age=0" in gone


class Gradio:
    """What the middleware knows of Gradio's app: the sessions. It streams three parts."""

    cookie_id = "i"

    def __init__(self, logins: Logins) -> None:
        self.tokens = Sessions(logins)
        self.tokens["t"] = "bob"
        self.heard: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (b"one", b"two", b"three"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
            self.heard.append((await receive())["type"])
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def request_as(server: Gradio, path: str, cookie: str, after: Any = None) -> list[Any]:
    """Return the messages of a response; call `after` when the first part has been sent."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if after and message.get("body") == b"one":
            after()

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"cookie", cookie.encode())]
    scope = {"type": "http", "path": path, "headers": headers, "method": "POST"}
    asyncio.run(LoginRequired(server, server)(scope, receive, send))
    return sent


@pytest.mark.parametrize("path", ["/gradio_api/cancel", "/gradio_api/reset"])
def test_an_answer_is_stopped_only_with_a_login(file: Path, path: str) -> None:
    server = Gradio(Logins(file))
    cookie = "access-token-unsecure-i=t"
    assert request_as(server, path, "")[0]["status"] == 401
    assert request_as(server, path, "access-token-unsecure-i=other")[0]["status"] == 401
    assert request_as(server, path, cookie)[0]["status"] == 200
    ann, _ = file.read_text().splitlines()
    file.write_text(f"{ann}\n")
    assert request_as(server, path, cookie)[0]["status"] == 401


@pytest.mark.parametrize("path", ["/gradio_api/queue/data", "/gradio_api/call/ask/id"])
def test_an_answer_on_its_way_ends_when_the_login_is_removed(file: Path, path: str) -> None:
    server = Gradio(Logins(file))
    cookie = "access-token-i=t"
    whole = [message.get("body") for message in request_as(server, path, cookie)[1:]]
    assert whole == [b"one", b"two", b"three", b""]
    ann, _ = file.read_text().splitlines()
    server.heard.clear()
    sent = request_as(server, path, cookie, lambda: file.write_text(f"{ann}\n"))
    assert [message.get("body") for message in sent[1:]] == [b"one", b""]
    assert sent[-1]["more_body"] is False
    assert server.heard[1:] == ["http.disconnect"] * 2  # so that the answer is not computed on
