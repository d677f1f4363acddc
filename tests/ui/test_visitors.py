import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rag.errors import FootnoteError
from ui.web.visitors import (
    COOKIE,
    SECURE_COOKIE,
    STATE,
    VisitorCookie,
    load_key,
    name_visitor,
    read_name,
    sign,
)

KEY = b"k" * 32
NAME = "n" * 22


def respond(path: str, cookie: str = "", scheme: str = "http") -> tuple[str | None, list[str]]:
    """Return the visitor's name that the app gets, and the Set-Cookie headers of the response."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    scope: Any = {"type": "http", "path": path, "headers": headers, "scheme": scheme}
    asyncio.run(VisitorCookie(app, KEY)(scope, lambda: None, send))  # type: ignore[arg-type]
    assert (b"x-own", b"1") in sent[0]["headers"]
    given = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    return scope.get("state", {}).get(STATE), given


def test_a_browser_gets_one_cookie_with_the_page() -> None:
    (_, (first,)), (_, (second,)) = respond("/"), respond("/")
    assert first != second
    assert "HttpOnly" in first
    assert "SameSite=lax" in first
    assert "Secure" not in first
    value = first.partition(";")[0]
    name, given = respond("/", f"other=1; {value}")
    assert given == []
    assert name == value.partition("=")[2].partition(".")[0]
    assert respond("/gradio_api/queue/join", value) == (name, [])
    assert respond("/gradio_api/info") == (None, [])


def test_a_malformed_cookie_of_another_program_does_not_hide_the_visitors() -> None:
    # Browsers send cookies of all programs on 127.0.0.1, whatever the port.
    value = f"{COOKIE}={sign(NAME, KEY)}"
    assert respond("/", f'state={{"open": [1, 2]}}; {value}') == (NAME, [])


def test_with_tls_the_cookie_has_the_host_prefix() -> None:
    _, (cookie,) = respond("/", scheme="https")
    assert cookie.startswith(f"{SECURE_COOKIE}=")
    assert "; Secure" in cookie
    assert "; Path=/;" in cookie
    assert "Domain" not in cookie
    # A cookie that a subdomain or a plain http page could have set is not accepted.
    plain = f"{COOKIE}={sign(NAME, KEY)}"
    assert respond("/gradio_api/queue/join", plain, "https")[0] is None
    assert respond("/gradio_api/queue/join", plain)[0] == NAME


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        NAME,
        f"{NAME}.",
        f"{NAME}.{'s' * 43}",
        sign(NAME, b"another key, of another store...")[:66],
        sign(NAME, KEY)[:-1],
        sign(NAME, KEY) + "=",
        sign(NAME, KEY).replace("n", "m", 1),
        sign(NAME, KEY).upper(),
        f"{NAME}.{NAME}.x",
        "é.é",
        "\x00",
    ],
)
def test_a_cookie_with_a_wrong_signature_is_replaced(value: str) -> None:
    name, given = respond("/", f"{COOKIE}={value}")
    assert name is None
    assert len(given) == 1
    assert read_name(value, KEY) is None


def test_a_login_is_one_visitor_in_all_browsers() -> None:
    assert name_visitor("ann", NAME) == name_visitor("ann", None)
    assert name_visitor(None, NAME) == name_visitor("", NAME)
    assert name_visitor(None, NAME) != name_visitor(NAME, None)
    assert name_visitor(None, None) != name_visitor(None, None)  # unique names


def test_windows_of_one_store_share_the_signing_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_key, [tmp_path] * 8))
    assert len(keys) == 1
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (other := tmp_path / "other").mkdir()
    assert load_key(other) not in keys


def test_an_unusable_signing_key_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "visitors.key").write_bytes(b"short")
    with pytest.raises(FootnoteError, match=r"visitors\.key is damaged"):
        load_key(tmp_path)
    with pytest.raises(FootnoteError, match="cannot be read or written"):
        load_key(tmp_path / "missing")
