"""A real Chroma server in a separate process, and helpers to store indexes on it."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index import Server, attach, copy_index
from index.files.attachment import read_attachment
from index.operations import copy, update
from index.remote.opening import open_remote
from index.types import OnWait
from tests.window import free_port

ON_SERVER = os.environ.get("FOOTNOTE_TEST_STORES") == "server"
"""Whether this run of the tests keeps the indexes that it makes on a Chroma server."""

THOROUGH = not ON_SERVER or bool(os.environ.get("FOOTNOTE_TEST_THOROUGH"))
"""Whether faults are tried at every point; on a server, where each takes longer, only if asked."""


class ChromaServer:
    """`chroma run` with a folder. It can be killed, and restarted with the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1"]
        with (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--path", str(self.folder / "data"), "--port", str(self.port)],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"no Chroma server: {(self.folder / 'log.txt').read_text()}")

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self.signal(signal.SIGKILL)
            self._process.wait()
        self._process = None


def database_of(store: Path) -> str:
    """Return the database name for a store of a test."""
    return f"test-{hashlib.sha256(str(store).encode()).hexdigest()[:16]}"


def keep_on_server(url: str) -> None:
    """From now on every new store of this process is the copy of a database on the server."""

    class AttachedWhenWritten:
        """The remote of a store that is not there yet; it is made a copy by its first writer."""

        def __init__(self, store: Path) -> None:
            self._remote = open_remote(store)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._remote, name)

        @contextmanager
        def hold_lease(self, on_wait: OnWait | None) -> Iterator[bool]:
            store = self._remote.store
            if not self._remote.is_copy and not (store / "CURRENT").exists():
                attach(store, Server(url, database=database_of(store)))
                self._remote = open_remote(store)
            with self._remote.hold_lease(on_wait) as waited:
                yield waited

    update.open_remote = copy.open_remote = AttachedWhenWritten  # type: ignore


def copy_store(source: Path, target: Path) -> None:
    """Copy a store; one that is kept on a server is given a database of its own."""
    found = read_attachment(source)
    if found is None:
        shutil.copytree(source, target)
        return
    attach(target, Server(found.url, database=database_of(target)))
    copy_index(source, target)
