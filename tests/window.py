"""A window in a separate process, started as with `rag chat`."""

import multiprocessing
import os
import random
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from ui import cli

# Half of a window's start is importing its libraries. So windows are forked from a process that has
# imported them. `rag chat` as a program of its own is tested in tests/test_deploy.py.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.window", "ui.app", "ui.serve", "index.chroma.client"])


def free_port() -> int:
    """A free port that no outgoing connection is given before the server listens at it.

    The system gives outgoing connections a port of its own range, on Linux from 32768 on.
    """
    for port in random.sample(range(20000, 32768), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("100 ports were tried, and all are in use")


class Window:
    """A running window with a copy of the seeds."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "log.txt"
        self.pid = 0
        self._process: BaseProcess | None = None

    def start(self) -> None:
        command = ["rag", "chat", "--port", self.url.rsplit(":", 1)[1], *self.options]
        process = _PROCESSES.Process(
            target=_run, args=(self.folder, command, dict(os.environ), self.log)
        )
        process.start()
        self.pid, self._process = process.pid or 0, process
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and process.is_alive():
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        self.kill()
        raise AssertionError(f"the window did not come up: {self.log.read_text()}")

    def wait(self, seconds: float) -> int | None:
        """Wait until the window ends; return its exit status, or None if it still runs."""
        assert self._process is not None
        self._process.join(seconds)
        return self._process.exitcode

    def stop(self) -> None:
        """End the window, and wait until it has ended."""
        assert self._process is not None
        self._process.terminate()
        if self.wait(15) is None:
            self.kill()

    def kill(self) -> None:
        """End the window at once."""
        assert self._process is not None
        self._process.kill()
        self._process.join()


def _run(folder: Path, command: list[str], environment: Mapping[str, str], log: Path) -> None:
    """Run a command in a folder, and write what it prints to a file."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("wb") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    sys.argv = command
    cli.run()


@contextmanager
def serve(folder: Path, *options: str) -> Iterator[Window]:
    """Serve the folder's index until the block ends."""
    made = Window(folder, *options)
    made.start()
    try:
        yield made
    finally:
        made.stop()
