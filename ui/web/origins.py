"""Host and origin checks: only the window's own page and programs may send requests.

A browser lets any website send requests to 127.0.0.1. Three headers that a page cannot forge
identify such requests: ``Host`` (the host name in the URL), ``Origin`` and ``Sec-Fetch-Site`` (the
page that sends the request). Programs send no ``Origin`` header and are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from rag.errors import SettingsError
from ui.web.headers import Message, Receive, Send

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(
    r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(?P<port>\d{1,5}))?"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_ALLOWED_SITES = ("same-origin", "none")  # of Sec-Fetch-Site; "none": a person typed the URL
_CORS_PREFIX = b"access-control-"  # headers that let other websites read; Gradio sets too many


class Hosts:
    """The host names of the window.

    `named` are those of the setting RAG_HOSTS; `bound` is the address that the window listens on.
    """

    def __init__(self, named: str = "", bound: str = LOOPBACK[1]) -> None:
        self._named = {_parse_host(part) for part in named.split(",") if part.strip()}
        self._known = {*LOOPBACK, *(name for name, _ in self._named)}
        if bound not in ("0.0.0.0", "::", ""):  # noqa: S104 - "all addresses" is no host name
            self._known.add(_format_host(bound))

    def allows(self, host: str, reached: str | None = None) -> bool:
        """Return whether a Host header names this window.

        `reached` is the address that the client connected to. A Host header with this address is
        accepted: in a DNS rebinding attack, the Host header has a name, never an address.
        """
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name, port = found["name"], found["port"]
        if reached is not None and name == _format_host(reached):
            return True
        ports = {port_named for known, port_named in self._named if known == name}
        return name in self._known and (name in LOOPBACK or not ports - {None} or port in ports)

    def is_own_origin(self, origin: str, hosts: Iterable[str], *, tls: bool) -> bool:
        """Return whether an Origin header is the window's own page.

        `hosts` are the request's Host headers.
        """
        try:
            address = urlsplit(origin.lower())
        except ValueError:
            return False
        scheme, found = address.scheme, _HOST.fullmatch(address.netloc)
        if found is None or scheme not in _DEFAULT_PORTS or (tls and scheme == "http"):
            return False
        place = _add_port(address.netloc, scheme)
        if place in {_add_port(host.lower(), scheme) for host in hosts}:
            return True
        # A proxy may put its own address into Host. The Origin then has a name from RAG_HOSTS.
        return any(
            place == _add_port(f"{name}:{port}" if port else name, scheme)
            for name, port in self._named
        )


class SameOriginOnly:
    """ASGI middleware that refuses (403) unknown hosts and other websites, and closes websockets.

    A link on another website may open the page; all other requests from other websites are refused.
    CORS headers are removed, so that no other website can read a response.
    """

    def __init__(self, app: Any, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it to the app."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # the window uses none
            return
        if _first_value(scope, b"x-forwarded-proto") == "https":
            scope["scheme"] = "https"  # a reverse proxy terminates TLS
        reason = self._reason_to_refuse(scope)
        if reason:
            await refuse(send, 403, reason)
            return

        async def send_closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    pair
                    for pair in message.get("headers", ())
                    if not pair[0].lower().startswith(_CORS_PREFIX)
                ]
            await send(message)

        await self._app(scope, receive, send_closed)

    def _reason_to_refuse(self, scope: Message) -> str | None:
        """Return why a request is refused; None if it is accepted."""
        hosts = [*_header_values(scope, b"host"), *_header_values(scope, b"x-forwarded-host")]
        reached = (scope.get("server") or (None,))[0]
        for host in hosts:
            if not self._hosts.allows(host, reached):
                shown = host if _HOST.fullmatch(host.lower()) else "this host"
                return (
                    f"the window does not accept the host name {shown}; to allow it, add it to "
                    "RAG_HOSTS (`hosts` in rag.toml) and restart the window"
                )
        tls = scope["scheme"] == "https"
        if not all(
            self._hosts.is_own_origin(each, hosts, tls=tls)
            for each in _header_values(scope, b"origin")
        ):
            return "other websites may not use this window"
        sites = _header_values(scope, b"sec-fetch-site")
        if all(site in _ALLOWED_SITES for site in sites) or _is_page_navigation(scope):
            return None
        return "other websites may not use this window"


def _is_page_navigation(scope: Message) -> bool:
    """Return whether a browser opens the page in a tab, not in a frame."""
    return bool(
        scope["method"] == "GET"
        and scope["path"] == "/"
        and _header_values(scope, b"sec-fetch-mode") == ["navigate"]
        and _header_values(scope, b"sec-fetch-dest") == ["document"]
    )


def _header_values(scope: Message, name: bytes) -> list[str]:
    """Return all values of a header, including comma-separated values on one line."""
    lines = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return [part.strip() for line in lines for part in line.split(",")]


def _first_value(scope: Message, name: bytes) -> str | None:
    return next(iter(_header_values(scope, name)), None)


def _add_port(place: str, scheme: str) -> str:
    """Return a host with its port; without a port, with the default port of the scheme."""
    found = _HOST.fullmatch(place)
    return f"{place}:{_DEFAULT_PORTS[scheme]}" if found and not found["port"] else place


def _format_host(address: str) -> str:
    """Return an IP address in the form of a Host header: IPv6 in brackets."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address.lower()


def _parse_host(text: str) -> tuple[str, str | None]:
    """Return the name and port of one host in RAG_HOSTS.

    Raises `SettingsError` if it is not a host.
    """
    found = _HOST.fullmatch(text.strip().lower())
    if found is None:
        raise SettingsError(
            f"RAG_HOSTS holds {text.strip()!r}, which is not a host",
            "write names separated by commas, such as footnote.example, 192.168.1.5",
        )
    return found["name"], found["port"]


async def refuse(send: Send, status: int, reason: str) -> None:
    """Respond with a status and a reason as plain text."""
    body = f"{reason}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
