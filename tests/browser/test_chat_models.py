"""The window with a chat model. The model is a test server that sends scripted texts."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.asking import BOX, ask
from tests.chat_server import ChatServer
from tests.hostile.payloads import LINKS, MARKERS, MARKUP
from tests.window import Window, serve

QUESTION = "Who is the mayor of Kyiv?"


def test_unsupported_sentences_are_marked_and_the_cost_is_shown(
    shared_talk: tuple[Window, ChatServer], page: Page
) -> None:
    window, chat_server = shared_talk
    chat_server.script.tokens = [
        "Vitali Klitschko is the mayor of Kyiv [1]. ",
        "He keeps 400 bees [1].",
    ]
    page.goto(window.url)
    ask(page, QUESTION)
    answer = page.locator(".fn-answer p").first
    expect(answer).to_contain_text("Vitali Klitschko is the mayor of Kyiv.")
    expect(answer.locator(".fn-unsupported")).to_have_count(1)
    expect(page.locator(".fn-usage")).to_contain_text("14 tokens")
    # What the documents say of each clause is in the shape of its line, and in words.
    lines = page.evaluate(
        "[...document.querySelectorAll('.fn-answer p .fn-clause[title]')]"
        ".map(each => getComputedStyle(each).textDecorationStyle)"
    )
    assert lines[0] == "solid"
    assert lines[1] in ("dashed", "wavy")
    expect(answer.locator(".fn-aside")).to_have_count(1)
    expect(page.locator(".fn-legend")).to_contain_text("the documents say this")
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_contain_text("Klitschko")


def test_the_user_chooses_the_answerer(shared_talk: tuple[Window, ChatServer], page: Page) -> None:
    window, chat_server = shared_talk
    chat_server.script.tokens = ["Vitali Klitschko is the mayor of Kyiv [1]."]
    page.goto(window.url)
    choice = page.get_by_label("Answer with")
    expect(choice).to_have_value("openai:test-model")
    choice.click()
    page.get_by_role("option", name="quotations").click()
    ask(page, QUESTION)
    expect(page.locator(".fn-cite").first).to_be_visible()
    assert chat_server.script.requests == []


def test_stopping_an_answer_stops_the_request(
    shared_talk: tuple[Window, ChatServer], page: Page
) -> None:
    window, chat_server = shared_talk
    chat_server.script.tokens = ["Vitali Klitschko ", "is "]
    chat_server.script.hangs = True
    page.goto(window.url)
    ask(page, QUESTION)
    expect(page.locator(".fn-partial")).to_contain_text("Vitali Klitschko")
    page.locator(".stop-button").click()
    expect(page.locator(".fn-notice")).to_contain_text("Stopped")
    assert chat_server.script.gone.wait(20)
    chat_server.script.hangs = False
    chat_server.script.tokens = ["Vitali Klitschko is the mayor of Kyiv [1]."]
    ask(page, QUESTION)
    expect(page.locator(".fn-exchange")).to_have_count(2)
    expect(page.locator(".fn-exchange").nth(1).locator(".fn-cite")).to_have_count(1)
    expect(page.locator(".fn-exchange").first).to_contain_text("Stopped")


def _write_endlessly(chat_server: ChatServer) -> None:
    chat_server.script.tokens, chat_server.script.pause = ["Vitali Klitschko "], 0.02
    chat_server.script.endless = True


def test_a_stopped_answer_is_not_replaced_by_its_next_part(
    shared_talk: tuple[Window, ChatServer], page: Page
) -> None:
    window, chat_server = shared_talk
    _write_endlessly(chat_server)
    page.goto(window.url)
    for number in range(1, 4):  # the next part did not always arrive at the wrong moment
        ask(page, QUESTION)
        expect(page.locator(".fn-exchange")).to_have_count(number)
        answer = page.locator(".fn-exchange").last
        expect(answer.locator(".fn-partial")).to_contain_text("Vitali Klitschko")
        page.locator(".stop-button").click()
        expect(page.locator(".submit-button")).to_be_visible()
        assert chat_server.script.gone.wait(20)
        chat_server.script.gone.clear()
        expect(page.locator(".fn-notice")).to_contain_text(["Stopped"] * number)


def test_nothing_of_a_running_answer_is_shown_in_a_new_chat(
    shared_talk: tuple[Window, ChatServer], page: Page
) -> None:
    window, chat_server = shared_talk
    _write_endlessly(chat_server)
    page.goto(window.url)
    for _ in range(3):
        ask(page, QUESTION)
        expect(page.locator(".fn-partial")).to_contain_text("Vitali Klitschko")
        page.get_by_role("button", name="New chat").click()
        assert chat_server.script.gone.wait(20)
        chat_server.script.gone.clear()
        expect(page.locator(".submit-button")).to_be_visible()
        expect(page.locator(".fn-exchange")).to_have_count(0)


def test_part_of_a_long_text_is_told_and_stopping_ends_its_request(
    talking_window: Window, chat_server: ChatServer, page: Page
) -> None:
    chat_server.script.window = 400  # tokens: each of the documents takes several portions
    chat_server.script.hangs = True
    page.goto(talking_window.url)
    ask(page, "Summarise the documents")
    expect(page.locator(".fn-partial")).to_contain_text("Reading part 1 of 4")
    page.locator(".stop-button").click()
    expect(page.locator(".fn-notice")).to_contain_text("Not answered")
    assert chat_server.script.gone.wait(20)
    assert len(chat_server.script.requests) == 1


def test_search_questions_of_the_model_are_listed_below_the_answer(
    home: Path, chat_server: ChatServer, page: Page
) -> None:
    (home / "rag.toml").write_text(
        f'chat_model = "openai:test-model"\nchat_base_url = "{chat_server.openai_url}"\n'
        "split_questions = true\n"
    )
    searches = ["Who is the mayor of Kyiv?", "Who is the president of Ukraine?"]
    said = "Vitali Klitschko is the mayor of Kyiv. "
    chat_server.script.answer = lambda prompt: [
        "\n".join(searches) if "split it into questions" in prompt else said
    ]
    with serve(home) as window:
        page.goto(window.url)
        ask(page, "Who is the mayor of Kyiv and who is the president of Ukraine?")
        expect(page.locator(".fn-searches li")).to_have_text(searches)


# The page learns the name of the question's event after it received two parts of the answer. Until
# then it does not learn that other events are complete, because it would close its stream. If the
# server closes the stream, as it may on a busy machine, nothing is held back any longer.
LATE_REPLY = """
let parts = 0, asked = false, go = () => {};
const received = new Promise(done => { go = done; });
const { parse } = JSON;
JSON.parse = (...args) => {
    const value = parse(...args);
    if (value?.msg === "process_generating" && asked && ++parts === 2) go();
    if (value?.msg === "close_stream") go();
    if (value?.msg === "process_completed" && parts < 2) value.msg = "heartbeat";
    return value;
};
const { fetch } = window;
window.fetch = async (...args) => {
    const question = String(args[1]?.body).includes("mayor");
    asked ||= question;
    const response = await fetch(...args);
    if (question) await received;
    return response;
};
"""


def test_an_answer_can_be_stopped_if_the_page_learns_late_of_its_start(
    shared_talk: tuple[Window, ChatServer], page: Page
) -> None:
    window, chat_server = shared_talk
    chat_server.script.tokens = ["Vitali Klitschko ", "is "]
    chat_server.script.hangs = True
    chat_server.script.lists.clear()  # this event goes on, so that the page's stream is open
    page.add_init_script(LATE_REPLY)
    page.goto(window.url)
    ask(page, QUESTION)
    expect(page.locator(".fn-partial")).to_contain_text("Vitali Klitschko")
    expect(page.locator(BOX)).to_have_value("")
    chat_server.script.lists.set()
    page.locator(".stop-button").click()
    expect(page.locator(".fn-notice")).to_contain_text("Stopped")


def test_a_failing_model_is_reported_and_the_answer_is_quoted(
    talking_window: Any, chat_server: ChatServer, page: Page
) -> None:
    page.goto(talking_window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    chat_server.stop()
    ask(page, QUESTION)
    expect(page.locator(".fn-notice")).to_contain_text("quoted instead")
    expect(page.locator(".fn-answer p").first).to_contain_text("Klitschko")


@pytest.mark.parametrize("said", [LINKS, MARKUP, MARKERS])
def test_model_output_is_escaped_and_loads_nothing(
    shared_talk: tuple[Window, ChatServer], page: Page, said: tuple[str, ...]
) -> None:
    window, chat_server = shared_talk
    hosts: set[str] = set()
    dialogs: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    chat_server.script.tokens = [f"{payload} " for payload in said]
    page.goto(window.url)
    ask(page, QUESTION)
    expect(page.locator(".fn-usage")).to_be_visible()
    # No document supports any of it, so that it is folded below the quoted answer.
    page.locator(".fn-written summary").click()
    for live in ("script", "img", "a", "iframe", "form", "svg", "style", "object", "video", "h1"):
        expect(page.locator(f".fn-log {live}")).to_have_count(0)
    assert said[0][:12] in page.locator(".fn-written p").inner_text()
    assert page.title() == "Who is the mayor of Kyiv? · Footnote"
    assert dialogs == []
    assert hosts == {urlsplit(window.url).netloc}
