"""Accessibility of notes, the search, overviews and the page for administrators."""

import os
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.asking import BOX
from tests.browser.test_accessibility import AXE, find_faults
from tests.window import serve


@pytest.fixture(autouse=True)
def _axe() -> None:
    if AXE is None and not os.environ.get("FOOTNOTE_REQUIRE_BROWSER"):
        pytest.skip("set FOOTNOTE_AXE to axe.min.js of the npm package axe-core")


@pytest.mark.parametrize(("scheme", "locale"), [("light", "de-DE"), ("dark", "en-GB")])
def test_no_view_has_a_serious_accessibility_fault(
    home: Any, browser: Browser, scheme: Any, locale: str
) -> None:
    (home / "rag.toml").write_text("keep_questions = true\n")
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme=scheme,
        locale=locale,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    faults = {}
    with serve(home) as window:
        page.goto(window.url)
        tabs = page.get_by_role("tab")
        for number, question in enumerate(("Who won the cup in 2018?", "Who is Vitali Klitschko?")):
            page.fill(BOX, question)
            page.press(BOX, "Enter")
            expect(page.locator(".fn-exchange .fn-actions")).to_have_count(number + 1)
        page.locator(".fn-actions .fn-pin").click()
        page.locator(".fn-sources .fn-pin").last.click()
        tabs.nth(2).click()
        expect(page.locator(".fn-note").first).to_be_visible()
        page.locator(".fn-unpin").first.click()
        faults["notes"] = find_faults(page)
        tabs.nth(1).click()
        page.locator(".fn-find-chats").fill("klitschko")
        expect(page.locator(".fn-hit")).to_be_visible()
        faults["search"] = find_faults(page)
        tabs.nth(3).click()
        expect(page.locator(".fn-operation")).to_be_visible()
        page.locator(".fn-case summary").first.click()
        page.locator(".fn-make-case").first.click()
        expect(page.locator(".fn-case-line")).to_be_visible()
        faults["operation"] = find_faults(page)
        tabs.nth(0).click()
        page.locator(".fn-document", has_text="Briefing").first.click()
        expect(page.locator("#fn-source .fn-asks").first).to_be_visible()
        faults["overview"] = find_faults(page)
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator("#fn-source .fn-overview")).to_be_in_viewport()
        faults["overview on a phone"] = find_faults(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
    assert "\n".join(f"{view}: {fault}" for view in faults for fault in faults[view]) == ""
