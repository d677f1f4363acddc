"""Accessibility: axe-core finds no serious problem in any view, in both themes."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asking import ask
from tests.window import serve

AXE = os.environ.get("FOOTNOTE_AXE")


@pytest.fixture(autouse=True)
def _axe() -> None:
    if AXE is None and not os.environ.get("FOOTNOTE_REQUIRE_BROWSER"):
        pytest.skip("set FOOTNOTE_AXE to axe.min.js of the npm package axe-core")


def find_faults(page: Page) -> list[str]:
    """Return the serious and critical problems that axe-core finds on the current page."""
    assert AXE is not None
    if not page.evaluate("'axe' in window"):
        page.evaluate(Path(AXE).read_text("utf-8"))
    result: dict[str, Any] = page.evaluate(
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })"
    )
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
        for fault in result["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_window_has_no_serious_accessibility_fault(
    tmp_path: Path, browser: Browser, scheme: Any
) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    with serve(tmp_path) as window:
        page.goto(window.url)
        page.locator("#fn-begin .fn-open-paste").click()
        expect(page.locator("#fn-begin textarea")).to_be_visible()
        faults = find_faults(page)
    context.close()
    assert "\n".join(faults) == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_has_a_serious_accessibility_fault(
    window: Any, browser: Browser, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    faults = {"empty": find_faults(page)}
    ask(page, "How many helmets does Germany deliver?")
    expect(page.locator(".fn-export")).to_be_visible()
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_be_visible()
    faults["answer and source"] = find_faults(page)
    page.locator(".fn-rate").first.click()
    expect(page.locator(".fn-comment")).to_be_visible()
    ask(page, "Who won the football world cup in 2018?")
    expect(page.locator(".fn-refusal")).to_be_visible()
    expect(page.locator(".fn-closest .fn-source").first).to_be_visible()
    faults["refusal"] = find_faults(page)
    expect(page.locator(".fn-document").first).to_be_visible()
    page.locator(".fn-remove").first.click()
    expect(page.locator(".fn-undo")).to_be_visible()
    page.locator("#fn-add .fn-open-paste").click()
    bad = {"name": "bad.docx", "mimeType": "application/zip", "buffer": b"PK"}
    page.locator("#fn-add input[type=file]").first.set_input_files([bad])
    expect(page.locator(".fn-rows li[data-state=failed]")).to_be_visible()
    faults["documents"] = find_faults(page)
    page.get_by_role("tab", name="Chats").click()
    page.locator(".fn-rename").first.click()
    page.locator(".fn-forget").first.click()
    expect(page.locator(".fn-title-box")).to_be_visible()
    faults["conversations"] = find_faults(page)
    page.get_by_role("tab", name="Documents").click()
    page.get_by_role("checkbox", name="timeline").uncheck()
    page.locator(".fn-edit").first.click()
    expect(page.locator(".fn-editing")).to_be_visible()
    expect(page.locator(".fn-only")).to_be_visible()
    faults["ticks and edit"] = find_faults(page)
    page.locator(".fn-all").click()
    ask(page, "x" * 3000)
    expect(page.locator(".fn-error")).to_be_visible()
    faults["error"] = find_faults(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name=re.compile("^Source [0-9]: timeline")).click()
    expect(page.locator("mark.fn-cited")).to_be_in_viewport()
    faults["source on a phone"] = find_faults(page)
    page.locator(".fn-close").click()
    expect(page.locator("#fn-reader-pane")).to_be_hidden()
    page.locator("#fn-fold-sources").click()
    expect(page.locator("#fn-documents .fn-document").first).to_be_in_viewport()
    faults["documents on a phone"] = find_faults(page)
    context.close()
    assert "\n".join(f"{view}: {fault}" for view in faults for fault in faults[view]) == ""
