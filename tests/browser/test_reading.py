"""Actions on an answer: check it, copy it, rate it, ask again."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from rag.evaluation.run import load_cases
from tests.asking import BOX, ask

HELMETS = "How many helmets does Germany deliver?"


def test_citations_show_a_preview_and_lead_to_the_next_one(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    ask(page, HELMETS)
    chip = page.locator(".fn-cite").first
    tip = page.locator(".fn-tip").first
    expect(tip).to_be_hidden()
    chip.hover()
    expect(tip).to_contain_text("5,000 military helmets")
    expect(tip).to_contain_text("timeline")
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    page.keyboard.press("Tab")
    chip.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(tip).to_be_visible()  # also with the keyboard
    page.keyboard.press("Enter")
    marked = page.locator("mark.fn-cited")
    expect(marked).to_contain_text("5,000 military helmets")
    expect(page.locator(".fn-steps")).to_contain_text("1 of 2")
    first = page.locator(".fn-title").inner_text()
    page.get_by_role("button", name="Next citation").click()
    expect(page.locator(".fn-steps")).to_contain_text("2 of 2")
    expect(marked).to_be_in_viewport()
    assert page.locator(".fn-title").inner_text() != first
    page.get_by_role("button", name="Previous citation").click()
    expect(page.locator(".fn-steps")).to_contain_text("1 of 2")


def test_answers_are_copied_and_exported_with_references(
    shared_window: Any, page: Page, tmp_path: Path
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(shared_window.url)
    ask(page, HELMETS)
    page.get_by_role("button", name="Copy with citations").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "5,000" in copied
    place = "The quarrel about German help"
    assert (
        f"[2] Briefing: the letters to Moscow, “{place}” (seeds/briefing.md, characters " in copied
    )
    assert "[1] timeline (seeds/timeline.txt, characters " in copied
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as Markdown").click()
    file = tmp_path / "conversation.md"
    download.value.save_as(file)
    text = file.read_text()
    assert f"## {HELMETS}" in text
    assert "[^1-1]: timeline" in text
    assert "[^1-2]: Briefing: the letters to Moscow" in text


def test_a_question_is_edited_and_an_answer_rated(window: Any, page: Page) -> None:
    page.goto(window.url)
    ask(page, "Who is the mayor of Berlin and what is the capital of Peru?")
    expect(page.locator(".fn-actions")).to_be_visible()
    page.get_by_role("button", name="Edit this question").click()
    expect(page.locator(BOX)).to_have_value(
        "Who is the mayor of Berlin and what is the capital of Peru?"
    )
    ask(page, HELMETS)
    expect(page.locator(".fn-question")).to_have_text([HELMETS])
    page.get_by_role("button", name="Helpful", exact=True).click()
    rated = page.get_by_role("button", name="Helpful", exact=True)
    expect(rated).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Comment on the answer").fill("exactly <b>right</b>")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-actions")).to_contain_text("saved")
    ask(page, "Who is the mayor of Kyiv?")
    page.get_by_role("button", name="Not helpful").nth(1).click()
    expect(page.get_by_role("button", name="Not helpful").nth(1)).to_have_attribute(
        "aria-pressed", "true"
    )
    file = window.folder / ".rag" / "feedback.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["good"] for line in lines] == [True, True, False]
    assert lines[1]["comment"] == "exactly <b>right</b>"
    cases = load_cases(file)
    assert {case.question for case in cases} == {HELMETS}
    assert "5,000 military helmets" in cases[0].evidence[0]


def test_questions_are_limited_to_chosen_documents(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    every = page.locator(".fn-every .fn-tick")
    ticked = page.locator(".fn-every")
    expect(ticked).to_have_text("5 of 5 asked")
    every.uncheck()
    ask(page, HELMETS)
    expect(page.locator(".fn-error")).to_contain_text("No document is ticked")
    expect(page.locator(BOX)).to_have_value(HELMETS)
    page.get_by_role("checkbox", name="timeline").check()
    page.press(BOX, "Enter")  # at once: the tick counts for this question
    expect(page.locator(".fn-sources .fn-place").first).to_contain_text("timeline")
    expect(page.locator(".fn-sources li")).to_have_count(1)
    # The limit is shown while it is active. It ends with the conversation, or when removed.
    limited = page.locator(".fn-only")
    expect(limited).to_contain_text("Only: timeline.txt")
    expect(limited).to_be_in_viewport()
    expect(ticked).to_have_text("1 of 5 asked")
    assert every.evaluate("box => box.indeterminate")
    ask(page, "What is Bild?")
    expect(page.locator(".fn-refusal")).to_be_visible()
    page.get_by_role("button", name="Search all documents again").click()
    expect(limited).to_have_count(0)
    expect(ticked).to_have_text("5 of 5 asked")
    ask(page, "What is Bild?")
    expect(page.locator(".fn-exchange").nth(2)).to_contain_text("newspaper")
    page.get_by_role("checkbox", name="Glossary").uncheck()
    expect(limited).to_contain_text("Without: glossary.pdf")
    page.locator("#fn-clear").click()
    expect(limited).to_have_count(0)
    expect(page.get_by_role("checkbox", name="Glossary")).to_be_checked()
    ask(page, "What is Bild?")
    expect(page.locator(".fn-answer")).to_contain_text("newspaper")


def test_documents_are_found_removed_and_brought_back(window: Any, page: Page) -> None:
    (window.folder / "seeds" / "new.txt").write_text("The mill at Tarn was built in 1701.")
    page.goto(window.url)
    expect(page.locator(".fn-waiting").first).to_contain_text("1 new")
    search = page.get_by_label("Search in the list")
    search.fill("gloss")
    expect(page.locator(".fn-document:visible")).to_have_count(1)
    page.locator(".fn-document:visible").click()
    expect(page.locator(".fn-title")).to_contain_text("Glossary")
    page.get_by_role("button", name="Remove Glossary").click()
    expect(page.locator(".fn-document")).to_have_count(0)  # what was searched for stays in the box
    search.fill("")
    expect(page.locator(".fn-document")).to_have_count(4)
    page.locator(".fn-undo").click()
    expect(page.locator(".fn-document")).to_have_count(5)
    expect(page.locator(".fn-undo")).to_have_count(0)
    # Messages show hostile file names as plain text.
    hostile = "seeds/<b id=owned>x</b> <img src=x>.txt"
    page.locator(".fn-remove").first.evaluate("(e, name) => { e.dataset.document = name }", hostile)
    page.locator(".fn-remove").first.click()
    toast = page.get_by_test_id("toast-text")
    expect(toast).to_contain_text(f"{hostile} is not indexed")
    assert toast.locator("b, img").count() == 0
