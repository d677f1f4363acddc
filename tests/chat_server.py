"""Servers that speak the protocols of OpenAI and Ollama, for the real LangChain clients.

The servers have no model: they send texts that the tests define. They listen on loopback.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


def _make_set_event() -> Event:
    event = Event()
    event.set()
    return event


@dataclass
class Script:
    """The behaviour of a server for the next requests.

    The server first refuses `refusals` requests with `status`. Then it sends `tokens`, one chunk
    each, `pause` seconds apart. `breaks`: it closes the connection after the tokens. `endless`: it
    repeats the tokens forever. `hangs`: after the tokens it waits until `hangs` is set to False,
    for two minutes at most; if it is a text, only where the message contains it. `stalls`: it does
    not respond at all. `lists`: while this event is unset, it does not list its models, for 10
    seconds at most. `window`: how many tokens its model can take, told in the ways of llama.cpp and
    Ollama.
    """

    tokens: Sequence[str] = ()
    pause: float = 0.0
    status: int = 429
    refusals: int = 0
    breaks: bool = False
    endless: bool = False
    hangs: bool | str = False
    stalls: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    gone: Event = field(default_factory=Event)
    answer: Callable[[str], Sequence[str]] | None = None
    window: int | None = None
    lists: Event = field(default_factory=_make_set_event)

    @property
    def prompts(self) -> list[str]:
        """The last message of each request."""
        return [str(request["messages"][-1]["content"]) for request in self.requests]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.script.lists.wait(10)
        if self.path.endswith("/models"):
            told = {"meta": {"n_ctx": self.script.window}} if self.script.window else {}
            self._send({"data": [{"id": "test-model"} | told]})
        elif self.path == "/api/tags":
            self._send({"models": [{"name": "test-model:latest"}]})
        else:
            self._send({"error": "not found"}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script = self.script
        if self.path == "/api/show":
            told = {"llama.context_length": script.window} if script.window else {}
            self._send({"model_info": told})
            return
        script.requests.append(body)
        if script.refusals > 0:
            script.refusals -= 1
            self._send({"error": {"message": "no", "type": "test"}}, script.status)
            return
        if script.stalls:
            script.gone.wait(30)
            self.close_connection = True
            return
        ollama = self.path == "/api/chat"
        tokens = script.tokens
        if script.answer is not None:
            tokens = script.answer(str(body["messages"][-1]["content"]))
        if not ollama and not body.get("stream"):
            self._send(_whole("".join(tokens)))
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson" if ollama else "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._stream(tokens, ollama, str(body["messages"][-1]["content"]))
        except (BrokenPipeError, ConnectionResetError):
            script.gone.set()
        self.close_connection = True

    def _stream(self, tokens: Sequence[str], ollama: bool, message: str) -> None:
        script = self.script
        write = _write_ollama if ollama else _write_openai
        while True:
            for token in tokens:
                if script.pause:
                    time.sleep(script.pause)
                script.times.append(time.monotonic())
                self._chunk(write(token))
            if not script.endless:
                break
        if script.hangs is True or (script.hangs and script.hangs in message):
            until = time.monotonic() + 120
            while script.hangs and time.monotonic() < until:
                time.sleep(0.05)
                self._chunk(b" " if ollama else b": wait\n\n")
        if script.breaks:
            self.wfile.flush()
            self.connection.close()
            return
        self._chunk(write(None))
        if not ollama:
            self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _send(self, value: Any, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _whole(text: str) -> dict[str, Any]:
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14},
    }


def _write_openai(token: str | None) -> bytes:
    chunk: dict[str, Any] = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "test-model",
        "choices": [{"index": 0, "delta": {"content": token}, "finish_reason": None}],
    }
    if token is None:
        chunk["choices"] = []
        chunk["usage"] = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _write_ollama(token: str | None) -> bytes:
    chunk: dict[str, Any] = {
        "model": "test-model",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": token or ""},
        "done": token is None,
    }
    if token is None:
        chunk |= {"done_reason": "stop", "prompt_eval_count": 11, "eval_count": 3}
    return json.dumps(chunk).encode() + b"\n"


@dataclass
class ChatServer:
    """A running server: its address and its script."""

    script: Script
    address: str
    stop: Callable[[], None]

    @property
    def openai_url(self) -> str:
        """The base URL for clients of OpenAI's protocol."""
        return f"{self.address}/v1"


@contextmanager
def serve_chat_models() -> Iterator[ChatServer]:
    """Start a server on a free port of loopback, for both protocols."""
    script = Script()
    handler = type("Handler", (_Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    yield ChatServer(script, f"http://127.0.0.1:{server.server_address[1]}", stop)
    stop()
    thread.join(5)
