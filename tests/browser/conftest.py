"""Fixtures: a real window in a separate process, and a real Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.chat_server import ChatServer
from tests.window import Window, serve

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
