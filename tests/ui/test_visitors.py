import asyncio
from typing import Any

import pytest

from ui.visitors import COOKIE, VisitorCookie, name_visitor


def respond(path: str, cookie: str = "", scheme: str = "http") -> list[str]:
    """Return the Set-Cookie headers of a response."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope = {"type": "http", "path": path, "headers": headers, "scheme": scheme}
    asyncio.run(VisitorCookie(app)(scope, lambda: None, send))  # type: ignore[arg-type]
    assert (b"x-own", b"1") in sent[0]["headers"]
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


def test_a_browser_is_named_once_with_the_page() -> None:
    (first,), (second,) = respond("/"), respond("/")
    assert first != second
    assert "HttpOnly" in first
    assert "SameSite=Lax" in first
    assert "Secure" not in first
    (secure,) = respond("/", scheme="https")
    assert "Secure" in secure
    name = first.partition(";")[0]
    assert respond("/", f"other=1; {name}") == []
    assert respond("/gradio_api/info") == []


@pytest.mark.parametrize("cookie", ["footnote-visitor=", "footnote-visitor=x", "=;=", "\x00"])
def test_a_name_that_is_none_is_replaced(cookie: str) -> None:
    assert len(respond("/", cookie)) == 1


def test_a_login_is_a_visitor_whatever_the_browser() -> None:
    key = "k" * 22
    assert name_visitor("ann", {COOKIE: key}) == name_visitor("ann", {})
    assert name_visitor(None, {COOKIE: key}) == name_visitor("", {COOKIE: key})
    assert name_visitor(None, {COOKIE: key}) != name_visitor(key, {})
    assert name_visitor(None, {}) != name_visitor(None, {})  # nobody shares a name
    assert name_visitor(None, {COOKIE: "short"}) != name_visitor(None, {COOKIE: "short"})
