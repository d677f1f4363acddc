"""A window in a separate process, started with `rag chat`."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Window:
    """A running window with a copy of the seeds."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "log.txt"
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        port = self.url.rsplit(":", 1)[1]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ui.cli", "chat", "--port", port, *self.options],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.pid, self._process = process.pid, process
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
            except OSError:
                time.sleep(0.2)
            else:
                return process
        process.kill()
        process.wait()
        raise AssertionError(f"the window did not come up: {self.log.read_text()}")

    def wait(self, seconds: float) -> int:
        """Wait until the window ends; return its exit status."""
        assert self._process is not None
        return self._process.wait(seconds)


@contextmanager
def serve(folder: Path, *options: str) -> Iterator[Window]:
    """Serve the folder's index until the block ends."""
    made = Window(folder, *options)
    process = made.start()
    try:
        yield made
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
