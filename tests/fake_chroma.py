"""A fake Chroma server for hostile responses. It has the part of the protocol that a copy uses."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from index.chroma.blobs import _RECORD, _encode
from index.files.layout import StoreLayout

Records = dict[str, Any]
"""The metadata of each record, by its id."""


class FakeChroma:
    """Holds collections with any name, valid or not."""

    def __init__(self) -> None:
        self.url = ""
        self.metadata: dict[str, Any] = {}
        self.records: dict[str, Records] = {}
        self.ids: dict[str, str] = {}

    def add(self, name: str, metadata: Any = None) -> Records:
        """Add or replace a collection; return its records, which the caller fills."""
        self.metadata[name], self.records[name] = metadata, {}
        self.ids[name] = str(uuid4())
        return self.records[name]

    def rename(self, prefix: str, new: str) -> None:
        """Rename the collection whose name starts with `prefix`."""
        (old,) = [name for name in self.records if name.startswith(prefix)]
        self.metadata[new] = self.metadata.pop(old)
        self.records[new] = self.records.pop(old)
        self.ids[new] = self.ids.pop(old)

    def read(self, prefix: str, file: str) -> bytes:
        """Return a small file of the collection whose name starts with `prefix`."""
        (name,) = [name for name in self.records if name.startswith(prefix)]
        record = self.records[name][f"{file}:000000"]
        return b"".join(base64.b64decode(record[key]) for key in sorted(record) if key != "of")

    def publish(self, store: Path) -> None:
        """Replace all collections by a folder's published state, as `rag index --to` writes it."""
        for held in (self.metadata, self.records, self.ids):
            held.clear()  # type: ignore[attr-defined]
        layout = StoreLayout(store)
        snapshot = layout.current.read_text().strip()
        self.add("footnote-published-0000000001", {"snapshot": snapshot})
        manifest = layout.manifest(snapshot).read_bytes()
        put_file(self.add(f"footnote-snapshot-{snapshot}"), "manifest.json", manifest)
        for name in json.loads(manifest)["segments"]:
            files = self.add(f"footnote-files-{name}", {"complete": True})
            segment = layout.segment(name)
            put_file(files, "checksums.json", segment.checksums.read_bytes())
            for file, path in segment.list_files():
                put_file(files, file, path.read_bytes())

    def find(self, path: str) -> str | None:
        """Return the name of the collection in a request's path; None if there is none."""
        asked = unquote(path.partition("/collections/")[2])
        if asked in self.records:
            return asked
        # HTTP clients normalise ".." in a path. Find the collection by the last part of its name.
        last = re.split(r"[/\\]", unquote(path))[-1]
        kinds = ("footnote-snapshot-", "footnote-files-")
        names = [name for name in self.records if name.startswith(kinds)]
        return next((name for name in names if last and name.endswith(last)), None)

    def answer(self, method: str, path: str, body: Any) -> Any:
        """Return the response to a request, or None for 404."""
        if path.endswith("/heartbeat"):
            return {"nanosecond heartbeat": 1}
        if path.endswith("/auth/identity"):
            return {"user_id": "", "tenant": "default_tenant", "databases": ["*"]}
        if path.endswith(("/tenants/default_tenant", "/databases/default_database")):
            return {"id": str(uuid4()), "name": path.rsplit("/", 1)[1], "tenant": "default_tenant"}
        if path.endswith("/collections"):
            return [self._describe(name) for name in self.records]
        if method == "POST" and path.endswith("/get"):
            held = self.records[next(name for name, own in self.ids.items() if own in path)]
            ids = [each for each in body["ids"] if each in held]
            return {"ids": ids, "metadatas": [held[each] for each in ids]}
        name = self.find(path)
        return None if name is None else self._describe(name)

    def _describe(self, name: str) -> Any:
        return {
            "id": self.ids[name],
            "name": name,
            "metadata": self.metadata[name],
            "configuration_json": {},
            "tenant": "default_tenant",
            "database": "default_database",
        }


def put_file(records: Records, name: str, data: bytes) -> None:
    """Add a file to the records of a collection."""
    pieces = [data[start : start + _RECORD] for start in range(0, len(data), _RECORD)] or [b""]
    for number, piece in enumerate(pieces):
        records[f"{name}:{number:06}"] = {"of": len(pieces), **_encode(piece)}


@contextmanager
def serve_fake_chroma() -> Iterator[FakeChroma]:
    fake = FakeChroma()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = urlsplit(self.path).path
            answer = fake.answer(self.command, path, json.loads(body) if body else None)
            missing = {"error": "NotFoundError", "message": "not found"}
            data = json.dumps(missing if answer is None else answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = respond

        def log_message(self, *arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
