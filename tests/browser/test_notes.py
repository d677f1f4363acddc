"""Found again: notes, exported files, the search over conversations, overviews of documents."""

from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asking import ask_and_wait
from tests.window import serve

MAYOR = "Who is the mayor of Kyiv?"
HELMETS = "How many helmets does Germany deliver?"


def read_pdf(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def save(page: Page, button: Any, folder: Path) -> Path:
    with page.expect_download() as download:
        button.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_answers_and_sentences_are_pinned_read_remarked_exported_and_deleted(
    window: Any, page: Page, tmp_path: Path
) -> None:
    page.goto(window.url)
    ask_and_wait(page, MAYOR)
    ask_and_wait(page, HELMETS)
    exchanges = page.locator(".fn-exchange")
    exchanges.nth(0).get_by_role("button", name="Pin this answer").click()
    exchanges.nth(1).get_by_role("button", name="Pin this sentence").last.click()
    page.get_by_role("tab", name="Notes").click()
    notes = page.locator(".fn-note")
    expect(notes.locator("h3")).to_have_text([HELMETS, MAYOR])
    exchanges.nth(0).get_by_role("button", name="Pin this answer").click()
    expect(page.get_by_text("already in Notes")).to_be_visible()
    expect(notes).to_have_count(2)
    remark = notes.nth(1).locator(".fn-remark")
    remark.fill("Ask <b>him</b>")
    remark.press("Tab")
    # A citation of a note opens its source, also in a new conversation.
    page.locator("#fn-clear").click()
    page.reload()
    page.get_by_role("tab", name="Notes").click()
    expect(notes.nth(1).locator(".fn-remark")).to_have_value("Ask <b>him</b>")
    notes.nth(1).locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_contain_text("Klitschko")
    page.get_by_role("tab", name="Notes").click()
    text = save(page, page.get_by_role("button", name="notes as Markdown"), tmp_path).read_text()
    assert f"## {HELMETS}" in text
    assert "> Ask \\<b\\>him\\</b\\>" in text
    assert "who\\-is\\-who.html" in text
    told = read_pdf(save(page, page.get_by_role("button", name="notes as PDF"), tmp_path))
    assert "Vitali Klitschko is the mayor of Kyiv.[2]" in told
    assert "[2] Who is who in the dispute over Ukraine" in " ".join(told.split())
    word = save(page, page.get_by_role("button", name="notes as Word"), tmp_path)
    lines = [paragraph.text for paragraph in docx.Document(str(word)).paragraphs]
    assert "Vitali Klitschko is the mayor of Kyiv.[2]" in lines
    assert "References" in lines
    forget = notes.nth(0).locator(".fn-unpin")
    forget.click()
    forget.click()
    expect(notes.locator("h3")).to_have_text([MAYOR])


def test_a_conversation_is_exported_as_word_and_pdf(
    window: Any, page: Page, tmp_path: Path
) -> None:
    page.goto(window.url)
    ask_and_wait(page, MAYOR)
    ask_and_wait(page, "Who won the football world cup in 2018?")
    conversation = page.locator("#fn-conversation")
    told = read_pdf(save(page, conversation.get_by_role("button", name="as PDF"), tmp_path))
    assert "football world cup" in told
    assert "The documents do not say." in told
    word = save(page, conversation.get_by_role("button", name="as Word"), tmp_path)
    assert any("[1] Who is who" in each.text for each in docx.Document(str(word)).paragraphs)


def test_another_visitor_sees_no_notes_and_finds_nothing(
    window: Any, page: Page, browser: Browser
) -> None:
    page.goto(window.url)
    ask_and_wait(page, MAYOR)
    page.get_by_role("button", name="Pin this answer").click()
    page.get_by_role("tab", name="Notes").click()
    expect(page.locator(".fn-note")).to_have_count(1)
    context = browser.new_context()
    other = context.new_page()
    other.goto(window.url)
    other.get_by_role("tab", name="Notes").click()
    expect(other.locator("#fn-notes")).to_contain_text("Pin an answer or a sentence")
    other.get_by_role("tab", name="Chats").click()
    other.locator(".fn-find-chats").fill("Klitschko")
    expect(other.locator("#fn-found")).to_contain_text("Nothing was found")
    context.close()


def test_an_earlier_answer_is_found_by_its_words(window: Any, page: Page) -> None:
    page.goto(window.url)
    for question in (MAYOR, HELMETS, "Who is Christine Lambrecht?"):
        ask_and_wait(page, question)
    page.locator("#fn-clear").click()
    expect(page.locator(".fn-exchange")).to_have_count(0)  # a question before that is cancelled
    ask_and_wait(page, "What is Bild?")
    page.get_by_role("tab", name="Chats").click()
    search = page.get_by_label("Search in your conversations")
    search.fill("KLITSCHKO mayor")
    hits = page.locator(".fn-hit")
    expect(hits.first.locator("b")).to_have_text(MAYOR)  # its question has one of the words
    expect(hits.first.locator("mark").first).to_have_text("Klitschko")
    expect(page.locator(".fn-chat").first).to_be_hidden()
    hits.first.click()
    expect(page.locator(".fn-exchange")).to_have_count(3)
    expect(page.locator(".fn-linked .fn-question")).to_have_text(MAYOR)
    expect(page.locator(".fn-linked")).to_be_in_viewport()
    search.fill("zeppelin")
    expect(page.locator("#fn-found")).to_contain_text("Nothing was found")
    search.fill("")
    expect(page.locator(".fn-chat").first).to_be_visible()


def test_without_stored_conversations_there_is_nothing_to_pin(home: Path, page: Page) -> None:
    (home / "rag.toml").write_text("conversations = false\n")
    with serve(home) as window:
        page.goto(window.url)
        ask_and_wait(page, MAYOR)
        expect(page.locator(".fn-pin")).to_have_count(0)
        page.get_by_role("tab", name="Notes").click()
        expect(page.locator("#fn-notes")).to_contain_text("Notes are not kept here")
    assert not (home / ".rag" / "notes").exists()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_document_opens_with_its_overview(window: Any, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(window.url)
    if width == 390:
        page.get_by_role("button", name="Documents", exact=True).click()
    page.get_by_role("button", name="Briefing: the letters").first.click()
    overview = page.locator("#fn-source .fn-overview")
    expect(overview).to_contain_text("26 January 2022")
    overview.get_by_role("button", name="What the replies say", exact=True).click()
    expect(page.locator("mark.fn-cited")).to_have_text("What the replies say")
    expect(overview).not_to_have_attribute("open", "")  # folded: the cited place is what counts
    overview.locator("summary").click()
    question = overview.locator(".fn-asks").first
    asked = question.inner_text()
    question.click()
    expect(page.locator(".fn-exchange .fn-question")).to_have_text(asked)
    expect(page.locator(".fn-exchange .fn-cite").first).to_be_visible()
    if width == 390:  # the reader is a sheet over the conversation there
        expect(page.locator("#fn-source .fn-text")).to_have_count(0)
