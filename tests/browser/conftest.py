"""A real window, served from a process of its own, and a real Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from index import Report
from tests.chat_server import ChatServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=60_000)  # the model loads while the page is already there


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM or os.environ.get("FOOTNOTE_REQUIRE_BROWSER"):
        return
    for item in items:
        if "browser" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="no Chromium: install the package chromium"))


@pytest.fixture(scope="module")  # while it lives, its event loop is in the way of others
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "there is no Chromium: install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Window:
    """A window over a copy of the seeds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "log.txt"

    def start(self) -> subprocess.Popen[bytes]:
        port = self.url.rsplit(":", 1)[1]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ui.cli", "chat", "--port", port],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
            except OSError:
                time.sleep(0.2)
            else:
                return process
        process.kill()
        raise AssertionError(f"the window did not come up: {self.log.read_text()}")


@pytest.fixture
def home(
    tmp_path: Path,
    seeds_store: Path,
    update: Callable[..., Report],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder with the seeds and their index, as `rag chat` expects it."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copytree(Path(__file__).parents[2] / "seeds", folder / "seeds")
    monkeypatch.chdir(folder)
    update(Path(".rag"), Path("seeds"))
    return folder


@contextmanager
def serve(folder: Path) -> Iterator[Window]:
    made = Window(folder)
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


@pytest.fixture
def window(home: Path) -> Iterator[Window]:
    with serve(home) as made:
        yield made


@pytest.fixture
def talking_window(home: Path, chat_server: ChatServer) -> Iterator[Window]:
    """A window whose chat model is a server of the test."""
    (home / "rag.toml").write_text(
        f'chat_model = "openai:test-model"\nchat_base_url = "{chat_server.openai_url}"\n'
    )
    with serve(home) as made:
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()
