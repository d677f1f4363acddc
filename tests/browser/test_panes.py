"""Three panes: they are resized, folded, remembered, and sheets on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asking import BOX, ask

HELMETS = "How many helmets does Germany deliver?"
PANES = {"sources": 1, "reader": -1}  # the direction in which the pane grows


def measure(page: Page, name: str) -> int:
    box = page.locator(f"#fn-{name}-pane").bounding_box()
    return round(box["width"]) if box else 0


def open_window(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("#fn-documents .fn-document")).to_have_count(5)
    expect(page.locator("#fn-fold-reader")).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("name", PANES)
def test_a_pane_is_dragged_and_its_size_is_remembered(
    shared_window: Any, page: Page, name: str
) -> None:
    open_window(page, shared_window.url)
    before, split = measure(page, name), page.locator(f"#fn-split-{name} .fn-split")
    box = split.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 300
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + PANES[name] * 70, y, steps=4)
    page.mouse.up()
    assert measure(page, name) == before + 70
    page.reload()
    expect(split).to_have_attribute("aria-valuenow", str(before + 70))
    assert measure(page, name) == before + 70
    split.dblclick()
    assert measure(page, name) == before


@pytest.mark.parametrize("name", PANES)
def test_a_pane_is_resized_and_folded_with_the_keyboard(
    shared_window: Any, page: Page, name: str
) -> None:
    open_window(page, shared_window.url)
    button, split = (
        page.locator(f"#fn-fold-{name}"),
        page.get_by_role("separator").nth(list(PANES).index(name)),
    )
    before = measure(page, name)
    split.focus()
    page.keyboard.press("ArrowRight" if PANES[name] > 0 else "ArrowLeft")
    expect(split).to_have_attribute("aria-valuenow", str(before + 24))
    page.keyboard.press("Home")
    assert measure(page, name) == int(split.get_attribute("aria-valuemin") or 0)
    page.keyboard.press("End")
    assert measure(page, name) == int(split.get_attribute("aria-valuemax") or 0)
    main = page.locator(".fn-main").bounding_box()
    assert main is not None
    assert main["width"] >= 320  # the conversation keeps its room
    page.keyboard.press("Enter")
    expect(page.locator(f"#fn-{name}-pane")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.reload()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator(f"#fn-{name}-pane")).to_be_hidden()
    button.click()
    expect(page.locator(f"#fn-{name}-pane")).to_be_visible()


def test_a_folded_pane_opens_when_it_is_needed(window: Any, page: Page) -> None:
    open_window(page, window.url)
    for name in PANES:
        page.locator(f"#fn-fold-{name}").click()
        expect(page.locator(f"#fn-{name}-pane")).to_be_hidden()
    ask(page, HELMETS)
    page.locator(".fn-cite").first.click()
    expect(page.locator("#fn-reader-pane mark.fn-cited")).to_be_in_viewport()
    files = [{"name": "mill.txt", "mimeType": "text/plain", "buffer": b"The mill grinds corn."}]
    page.locator("#fn-add input[type=file]").first.set_input_files(files)  # type: ignore[arg-type]
    expect(page.locator("#fn-sources-pane .fn-told")).to_contain_text("1 of 1 read")
    expect(page.locator("#fn-sources-pane")).to_be_visible()


def test_sizes_that_are_no_sizes_are_ignored(shared_window: Any, page: Page) -> None:
    page.add_init_script(
        'localStorage.setItem(\'footnote-panes\', \'{"sources": {"size": "wide"}, "reader": 3}\')'
    )
    open_window(page, shared_window.url)
    assert 200 < measure(page, "sources") < 400
    assert 300 < measure(page, "reader") < 600


@pytest.fixture
def phone(browser: Browser) -> Any:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


CLOSERS: dict[str, Callable[[Page], object]] = {
    "button": lambda page: page.locator("#fn-fold-sources").click(),
    "escape": lambda page: page.keyboard.press("Escape"),
    "back": lambda page: page.go_back(),
}


def test_the_documents_are_a_sheet_on_a_phone(shared_window: Any, phone: Page) -> None:
    phone.goto(shared_window.url)
    sheet, button = phone.locator("#fn-sources-pane"), phone.locator("#fn-fold-sources")
    expect(button).to_have_attribute("aria-expanded", "false")
    for close in CLOSERS.values():
        expect(sheet).to_be_hidden()
        button.click()
        expect(phone.locator("#fn-documents .fn-document").first).to_be_in_viewport()
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(phone.locator(".fn-main")).to_have_attribute("inert", "")
        close(phone)
    expect(sheet).to_be_hidden()
    # A document opens as a sheet of its own, and "back" leads to the conversation.
    button.click()
    phone.locator("#fn-documents .fn-document", has_text="timeline").click()
    expect(phone.locator("#fn-reader-pane .fn-title")).to_be_in_viewport()
    expect(sheet).to_be_hidden()
    phone.go_back()
    expect(phone.locator("#fn-reader-pane")).to_be_hidden()
    expect(phone.locator(BOX)).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
