"""A server that speaks the protocols of Anthropic and Google, for the real LangChain clients.

It has no model: it sends what a test sets. Its messages were written from the providers' published
protocols (Anthropic's Messages API with server-sent events; Gemini's streamGenerateContent). They
were not recorded from the real services.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


@dataclass
class Exchange:
    """The behaviour of a server for the next requests.

    It sends the texts of `say` for the prompt that it got. With a `status`, it refuses with this
    one and the JSON `error` instead. `breaks`: after the texts it reports an error in the stream.
    `hangs`: after the texts it waits until the client has closed the connection.
    """

    say: Callable[[str], Sequence[str]] = lambda prompt: ()
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)
    breaks: bool = False
    hangs: bool = False
    prompts: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    gone: Event = field(default_factory=Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    exchange: Exchange

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        exchange = self.exchange
        google = "generateContent" in self.path or "GenerateContent" in self.path
        exchange.prompts.append(_read_google(body) if google else _read_anthropic(body))
        exchange.headers.append({name.lower(): value for name, value in self.headers.items()})
        exchange.paths.append(self.path)
        if exchange.status != 200:
            self._refuse()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        write = _write_google if google else _write_anthropic
        try:
            for event in write(exchange.say(exchange.prompts[-1]), exchange):
                self._chunk(event.encode())
            self.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            exchange.gone.set()
        self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _refuse(self) -> None:
        data = json.dumps(self.exchange.error).encode()
        self.send_response(self.exchange.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _read_anthropic(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def _read_google(body: dict[str, Any]) -> str:
    return "".join(part["text"] for part in body["contents"][-1]["parts"])


def _write_anthropic(texts: Sequence[str], exchange: Exchange) -> Iterator[str]:
    """Yield the events of https://docs.anthropic.com/en/api/messages-streaming."""

    def event(kind: str, **fields: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"

    yield event(
        "message_start",
        message={
            "id": "msg_01",
            "type": "message",
            "role": "assistant",
            "content": [],
            "model": "claude-test",
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 11, "output_tokens": 1},
        },
    )
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield event("ping")
    for text in texts:
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})
    while exchange.hangs:
        yield event("ping")
    if exchange.breaks:
        yield event("error", error={"type": "overloaded_error", "message": "Overloaded"})
        return
    yield event("content_block_stop", index=0)
    yield event(
        "message_delta",
        delta={"stop_reason": "end_turn", "stop_sequence": None},
        usage={"input_tokens": 11, "output_tokens": 3},  # cumulative
    )
    yield event("message_stop")


def _write_google(texts: Sequence[str], exchange: Exchange) -> Iterator[str]:
    """Yield the events of https://ai.google.dev/api/generate-content with `alt=sse`."""

    def event(text: str, **fields: Any) -> str:
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0} | fields
        counted = {"promptTokenCount": 11, "candidatesTokenCount": 3, "totalTokenCount": 14}
        chunk = {
            "candidates": [candidate],
            "usageMetadata": counted if fields else {},
            "modelVersion": "gemini-test",
            "responseId": "response-1",
        }
        return f"data: {json.dumps(chunk)}\r\n\r\n"

    for text in texts:
        yield event(text)
    while exchange.hangs:
        yield event("")
    if exchange.breaks:
        error = {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}
        yield f"data: {json.dumps({'error': error})}\r\n\r\n"
        return
    yield event("", finishReason="STOP")


@contextmanager
def serve_providers() -> Iterator[tuple[Exchange, str]]:
    """Start a server on a free port of loopback; yield its behaviour and its address."""
    exchange = Exchange()
    handler = type("Handler", (_Handler,), {"exchange": exchange})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield exchange, f"http://127.0.0.1:{server.server_address[1]}"
    exchange.hangs = False
    server.shutdown()
    server.server_close()
    thread.join(5)
