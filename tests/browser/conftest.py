"""Fixtures: a real window in a separate process, and a real Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from index import Report
from tests.chat_server import ChatServer, Script, serve_chat_models
from tests.window import Window, serve

SEEDS = Path(__file__).parents[2] / "seeds"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=60_000)  # the page appears before the model is loaded


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM or os.environ.get("FOOTNOTE_REQUIRE_BROWSER"):
        return
    for item in items:
        if "browser" in str(item.path):
            item.add_marker(pytest.mark.skip(reason="no Chromium: install the package chromium"))


@pytest.fixture(scope="module")  # its event loop would disturb other modules
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "there is no Chromium: install the package chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def window(home: Path) -> Iterator[Window]:
    with serve(home) as made:
        yield made


@pytest.fixture
def talking_window(home: Path, chat_server: ChatServer) -> Iterator[Window]:
    """A window whose chat model is a test server."""
    use_chat_server(home, chat_server)
    with serve(home) as made:
        yield made


def use_chat_server(folder: Path, server: ChatServer) -> None:
    """Write settings that name the test server as the chat model."""
    (folder / "rag.toml").write_text(
        f'chat_model = "openai:test-model"\nchat_base_url = "{server.openai_url}"\n'
    )


# To start a window takes 7 seconds of CPU time. Tests that change no document share one: each page
# has its own cookies, so each test is another visitor.


@pytest.fixture(scope="session")
def _shared(
    tmp_path_factory: pytest.TempPathFactory, update: Callable[..., Report]
) -> Iterator[Window]:
    with serve(_make_home(tmp_path_factory, update)) as made:
        yield made


@pytest.fixture(scope="session")
def _shared_talking(
    tmp_path_factory: pytest.TempPathFactory, update: Callable[..., Report]
) -> Iterator[tuple[Window, ChatServer]]:
    folder = _make_home(tmp_path_factory, update)
    with serve_chat_models() as server:
        use_chat_server(folder, server)
        with serve(folder) as made:
            yield made, server


def _make_home(factory: pytest.TempPathFactory, update: Callable[..., Report]) -> Path:
    folder = factory.mktemp("shared")
    shutil.copytree(SEEDS, folder / "seeds")
    with chdir(folder):
        update(Path(".rag"), Path("seeds"))
    return folder


@pytest.fixture
def shared_window(_shared: Window) -> Iterator[Window]:
    """A window for tests that change no document. Other visitors' conversations are deleted."""
    before = _forget_visitors(_shared.folder)
    yield _shared
    assert _read_documents(_shared.folder) == before, "a test that changes documents needs `window`"


@pytest.fixture
def shared_talk(
    _shared_talking: tuple[Window, ChatServer],
) -> Iterator[tuple[Window, ChatServer]]:
    """A shared window whose chat model is a test server, and that server with an empty script."""
    window, server = _shared_talking
    vars(server.script).update(vars(Script()))
    before = _forget_visitors(window.folder)
    yield window, server
    assert _read_documents(window.folder) == before, "a test that changes documents needs `window`"


def _forget_visitors(folder: Path) -> tuple[str, list[str]]:
    for file in (folder / ".rag" / "conversations").glob("*/*.json"):
        file.unlink()
    return _read_documents(folder)


def _read_documents(folder: Path) -> tuple[str, list[str]]:
    """Return the current snapshot, and the names of the documents."""
    names = sorted(file.name for file in (folder / "seeds").iterdir())
    return (folder / ".rag" / "CURRENT").read_text("utf-8"), names


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()
