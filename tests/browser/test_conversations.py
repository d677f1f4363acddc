"""Stored conversations: they are found again, shared by link, and private to their visitor."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, expect

from tests.asking import BOX, ask_and_wait
from tests.chat_server import ChatServer
from tests.window import Window, serve

MAYOR = "Who is the mayor of Kyiv?"
HELMETS = "How many helmets does Germany deliver?"


def has_key(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"\?chat=[\w-]{22}$"))


def test_a_reload_and_a_second_tab_keep_the_conversation(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    has_key(page)
    page.reload()
    expect(page.locator(".fn-exchange")).to_have_count(1)
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_contain_text("Klitschko")
    ask_and_wait(page, "What did he say about the helmets?")
    expect(page.locator(".fn-exchange").nth(1)).to_contain_text("helmets")
    # Another tab has another conversation or continues this one. No question is lost.
    other = page.context.new_page()
    other.goto(shared_window.url)
    expect(other.locator(".fn-suggestion").first).to_be_visible()
    expect(other.locator(".fn-exchange")).to_have_count(0)
    ask_and_wait(other, HELMETS)
    page.reload()
    expect(page.locator(".fn-exchange")).to_have_count(2)
    other.goto(page.url)
    expect(other.locator(".fn-exchange")).to_have_count(2)
    ask_and_wait(other, HELMETS)
    ask_and_wait(page, "Who is Christine Lambrecht?")
    page.reload()
    expect(page.locator(".fn-question")).to_have_text(
        [MAYOR, "What did he say about the helmets?", HELMETS, "Who is Christine Lambrecht?"]
    )
    other.close()


HOLD_REPLIES = """
const { fetch } = window;
window.fetch = async (...args) => {
    const response = await fetch(...args);
    if (window.holds && String(args[0]).includes("queue/join"))
        await new Promise(done => { window.release = done; });
    return response;
};
"""


def test_a_question_typed_before_the_new_chat_is_there_stays_in_the_box(
    shared_window: Any, page: Page
) -> None:
    page.add_init_script(HOLD_REPLIES)
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    page.evaluate("window.holds = true")
    page.locator("#fn-clear").click()
    page.fill(BOX, HELMETS)
    page.wait_for_function("() => window.release !== undefined")
    page.evaluate("window.holds = false; window.release()")
    expect(page.locator(".fn-exchange")).to_have_count(0)
    expect(page.locator(BOX)).to_have_value(HELMETS)
    page.press(BOX, "Enter")
    expect(page.locator(".fn-export")).to_be_visible()  # the answer is complete and stored
    expect(page.locator(".fn-question")).to_have_text([HELMETS])


def test_conversations_are_listed_renamed_and_deleted(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    page.locator("#fn-clear").click()
    expect(page.locator(".fn-exchange")).to_have_count(0)
    ask_and_wait(page, HELMETS)
    page.get_by_role("tab", name="Chats").click()
    titles = page.locator(".fn-chat b")
    expect(titles).to_have_text([HELMETS, MAYOR])
    expect(page.locator(".fn-chat[aria-current=true] b")).to_have_text(HELMETS)
    page.get_by_role("button", name=f"Rename {MAYOR}").click()
    box = page.locator(".fn-title-box:visible")
    box.fill("The <b>mayor</b>")
    box.press("Enter")
    expect(titles).to_have_text([HELMETS, "The <b>mayor</b>"])
    page.locator(".fn-chat").nth(1).click()
    expect(page.locator(".fn-question")).to_have_text([MAYOR])
    expect(page.locator(".fn-chat[aria-current=true] b")).to_have_text("The <b>mayor</b>")
    forget = page.locator(".fn-forget").nth(1)
    forget.click()
    expect(forget).to_have_text("Delete permanently?")
    expect(titles).to_have_count(2)
    forget.click()
    expect(titles).to_have_text([HELMETS])
    expect(page.locator(".fn-exchange")).to_have_count(0)  # the deleted conversation was open
    assert len(list((shared_window.folder / ".rag" / "conversations").glob("*/*.json"))) == 1


def test_an_edit_changes_nothing_until_it_is_sent_and_keeps_the_old_version(
    shared_window: Any, page: Page
) -> None:
    page.goto(shared_window.url)
    three = [MAYOR, HELMETS, "What is Bild?"]
    for question in three:
        ask_and_wait(page, question)
    questions, shown = page.locator(".fn-question"), page.locator(".fn-editing")
    (file,) = (shared_window.folder / ".rag" / "conversations").glob("*/*.json")
    before = file.read_text()
    page.get_by_role("tab", name="Chats").click()
    page.locator(".fn-edit").first.click()
    expect(page.locator(BOX)).to_have_value(MAYOR)
    expect(shown).to_be_in_viewport()
    expect(questions).to_have_text(three)
    expect(page.locator(".fn-chat")).to_have_count(1)
    page.press(BOX, "Escape")
    expect(shown).to_have_count(0)
    expect(page.locator(BOX)).to_have_value("")
    page.locator(".fn-edit").first.click()
    expect(shown).to_be_visible()
    page.reload()
    expect(questions).to_have_text(three)
    expect(shown).to_have_count(0)
    assert file.read_text() == before
    # The edited question replaces the old one. The old conversation becomes an earlier version.
    page.locator(".fn-edit").nth(1).click()
    expect(page.locator(BOX)).to_have_value(HELMETS)
    page.fill(BOX, "What did he say about the helmets?")
    page.press(BOX, "Enter")
    expect(questions).to_have_text([MAYOR, "What did he say about the helmets?"])
    expect(page.locator(".fn-exchange").nth(1)).to_contain_text("an absolute joke")
    page.get_by_role("tab", name="Chats").click()
    titles = page.locator(".fn-chat b")
    expect(titles).to_have_text([MAYOR, f"{MAYOR} (earlier version)"])
    page.locator(".fn-chat").nth(1).click()
    expect(questions).to_have_text(three)
    page.locator(".fn-edit").first.click()  # the title says "earlier version" only once
    expect(shown).to_be_visible()
    page.fill(BOX, "Who is Christine Lambrecht?")
    page.press(BOX, "Enter")
    expect(questions).to_have_text(["Who is Christine Lambrecht?"])
    expect(titles).to_have_text(
        ["Who is Christine Lambrecht?", MAYOR, f"{MAYOR} (earlier version)"]
    )
    page.reload()
    expect(questions).to_have_text(["Who is Christine Lambrecht?"])


def test_back_opens_the_previous_conversation_without_highlights(
    shared_window: Any, page: Page
) -> None:
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    page.locator("#fn-clear").click()
    expect(page.locator(".fn-exchange")).to_have_count(0)
    ask_and_wait(page, HELMETS)
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_be_visible()
    page.go_back()
    expect(page.locator(".fn-exchange")).to_have_count(0)
    expect(page.locator("mark.fn-cited")).to_have_count(0)
    page.go_back()
    expect(page.locator(".fn-question")).to_have_text([MAYOR])
    page.go_forward()
    page.go_forward()
    expect(page.locator(".fn-question")).to_have_text([HELMETS])
    has_key(page)


# Delays requests so that, without waiting, each request would overtake the one before it.
OVERTAKING = """
(() => {
  const send = window.fetch;
  let delay = 900;
  window.fetch = async (resource, options) => {
    const address = String(resource?.url ?? resource);
    if (address.includes('/queue/join') && window.overtaking && delay > 0) {
      delay -= 300;
      await new Promise((done) => setTimeout(done, delay + 300));
    }
    return send(resource, options);
  };
})()
"""


def test_fast_back_and_forward_steps_end_at_the_last_one(shared_window: Any, page: Page) -> None:
    page.add_init_script(OVERTAKING)
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    page.locator("#fn-clear").click()
    expect(page.locator(".fn-exchange")).to_have_count(0)
    ask_and_wait(page, HELMETS)
    address = page.url
    page.evaluate("window.overtaking = true")
    page.evaluate("history.go(-1)")
    page.wait_for_url(shared_window.url + "/")
    page.evaluate("history.go(1)")
    page.wait_for_url(address)
    expect(page.locator(".fn-log[data-step='2']")).to_have_count(1)
    expect(page.locator(".fn-question")).to_have_text([HELMETS])
    assert page.url == address
    page.go_back()
    expect(page.locator(".fn-exchange")).to_have_count(0)


def test_back_to_a_deleted_conversation_leaves_the_window_usable(
    shared_window: Any, page: Page
) -> None:
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    page.locator("#fn-clear").click()
    expect(page.locator(".fn-exchange")).to_have_count(0)
    for file in (shared_window.folder / ".rag" / "conversations").glob("*/*.json"):
        file.unlink()
    page.go_back()
    expect(page).to_have_url(shared_window.url + "/")  # the named conversation is gone
    ask_and_wait(page, HELMETS)
    has_key(page)


def test_back_closes_the_sheet_on_a_phone(shared_window: Any, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_be_in_viewport()
    page.go_back()
    expect(page.locator(".fn-text")).to_have_count(0)
    expect(page.locator(".fn-question")).to_have_text([MAYOR])


def test_a_link_shows_others_only_one_answer(
    shared_window: Any, page: Page, browser: Browser
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    ask_and_wait(page, HELMETS)
    page.get_by_role("button", name="Copy link").nth(1).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto(link)  # own conversation: shown whole, scrolled to the answer
    expect(page.locator(".fn-exchange")).to_have_count(2)
    expect(page.locator(".fn-linked .fn-question")).to_have_text(HELMETS)
    context = browser.new_context()
    colleague = context.new_page()
    colleague.goto(link)
    expect(colleague.locator(".fn-question")).to_have_text([HELMETS])
    colleague.locator(".fn-cite").first.click()
    expect(colleague.locator("mark.fn-cited")).to_contain_text("5,000 military helmets")
    colleague.goto(page.url.partition("&answer=")[0])  # without the answer's key: nothing
    expect(colleague.locator(".fn-suggestion").first).to_be_visible()
    expect(colleague.locator(".fn-exchange")).to_have_count(0)
    colleague.get_by_role("tab", name="Chats").click()
    expect(colleague.locator(".fn-chat b")).to_have_text([HELMETS])
    context.close()


def test_a_killed_server_loses_no_answers_and_no_question(
    home: Path, chat_server: ChatServer, page: Page
) -> None:
    (home / "rag.toml").write_text(
        f'chat_model = "openai:test-model"\nchat_base_url = "{chat_server.openai_url}"\n'
    )
    chat_server.script.tokens = ["Vitali Klitschko is the mayor of Kyiv [1]."]
    window = Window(home)
    window.start()
    try:
        page.goto(window.url)
        ask_and_wait(page, MAYOR)
        chat_server.script.tokens = ["Germany ", "delivers "]
        chat_server.script.hangs = "</sentences>"  # not where the question is completed
        page.fill(BOX, HELMETS)
        page.press(BOX, "Enter")
        expect(page.locator(".fn-partial")).to_contain_text("Germany delivers")
        window.kill()
        chat_server.script.hangs = False
        chat_server.script.tokens = ["Germany delivers 5,000 helmets to Ukraine [1]."]
        window.start()
        try:
            page.reload()
        except Error as error:  # the page reloads itself when the server is back
            assert "ERR_ABORTED" in str(error)
        expect(page.locator(".fn-question")).to_have_text([MAYOR, HELMETS])
        expect(page.locator(".fn-notice")).to_contain_text("Not answered")
        page.get_by_role("button", name="Edit this question").nth(1).click()
        expect(page.locator(BOX)).to_have_value(HELMETS)
        page.press(BOX, "Enter")
        expect(page.locator(".fn-actions")).to_have_count(2)
    finally:
        window.kill()


def test_reading_and_a_streamed_answer_do_not_disturb_each_other(
    talking_window: Any, chat_server: ChatServer, page: Page
) -> None:
    chat_server.script.tokens = ["Vitali ", "Klitschko ", "is the ", "mayor of Kyiv [1]."]
    chat_server.script.pause = 1.0
    (talking_window.folder / "seeds" / "mill.txt").write_text("The mill at Tarn grinds corn.")
    page.goto(talking_window.url)
    page.fill(BOX, MAYOR)
    page.press(BOX, "Enter")
    expect(page.locator(".fn-partial")).to_contain_text("Vitali")
    page.get_by_role("button", name="Read now").click()
    expect(page.locator(".fn-told")).to_contain_text("1 of 1 read")
    expect(page.locator(".fn-actions")).to_have_count(1)
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_contain_text("Klitschko")


def test_without_a_disk_the_browser_keeps_the_last_conversation(home: Path, page: Page) -> None:
    (home / "rag.toml").write_text("conversations = false\n")
    with serve(home) as window:
        page.goto(window.url)
        ask_and_wait(page, MAYOR)
        assert page.context.cookies() == []
        expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
        page.wait_for_function("(localStorage.getItem('footnote') || '').length > 200")
        page.reload()
        expect(page.locator(".fn-question")).to_have_text([MAYOR])
        # An edit adds a question, because the replaced exchanges could not be found again.
        page.locator(".fn-edit").click()
        expect(page.locator(".fn-editing")).to_contain_text("asked again below")
        ask_and_wait(page, HELMETS)
        expect(page.locator(".fn-question")).to_have_text([MAYOR, HELMETS])
        page.get_by_role("tab", name="Chats").click()
        expect(page.locator("#fn-chats")).to_contain_text("only in this browser")
        page.locator("#fn-clear").click()
        page.wait_for_function("(localStorage.getItem('footnote') || '').length < 200")
        page.reload()
        expect(page.locator(".fn-suggestion").first).to_be_visible()
        expect(page.locator(".fn-exchange")).to_have_count(0)
    assert not (home / ".rag" / "conversations").exists()


def test_the_browser_stores_only_questions_and_answers(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    ask_and_wait(page, MAYOR)
    (file,) = (shared_window.folder / ".rag" / "conversations").glob("*/*.json")
    kept = json.loads(file.read_text())
    assert [each["question"] for each in kept["exchanges"]] == [MAYOR]
    cookie = page.context.cookies()[0]
    assert cookie["httpOnly"]
    assert cookie["value"] not in file.as_posix()
    assert cookie["value"] not in file.read_text()
