"""A reverse proxy for a Chroma server: it uses TLS, requires a token, and records requests."""

import json
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


class Proxy:
    """Forwards requests that have the token; stores the bodies of write requests."""

    def __init__(self, target: str, token: str) -> None:
        self.target = target
        self.token = token
        self.written: list[dict[str, Any]] = []
        self.url = ""
        self.certificate = Path()


def make_handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.headers.get("x-chroma-token") != proxy.token:
                self.answer(401, b'{"error": "AuthorizationError", "message": "Unauthorized"}')
                return
            if body and self.command in ("POST", "PUT"):
                proxy.written.append(json.loads(body) | {"to": self.path})
            request = urllib.request.Request(
                proxy.target + self.path,
                body or None,
                {"content-type": "application/json"},
                method=self.command,
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    self.answer(response.status, response.read())
            except urllib.error.HTTPError as error:
                self.answer(error.code, error.read())

        do_GET = do_POST = do_PUT = do_DELETE = pass_on

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            return

    return Handler


@contextmanager
def serve_proxy(target: str, token: str, folder: Path) -> Iterator[Proxy]:
    """Serve a proxy over TLS, with a self-signed certificate."""
    proxy = Proxy(target, token)
    proxy.certificate, key = folder / "ca.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    subprocess.run(
        [
            *command,
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", proxy.certificate),
        ],
        check=True,
        capture_output=True,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(proxy))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(proxy.certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    proxy.url = f"https://localhost:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
