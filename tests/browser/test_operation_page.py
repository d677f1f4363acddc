"""The page for whoever runs the window."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rag.evaluation.run import load_cases
from tests.asking import BOX, ask_and_wait
from tests.window import serve
from ui.web.logins import make_login

CUP = "Who won the football world cup in 2018?"
MAYOR = "Who is the mayor of Kyiv?"


def test_what_was_asked_becomes_evaluation_questions(home: Path, page: Page) -> None:
    (home / "rag.toml").write_text("keep_questions = true\n")
    with serve(home) as window:
        page.goto(window.url)
        ask_and_wait(page, CUP)
        ask_and_wait(page, MAYOR)
        page.locator(".fn-exchange").nth(1).get_by_role("button", name="Not helpful").click()
        expect(page.locator(".fn-comment")).to_be_visible()
        page.get_by_role("tab", name="Operation").click()
        operation = page.locator("#fn-operation")
        expect(operation).to_contain_text("2 questions were asked")
        refused, disliked = (
            operation.locator(".fn-kind").nth(0),
            operation.locator(".fn-kind").nth(1),
        )
        expect(refused).to_contain_text(CUP)
        refused.get_by_text("Make an evaluation question").click()
        refused.get_by_role("button", name="Save the question").click()
        expect(page.locator(".fn-case-line")).to_contain_text("world cup")
        disliked.locator("summary").first.click()
        disliked.get_by_text("Make an evaluation question").click()
        disliked.get_by_label("Right answer").fill("Vitali Klitschko")
        evidence = disliked.get_by_label("Sentences that say it")
        kept = evidence.input_value()
        assert "Klitschko" in kept
        evidence.fill("No document says this sentence.")
        disliked.get_by_role("button", name="Save the question").click()
        expect(page.get_by_text("no document has the sentence")).to_be_visible()
        evidence.fill(kept)
        disliked.get_by_role("button", name="Save the question").click()
        expect(page.locator(".fn-case-line")).to_contain_text("Klitschko")
    cup, mayor = load_cases(home / ".rag" / "evaluation.jsonl")
    assert (cup.question, cup.answerable) == (CUP, False)
    assert (mayor.question, mayor.answers) == (MAYOR, ("Vitali Klitschko",))


def test_the_text_is_kept_only_if_switched_on(home: Path, page: Page) -> None:
    with serve(home) as window:
        page.goto(window.url)
        ask_and_wait(page, CUP)
        ask_and_wait(page, MAYOR)
        page.locator(".fn-exchange").nth(1).get_by_role("button", name="Not helpful").click()
        expect(page.locator(".fn-comment")).to_be_visible()
        page.get_by_role("tab", name="Operation").click()
        operation = page.locator("#fn-operation")
        for kind in range(2):  # refused and disliked; on a busy machine, one may also be slow
            expect(operation.locator(".fn-kind").nth(kind).locator("li")).to_have_count(1)
        expect(operation).to_contain_text("RAG_KEEP_QUESTIONS")
        assert "world cup" not in operation.inner_html()
        assert "Kyiv" not in operation.inner_html()
    kept = (home / ".rag" / "questions.jsonl").read_text().splitlines()
    assert [json.loads(line)["outcome"] for line in kept] == ["refused", "answered"]
    assert "Kyiv" not in "".join(kept)


def test_what_the_last_update_did_is_listed(home: Path, page: Page) -> None:
    (home / "seeds" / "mill.txt").write_text("The mill at Tarn grinds corn on Mondays.")
    (home / "seeds" / "bad.docx").write_bytes(b"PK")
    with serve(home) as window:
        page.goto(window.url)
        page.get_by_role("tab", name="Documents").click()
        page.get_by_role("button", name="Read now").click()
        expect(page.locator(".fn-told")).to_contain_text("read")
        expect(page.locator(".fn-rows li[data-state=ready]")).to_have_count(1)
        page.get_by_role("tab", name="Operation").click()
        update = page.locator(".fn-update").first
        expect(update).to_contain_text("1 new")
        expect(update).to_contain_text("mill.txt")
        expect(update).to_contain_text("bad.docx")


@pytest.mark.parametrize(("name", "seen"), [("ann", True), ("bob", False)])
def test_with_logins_only_those_named_see_it(
    home: Path, browser: Browser, name: str, *, seen: bool
) -> None:
    logins = home / "logins"
    logins.write_text("\n".join(make_login(each, "secret") for each in ("ann", "bob")))
    (home / "rag.toml").write_text(f'auth = "{logins}"\nadmins = "ann, carl"\n')
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    with serve(home) as window:
        page.goto(window.url)
        page.locator("input").nth(0).fill(name)
        page.locator("input").nth(1).fill("secret")
        page.get_by_role("button", name="Login").click()
        expect(page.locator(BOX)).to_be_visible()
        expect(page.get_by_role("tab", name="Notes")).to_be_visible()
        expect(page.get_by_role("tab", name="Operation")).to_have_count(int(seen))
    context.close()
