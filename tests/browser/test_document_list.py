"""The list of documents: thousands are listed, found, ticked, and reached with the keyboard."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from index import update_index
from tests.asking import BOX
from tests.window import Window, serve

COUNT = 5_000


@pytest.fixture(scope="module")
def library_of_many(
    make_once: Callable[[str, Callable[[Path], object]], Path], encoder: Any
) -> Iterator[Window]:
    """A window with thousands of documents, of one sentence each."""

    def write(home: Path) -> None:
        folder = home / "notes"
        folder.mkdir()
        for number in range(COUNT):
            text = f"Mill {number} was built by Ole {number}."
            (folder / f"note {number:04}.txt").write_text(text)
        (home / "rag.toml").write_text('documents = "notes"\n')
        update_index(home / ".rag", [folder], load=lambda name: encoder)

    with serve(make_once("many", write)) as made:
        yield made


@pytest.fixture
def listed(library_of_many: Window, page: Page) -> Page:
    page.goto(library_of_many.url)
    expect(page.locator(".fn-every")).to_have_text(f"{COUNT} of {COUNT} asked")
    return page


def rows(page: Page) -> Locator:
    return page.locator("#fn-documents .fn-documents > li")


def test_thousands_of_documents_scroll_with_few_rows_in_the_page(listed: Page) -> None:
    assert rows(listed).count() < 60
    expect(rows(listed).first).to_have_attribute("aria-setsize", str(COUNT))
    scroll = listed.locator(".fn-scroll")
    for place in (0.5, 0.99, 0.2):
        scroll.evaluate("(box, at) => { box.scrollTop = box.scrollHeight * at }", place)
        number = round(COUNT * place) + 2
        expect(listed.locator(f"li[aria-posinset='{number}']")).to_be_in_viewport()
        assert rows(listed).count() < 60
    scroll.evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(listed.locator(f"li[aria-posinset='{COUNT}']")).to_be_in_viewport()
    order = rows(listed).evaluate_all("all => all.map((row) => Number(row.dataset.at))")
    assert order == sorted(order)


def test_documents_are_found_and_only_those_found_are_ticked(listed: Page) -> None:
    tick = listed.locator(".fn-every .fn-tick")
    tick.uncheck()
    search = listed.get_by_label("Search in the list")
    search.fill("note 123")
    expect(rows(listed)).to_have_count(15)
    expect(listed.locator(".fn-every")).to_have_text("0 of 15 asked")
    tick.check()
    expect(listed.locator(".fn-every")).to_have_text("15 of 15 asked")
    search.fill("")
    expect(listed.locator(".fn-every")).to_have_text(f"15 of {COUNT} asked")
    expect(listed.locator(".fn-only")).to_contain_text("and 12 more")
    listed.fill(BOX, "Who built mill 1234?")
    listed.press(BOX, "Enter")
    expect(listed.locator(".fn-answer").first).to_contain_text("Ole 1234")
    listed.fill(BOX, "Who built mill 77?")
    listed.press(BOX, "Enter")
    expect(listed.locator(".fn-exchange").nth(1)).not_to_contain_text("Ole 77")
    tick.check()
    search.fill("note 0077")
    listed.locator("li .fn-tick").uncheck()  # all but one are more than can be named one by one
    expect(listed.locator(".fn-only")).to_contain_text("Without: note 0077.txt")
    listed.fill(BOX, "Who built mill 1234?")
    listed.press(BOX, "Enter")
    expect(listed.locator(".fn-exchange").nth(2)).to_contain_text("Ole 1234")


def test_the_list_is_one_stop_of_the_tab_key_and_arrows_move_in_it(listed: Page) -> None:
    listed.locator("li .fn-tick").first.focus()

    def press(key: str) -> dict[str, Any]:
        listed.keyboard.press(key)
        told: dict[str, Any] = json.loads(
            listed.evaluate(
                "JSON.stringify({ at: document.activeElement.closest('li')?.dataset.at,"
                " part: document.activeElement.dataset.part })"
            )
        )
        return told

    assert press("ArrowDown") == {"at": "1", "part": "tick"}
    assert press("Tab") == {"at": "1", "part": "open"}
    assert press("End") == {"at": str(COUNT - 1), "part": "open"}
    expect(listed.locator("li[aria-posinset='5000']")).to_be_in_viewport()
    assert press("ArrowUp") == {"at": str(COUNT - 2), "part": "open"}
    assert press("Home") == {"at": "0", "part": "open"}
    assert press("Tab") == {"at": "0", "part": "remove"}
    assert press("Tab").get("at") is None  # not the next of thousands of rows
    listed.keyboard.press("Shift+Tab")
    listed.keyboard.press("Shift+Tab")
    assert press("Enter") == {"at": "0", "part": "open"}
    expect(listed.locator(".fn-title")).to_contain_text("0000")


def test_what_changes_on_disk_is_told_when_the_window_is_used_again(
    window: Window, page: Page
) -> None:
    page.clock.install()
    page.goto(window.url)
    expect(page.locator("#fn-documents .fn-document")).to_have_count(5)
    (Path(window.folder) / "seeds" / "new.txt").write_text("The mill at Tarn was built in 1701.")
    page.clock.fast_forward(60_000)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".fn-waiting").first).to_contain_text("1 new")
