"""What a new user notices: titles of tabs, links, previews, and long documents."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.asking import ask_and_wait

HELMETS = "How many helmets does Germany deliver?"
# Whether the open preview is inside the box of the conversation.
INSIDE = """() => {
  const tip = [...document.querySelectorAll('.fn-tip')].find((each) => each.offsetHeight);
  const inner = tip?.getBoundingClientRect();
  const outer = document.querySelector('#fn-conversation').getBoundingClientRect();
  return Boolean(inner) && inner.top >= outer.top && inner.bottom <= outer.bottom
    && inner.left >= outer.left && inner.right <= outer.right;
}"""


def test_the_tab_and_the_follow_up_questions_survive_a_reload(
    shared_window: Any, page: Page
) -> None:
    page.goto(shared_window.url)
    expect(page).to_have_title("Footnote")
    ask_and_wait(page, HELMETS)
    expect(page).to_have_title(f"{HELMETS} \u00b7 Footnote")
    following = page.locator("#fn-following .fn-suggestion")
    expect(following.first).to_be_visible()
    told = following.all_inner_texts()
    page.reload()
    expect(page).to_have_title(f"{HELMETS} \u00b7 Footnote")
    expect(following).to_have_text(told)
    page.locator("#fn-clear").click()
    expect(page).to_have_title("Footnote")
    page.goto(f"{shared_window.url}/?chat={'A' * 22}")
    expect(page.locator(".fn-welcome")).to_contain_text("conversation of this link is not here")
    ask_and_wait(page, HELMETS)
    expect(page.locator(".fn-welcome")).to_have_count(0)


def test_a_page_is_opened_with_few_requests(shared_window: Any, page: Page) -> None:
    events: list[str] = []
    page.on("request", lambda sent: events.append(sent.url) if "queue/join" in sent.url else None)
    page.goto(shared_window.url)
    expect(page.locator(".fn-document").first).to_be_visible()
    expect(page.locator("#fn-suggestions .fn-suggestion").first).to_be_visible()
    while len(events) < 5:
        page.wait_for_event("request")
    # What the page shows, the questions to begin with, the models, the files that are being read,
    # and the follow-up questions.
    assert len(events) == 5


def test_previews_are_not_cut_off(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    for size in ({"width": 1280, "height": 500}, {"width": 390, "height": 600}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        ask_and_wait(page, HELMETS)
        chips = page.locator(".fn-cite")
        for number in range(chips.count()):
            for end in ("start", "end"):  # with the number at the top and at the bottom
                chips.nth(number).evaluate("(e, block) => e.scrollIntoView({ block })", end)
                chips.nth(number).hover()
                page.wait_for_function(INSIDE)
                page.mouse.move(1, 1)
