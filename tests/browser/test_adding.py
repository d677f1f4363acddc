"""Documents are added in the window: it opens empty, and reads files as they arrive."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.asking import BOX, ask
from tests.window import Window, serve


@pytest.fixture
def empty_window(tmp_path: Path) -> Iterator[Window]:
    """A window in a folder without documents and without an index."""
    with serve(tmp_path) as made:
        yield made


def file(name: str, text: str) -> Any:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def rows(page: Page, state: str) -> Any:
    return page.locator(f".fn-rows li[data-state={state}]")


def test_an_empty_window_is_begun_with_examples_which_leave_with_one_click(
    empty_window: Window, page: Page
) -> None:
    page.goto(empty_window.url)
    expect(page.locator(".fn-begin")).to_be_visible()
    expect(page.locator(".fn-welcome")).to_be_hidden()
    page.get_by_role("button", name="Try it with examples").click()
    expect(rows(page, "ready")).to_have_count(5)
    expect(page.locator(".fn-begin")).to_have_count(0)
    ask(page, "Who is the mayor of Kyiv?")
    expect(page.locator(".fn-answer p").first).to_contain_text("Klitschko")
    page.get_by_role("button", name="Remove the examples").click()
    expect(page.locator("#fn-documents .fn-document")).to_have_count(0)
    page.locator("#fn-clear").click()
    expect(page.locator(".fn-begin")).to_be_visible()
    assert not (empty_window.folder / ".rag" / "uploads" / "examples").exists()


def test_an_empty_window_says_that_there_are_no_documents(empty_window: Window, page: Page) -> None:
    (empty_window.folder / "documents").mkdir()
    page.goto(empty_window.url)
    expect(page.locator(".fn-begin")).to_be_visible()
    ask(page, "Who built the mill?")
    expect(page.locator(".fn-error")).to_contain_text("There are no documents yet")
    expect(page.locator(BOX)).to_have_value("Who built the mill?")


def test_an_empty_folder_is_no_error_and_files_of_a_folder_are_read(
    tmp_path: Path, page: Page
) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "rag.toml").write_text('documents = "papers"\n')
    with serve(tmp_path) as window:
        page.goto(window.url)
        expect(page.locator(".fn-begin")).to_be_visible()
    (tmp_path / "papers" / "mill.txt").write_text("The mill at Tarn was built by Ole Vik.")
    with serve(tmp_path) as window:  # the folder is read when the window starts
        page.goto(window.url)
        expect(page.locator("#fn-documents .fn-document")).to_have_count(1)
        ask(page, "Who built the mill at Tarn?")
        expect(page.locator(".fn-answer p").first).to_contain_text("Ole Vik")


def test_a_folder_and_pasted_text_are_added(
    empty_window: Window, tmp_path: Path, page: Page
) -> None:
    folder = tmp_path / "handbook"
    for name in ("leave", "travel"):
        (folder / name).mkdir(parents=True)
        (folder / name / "index.md").write_text(f"# {name}\n\nThe {name} team meets on Monday.")
    (folder / ".git").mkdir()
    (folder / ".git" / "notes.txt").write_text("Hidden.")
    page.goto(empty_window.url)
    page.locator("#fn-begin input[type=file]").nth(1).set_input_files(folder)
    expect(rows(page, "ready")).to_have_count(2)
    uploads = empty_window.folder / ".rag" / "uploads"
    assert sorted(f.relative_to(uploads).as_posix() for f in uploads.rglob("*.*")) == [
        "handbook/leave/index.md",
        "handbook/travel/index.md",
    ]
    page.locator("#fn-add .fn-open-paste").click()
    page.locator("#fn-add .fn-pasted").fill("Minutes of May\n\nThe ferry leaves at seven.")
    page.get_by_role("button", name="Add this text").click()
    expect(rows(page, "ready")).to_have_text([re.compile("Minutes of May.txt")])
    ask(page, "When does the ferry leave?")
    expect(page.locator(".fn-answer p").first).to_contain_text("seven")


def test_each_file_has_a_row_that_says_in_plain_words_why_it_failed(
    window: Window, browser: Browser
) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(window.url)
    page.locator("#fn-add input[type=file]").first.set_input_files(
        [file("bad.docx", "PK"), file("setup.exe", "MZ"), file("empty.txt", " ")]
    )
    expect(rows(page, "failed")).to_have_count(3)
    told = page.locator(".fn-rows")
    expect(told).to_contain_text("Die Datei ist beschädigt")
    expect(told).to_contain_text("Dateien dieser Art (.exe) können nicht gelesen werden")
    expect(told).to_contain_text("Die Datei ist leer.")
    expect(page.locator(".fn-told")).to_contain_text("0 von 3 gelesen · nicht lesbar: 3")
    page.get_by_role("button", name="Diese Liste schließen").click()
    expect(page.locator(".fn-arrivals")).to_have_count(0)
    context.close()


def test_files_that_arrive_while_the_list_is_being_sent_are_shown(
    window: Window, page: Page
) -> None:
    """An upload that ends while the page still waits for the list of the upload before."""
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first_list(route: Route) -> None:
        sent = route.request.post_data_json
        if sent["trigger_id"] and not sent["event_data"] and not held:
            held.append((route, route.fetch()))  # the server has answered, the page does not know
        else:
            route.continue_()

    page.goto(window.url)
    page.route("**/queue/join*", hold_the_first_list)
    chooser = page.locator("#fn-add input[type=file]").first
    chooser.set_input_files(file("setup.exe", "MZ"))
    uploads = window.folder / ".rag" / "uploads"
    while not held:
        page.wait_for_timeout(50)
    chooser.set_input_files(file("mill.txt", "The mill at Tarn was built by Ole Vik."))
    while not (uploads / "mill.txt").exists():
        page.wait_for_timeout(50)
    page.wait_for_timeout(1000)  # time in which the page would give up the second list
    route, response = held[0]
    route.fulfill(response=response)
    expect(rows(page, "ready")).to_have_text([re.compile("mill.txt")])


def test_hundreds_of_files_are_listed_in_a_box_and_asked_meanwhile(
    window: Window, page: Page
) -> None:
    files = [file(f"mill {n:03}.txt", f"Miller number {n} grinds corn.") for n in range(120)]
    page.goto(window.url)
    page.locator("#fn-add input[type=file]").first.set_input_files(files)
    told = page.locator(".fn-told")
    expect(told).to_contain_text(re.compile(r"\d+ of \d+ read"))
    expect(page.locator(".fn-reading")).to_be_visible()  # beside the question, too
    ask(page, "Who is the mayor of Kyiv?")
    expect(page.locator(".fn-answer p").first).to_contain_text("Klitschko")
    expect(told).to_contain_text("120 of 120 read")
    expect(page.locator(".fn-rows li")).to_have_count(120)
    height = page.evaluate("document.querySelector('.fn-arrivals').clientHeight")
    assert height < 350
    box = page.locator(".fn-rows")
    assert box.evaluate("box => box.scrollHeight > box.clientHeight")
    ask(page, "What does miller number 42 grind?")
    expect(page.locator(".fn-exchange").nth(1)).to_contain_text("corn")


def test_a_removed_file_that_is_added_again_is_read(window: Window, page: Page) -> None:
    page.goto(window.url)
    mill = file("mill.txt", "The mill at Tarn was built by Ole Vik.")
    page.locator("#fn-add input[type=file]").first.set_input_files([mill])
    expect(page.locator("#fn-documents .fn-document")).to_have_count(6)
    page.get_by_role("button", name="Remove mill from the documents").click()
    expect(page.locator("#fn-documents .fn-document")).to_have_count(5)
    page.locator("#fn-add input[type=file]").first.set_input_files([mill])
    expect(page.locator("#fn-documents .fn-document")).to_have_count(6)
    expect(rows(page, "ready")).to_have_count(1)


def test_the_word_rebuild_is_gone(window: Window, page: Page) -> None:
    (window.folder / "seeds" / "mill.txt").write_text("The mill at Tarn was built by Ole Vik.")
    page.goto(window.url)
    expect(page.locator("#fn-documents")).to_contain_text("In your folders: 1 new.")
    assert "rebuild" not in page.inner_text("body").lower()
    page.get_by_role("button", name="Read now").click()
    expect(rows(page, "ready")).to_have_count(1)
    page.get_by_role("button", name="Read again").click()
    expect(page.locator(".fn-told")).to_contain_text("No changes")
