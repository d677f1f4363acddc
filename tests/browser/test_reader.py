"""The reader: a whole document, its outline, search, printed pages, marks, and a phone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fpdf import FPDF
from playwright.sync_api import Browser, Page, Route, expect

from index import Encoder, Limits, update_index
from tests.asking import ask
from tests.window import Window, serve

HOSTILE = "<img src=x id=owned onerror=alert(1)> ${1} {{2}}"
PAGES = 2_000
CHAPTERS = 400


def write_handbook(file: Path) -> None:
    """Write a document of 400 headings. Each chapter has a list, code and a table."""
    parts = ["# Handbook\n"]
    for number in range(1, CHAPTERS + 1):
        parts += [
            f"\n## Chapter {number}\n\nThe **pump** of house {number} has {number + 7} valves. "
            + "It is oiled each spring by the caretaker of the house. " * 8,
            f"\n- first point of {number}\n- second point\n\n```sh\noil --house {number}\n```\n",
            f"\n| part | weight |\n| --- | --- |\n| valve {number} | {number} kg |\n",
        ]
    parts.append(f"\n## The end\n\n{HOSTILE}\n")
    file.write_text("\n".join(parts))


def write_manual(file: Path) -> None:
    """Write a PDF of 2,000 pages."""
    pdf = FPDF()
    pdf.set_font("Times", size=12)
    for number in range(1, PAGES + 1):
        pdf.add_page()
        # No weight is the number of another crane: a question has one answer.
        pdf.text(20, 40, f"The crane number {number} lifts {number + 5_000} tons")
        pdf.text(20, 46, "and was built in May.")
    pdf.output(str(file))


@pytest.fixture(scope="module")
def reading(
    make_once: Callable[[str, Callable[[Path], object]], Path], encoder: Encoder
) -> Iterator[Window]:
    def write(home: Path) -> None:
        docs = home / "docs"
        docs.mkdir()
        write_handbook(docs / "handbook.md")
        write_manual(docs / "manual.pdf")
        update_index(home / ".rag", [docs], load=lambda name: encoder, limits=Limits(seconds=280))

    with serve(make_once("reading", write)) as window:
        yield window


def open_document(page: Page, window: Window, name: str) -> None:
    page.goto(window.url)
    if page.viewport_size and page.viewport_size["width"] < 800:
        page.get_by_role("button", name="Documents", exact=True).click()
    page.locator(".fn-document", has_text=name).click()
    expect(page.locator(".fn-item :is(p, h3, span)").first).to_be_visible()


def test_a_long_document_has_content_only_where_it_is_read(reading: Window, page: Page) -> None:
    open_document(page, reading, "handbook.md")
    text = page.locator(".fn-text")
    items, full = page.locator(".fn-item"), page.locator(".fn-item:not(:empty)")
    count = items.count()
    assert count > 20
    text.focus()
    page.keyboard.press("End")
    expect(items.last).to_contain_text("${1} {{2}}")  # Markdown's tags are left out
    assert page.locator("#owned").count() == 0
    expect(items.first).to_be_empty()
    assert full.count() < count / 2
    page.keyboard.press("Home")
    expect(items.first).to_contain_text("Chapter 1")
    expect(page.locator(".fn-item pre").first).to_have_text("oil --house 1")
    expect(page.locator(".fn-item th").first).to_have_text("part")
    expect(page.locator(".fn-item td").nth(1)).to_have_text("1 kg")
    expect(page.locator(".fn-item li").first).to_have_text("first point of 1")


def test_the_outline_leads_to_a_heading(reading: Window, page: Page) -> None:
    open_document(page, reading, "handbook.md")
    page.get_by_role("button", name="Outline").click()
    nav = page.get_by_role("navigation", name="Outline")
    expect(nav.locator("button")).to_have_count(CHAPTERS + 2)
    expect(nav.locator("button").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(nav.get_by_role("button", name="Chapter 1", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(nav).to_be_hidden()
    expect(page.get_by_role("button", name="Outline")).to_be_focused()
    page.keyboard.press("Enter")
    nav.get_by_role("button", name="Chapter 377").click()
    expect(page.get_by_role("heading", name="Chapter 377")).to_be_in_viewport()
    expect(page.locator(".fn-text")).to_be_focused()
    page.get_by_role("button", name="Outline").click()
    expect(nav.locator("[aria-current]")).to_have_text("Chapter 377")
    # The last heading cannot be scrolled to the top of the view.
    nav.get_by_role("button", name="The end").click()
    expect(page.get_by_role("heading", name="The end")).to_be_in_viewport()
    page.get_by_role("button", name="Outline").click()
    expect(nav.locator("[aria-current]")).to_have_text("The end")


def test_words_are_found_counted_and_stepped_through(reading: Window, page: Page) -> None:
    open_document(page, reading, "handbook.md")
    page.locator(".fn-text").focus()
    page.keyboard.press("Control+f")
    box, told = page.locator(".fn-find-box"), page.locator(".fn-found-count")
    expect(box).to_be_focused()
    page.keyboard.type("the PUMP of")  # bold, in the document
    expect(told).to_have_text(f"1 of {CHAPTERS}")
    here = page.locator("mark.fn-here")
    expect(here).to_have_text("The pump of")
    page.keyboard.press("Shift+Enter")
    expect(told).to_have_text(f"{CHAPTERS} of {CHAPTERS}")
    expect(here).to_be_in_viewport()
    expect(page.locator("p", has=here)).to_contain_text(f"house {CHAPTERS}")
    page.get_by_role("button", name="Next place").click()
    expect(told).to_have_text(f"1 of {CHAPTERS}")
    expect(page.locator("p", has=here)).to_contain_text("house 1 ")
    assert page.locator(".fn-rail i").count() > 50
    box.fill("zebra")
    expect(told).to_have_text("not found")
    expect(page.locator("mark.fn-found")).to_have_count(0)
    page.get_by_role("button", name="Next place").is_disabled()
    box.press("Escape")
    expect(told).to_have_text("")
    expect(box).to_have_value("")


def test_pages_are_printed_and_their_text_can_be_selected(reading: Window, page: Page) -> None:
    open_document(page, reading, "manual.pdf")
    expect(page.locator(".fn-go")).to_contain_text(f"of {PAGES}")
    number = page.get_by_role("textbox", name="Page")
    number.fill("1777")
    number.press("Enter")
    sheet = page.locator("[data-page='1777']")
    expect(sheet.get_by_role("img", name="Page 1777 as printed")).to_be_visible()
    expect(sheet.locator("span").first).to_be_in_viewport()
    assert page.locator(".fn-sheet").count() < 20
    first, last = (
        sheet.locator("span").first.bounding_box(),
        sheet.locator("span").last.bounding_box(),
    )
    assert first is not None and last is not None
    page.mouse.move(first["x"] + 1, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 1, last["y"] + last["height"] / 2, steps=5)
    page.mouse.up()
    selected = page.evaluate("getSelection().toString()")
    assert " ".join(selected.split()).startswith(
        "The crane number 1777 lifts 6777 tons and was bui"
    )
    page.get_by_role("button", name="As text").click()
    expect(page.locator(".fn-item p", has_text="crane number 1777")).to_be_in_viewport()
    expect(page.get_by_role("button", name="As text")).to_have_attribute("aria-pressed", "true")


def test_cited_places_are_marks_beside_the_scroll_bar(reading: Window, page: Page) -> None:
    page.goto(reading.url)
    ask(page, "How many tons does the crane number 1500 lift?")
    expect(page.locator(".fn-cite").first).to_be_visible()
    ask(page, "How many tons does the crane number 300 lift?")
    expect(page.locator(".fn-exchange").nth(1).locator(".fn-cite").first).to_be_visible()
    page.locator(".fn-exchange").nth(1).locator(".fn-cite").first.click()
    cited = page.locator("mark.fn-cited").first
    expect(cited).to_contain_text("crane number 300")
    expect(cited).to_be_in_viewport()
    places = page.get_by_role("group", name="Cited places").get_by_role("button")
    expect(places.last).to_be_visible()
    labels = [places.nth(n).get_attribute("aria-label") or "" for n in range(places.count())]
    at = next(n for n, label in enumerate(labels) if "page 1500" in label)
    places.nth(at).click()
    expect(page.locator("mark.fn-also", has_text="crane number 1500")).to_be_in_viewport()
    # The same citation opens again at its place.
    page.locator(".fn-exchange").nth(1).locator(".fn-cite").first.click()
    expect(cited).to_be_in_viewport()


@pytest.mark.parametrize(
    ("question", "cited"),
    [
        ("How many valves has the pump of house 377?", "house 377"),  # in the text of handbook.md
        ("How many tons does the crane number 1500 lift?", "number 1500"),  # on a page of a PDF
    ],
)
def test_a_cited_place_comes_with_the_reader(
    reading: Window, page: Page, question: str, cited: str
) -> None:
    page.goto(reading.url)
    page.route("**/reader/*", lambda route: route.abort())
    ask(page, question)
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited").first).to_contain_text(cited)
    expect(page.locator("mark.fn-cited").first).to_be_in_viewport()


def test_the_original_is_opened(reading: Window, page: Page) -> None:
    open_document(page, reading, "manual.pdf")
    link = page.get_by_role("link", name="Open the original")
    assert link.get_attribute("target") == "_blank"
    response = page.request.get(f"{reading.url}/{link.get_attribute('href')}")
    assert response.headers["content-type"] == "application/pdf"
    assert response.body() == (reading.folder / "docs" / "manual.pdf").read_bytes()


def test_a_page_is_loaded_once(reading: Window, page: Page) -> None:
    open_document(page, reading, "manual.pdf")
    held: list[Route] = []
    page.route(re.compile(r"/reader/sheet\?.*page=1999&"), lambda route: held.append(route))
    page.locator(".fn-find-box").fill("crane number 1999")
    # The last page comes because it is near: so the page before it was wanted for that reason too.
    expect(page.locator("[data-page='2000']")).to_be_attached()
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("mark.fn-here")).to_be_in_viewport()
    assert len(held) == 1


def test_a_phone_reads_searches_and_goes_back(reading: Window, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    open_document(page, reading, "manual.pdf")
    page.locator(".fn-find-box").fill("crane number 1999")
    here = page.locator("mark.fn-here")
    expect(here).to_be_in_viewport()
    expect(page.locator("[data-page='1999']")).to_be_visible()
    sheet = page.locator("[data-page='1999']").bounding_box()
    assert sheet is not None
    assert sheet["x"] >= 0 and sheet["x"] + sheet["width"] <= 390
    page.go_back()
    expect(page.locator(".fn-reader")).to_have_count(0)
    context.close()
