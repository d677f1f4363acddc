"""Layout: no answer is cut off, on any screen size."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from index import Report
from rag.types import Answer, Citation
from tests.asking import BOX
from tests.window import serve
from ui.state.chats import Chats
from ui.state.conversation import Exchange, new_key

SIZES = ((360, 740), (390, 844), (768, 1024), (1024, 768), (1440, 900))
CITED = Citation(1, "seeds/a.txt", "A title of some length " * 3, 0, 5, "Words. " * 30, heading="H")
LONG = " ".join(["A long sentence says one thing, and then it says another. [1]"] * 60)
WORD = "Donaudampfschifffahrtsgesellschaft" * 5
CODE = f"```\n{'x = 1; ' * 60}\n``` [1]"
LISTED = f"Of these: [1]\n- {WORD} [1]\n- two\n\n1. one\n2. {WORD}\n\n{CODE}"

# Returns messages about elements outside the window, and about a covered button: the one that
# sends, or closes the sheet that is open.
FAULTS = """() => {
  const parts = ['#fn-header h1', '#fn-header p', '.fn-main', '#fn-conversation', '.fn-question',
    '.fn-answer > *', '.fn-error', '.fn-source', '#fn-following .fn-suggestion', '.fn-only',
    '.fn-editing', '#fn-suggestions .fn-suggestion', '#fn-question', '#fn-question button',
    '#fn-clear', '#fn-fold-sources', '.fn-unit', '.fn-quoted', '#fn-documents .fn-document'];
  const faults = [];
  for (const part of parts) for (const element of document.querySelectorAll(part)) {
    const { left, right, width } = element.getBoundingClientRect();
    if (width && (left < 0 || right > innerWidth)) faults.push(`${part} from ${left} to ${right}`);
  }
  for (const button of document.querySelectorAll('#fn-header button, #fn-columns button')) {
    const cut = button.scrollWidth > button.clientWidth + 1;
    if (button.clientWidth && cut && getComputedStyle(button).textOverflow !== 'ellipsis') {
      faults.push(`"${button.textContent}" is too long for its button`);
    }
  }
  for (const element of [document.documentElement, document.body,
      document.querySelector('#fn-conversation'), document.querySelector('#fn-clear')]) {
    if (element.scrollWidth > element.clientWidth) faults.push(`${element.id} scrolls sideways`);
  }
  // A sheet covers the conversation, and is closed with the button that opened it.
  const sheet = document.querySelector('#fn-columns').dataset.sheet;
  const needed = sheet ? `#fn-fold-${sheet}` : '#fn-question .submit-button';
  const box = document.querySelector(needed).getBoundingClientRect();
  const top = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  if (!top?.closest(needed)) faults.push(`${needed} is not in reach: ${box.top}`);
  return faults;
}"""


def find_faults(page: Page) -> list[str]:
    """Return messages about cut-off elements at each size. Waits until the layout has settled."""
    found: list[str] = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        # After one failure, wait less: the layout will not settle at other sizes either.
        timeout = 500 if found else 5000
        try:
            page.wait_for_function(f"() => ({FAULTS})().length === 0", timeout=timeout)
        except Exception:  # noqa: BLE001 - the faults are reported instead
            found += [f"{width}: {fault}" for fault in page.evaluate(FAULTS)]
    page.set_viewport_size({"width": 390, "height": 844})
    return found


def link_to(window: Any, text: str) -> str:
    """Store a text as the answer of another visitor; return the link to it."""
    key, answer = new_key(), Answer("Q?", text, False, "extractive", (CITED,), confidence=0.9)
    exchange = Exchange(f"What is in the list? {WORD}", text, answer)
    Chats(window.folder / ".rag" / "conversations").put("somebody", key, exchange)
    return f"{window.url}/?chat={key}&answer={exchange.key}"


def test_every_answer_fits_in_every_size_and_language(shared_window: Any, browser: Browser) -> None:
    faults: dict[str, list[str]] = {}
    for language in ("en-GB", "de-DE"):
        context = browser.new_context(locale=language, viewport={"width": 390, "height": 844})
        page = context.new_page()
        page.set_default_timeout(60_000)
        for kind, text in (("long", LONG), ("list", LISTED)):
            page.goto(link_to(shared_window, text))
            expect(page.locator(".fn-actions")).to_have_count(1)
            faults[f"{language} {kind}"] = find_faults(page)
        page.locator("#fn-clear").click()
        expect(page.locator(".fn-exchange")).to_have_count(0)
        expect(page.locator("#fn-suggestions .fn-suggestion")).to_have_count(4)
        faults[f"{language} empty"] = find_faults(page)
        page.reload()
        greeting = "Fragen Sie Ihre Dokumente" if language == "de-DE" else "Ask your documents"
        expect(page.locator(".fn-welcome h2")).to_have_text(greeting)
        page.locator("#fn-fold-sources").click()
        expect(page.locator(".fn-document").first).to_be_visible()
        faults[f"{language} documents"] = find_faults(page)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.fill(BOX, "How many helmets does Germany deliver?")
        page.press(BOX, "Enter")
        expect(page.locator("#fn-following .fn-suggestion")).to_have_count(2)
        faults[f"{language} answer"] = find_faults(page)
        page.fill(BOX, "Who won the football world cup in 2018?")
        page.press(BOX, "Enter")
        expect(page.locator(".fn-refusal")).to_have_count(1)
        faults[f"{language} refusal"] = find_faults(page)
        page.locator(".fn-edit").first.click()
        expect(page.locator(".fn-editing")).to_be_visible()
        faults[f"{language} edit"] = find_faults(page)
        page.fill(BOX, "x" * 3000)
        page.press(BOX, "Enter")
        expect(page.locator(".fn-error")).to_be_visible()
        page.fill(BOX, "")
        faults[f"{language} error"] = find_faults(page)
        context.close()
    assert "\n".join(f"{kind} {fault}" for kind in faults for fault in faults[kind]) == ""


def test_the_long_last_cell_of_a_quoted_row_is_wrapped(
    home: Path, update: Callable[..., Report], page: Page
) -> None:
    best = "It is best set up on a high roof, in sight of many others, and is seldom moved. "
    row = f"| Beacon | It repeats each message once. | {best * 2}|"
    (home / "seeds" / "roles.md").write_text(
        f"# Roles of a node\n\n| Role | What it does | Best use |\n|---|---|---|\n{row}\n"
        "| Lamp | It shows that there is power. | In a cellar. |\n"
    )
    update(Path(".rag"), Path("seeds"))
    with serve(home) as window:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(window.url)
        page.fill(BOX, "What is the best use of a beacon?")
        page.press(BOX, "Enter")
        table = page.locator(".fn-quoted-table").first
        expect(table).to_contain_text("on a high roof")
        expect(page.locator(".fn-actions")).to_be_visible()
        assert table.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_long_lists_of_documents_and_chats_can_be_scrolled(
    home: Path, update: Callable[..., Report], page: Page
) -> None:
    for number in range(30):
        (home / "seeds" / f"mill {number:02}.txt").write_text("The mill grinds corn.")
    update(Path(".rag"), Path("seeds"))
    for number in range(30):
        (home / "seeds" / f"new {number:02}.txt").write_text("The mill stands still.")
    with serve(home) as window:
        page.goto(window.url)
        expect(page.locator(".fn-unread li")).to_have_count(30)
        scroll_to_end(page, page.locator(".fn-unread li"))
        # Only the rows in sight are in the page.
        documents = page.locator("#fn-documents .fn-documents li")
        expect(documents.first).to_have_attribute("aria-setsize", "35")
        expect(page.locator("#fn-documents li[aria-posinset='35']")).to_have_count(0)
        scroll_to_end(page, documents)
        expect(page.locator("#fn-documents li[aria-posinset='35']")).to_be_in_viewport()
        page.fill(BOX, "How many helmets does Germany deliver?")
        page.press(BOX, "Enter")
        expect(page.locator("#fn-following .fn-suggestion")).to_have_count(2)
        (stored,) = (home / ".rag" / "conversations").glob("*/*.json")
        for _ in range(30):
            shutil.copy(stored, stored.with_name(f"{new_key()}.json"))
        page.reload()
        page.get_by_role("tab", name="Chats").click()
        chats = page.locator("#fn-chats .fn-chat")
        expect(chats).to_have_count(31)
        scroll_to_end(page, chats)


def scroll_to_end(page: Page, rows: Locator) -> None:
    expect(rows.last).not_to_be_in_viewport()
    rows.first.hover()
    page.mouse.wheel(0, 10_000)
    expect(rows.last).to_be_in_viewport()
