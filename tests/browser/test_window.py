import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.asking import BOX, ask


def test_ask_read_the_answer_and_see_the_sentence(window: Any, page: Page) -> None:
    hosts: set[str] = set()
    problems: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(window.url)
    ask(page, "Who is the German defence minister?")  # at once, before the model is loaded
    answer = page.locator(".fn-answer p").first
    expect(answer).to_contain_text("Christine Lambrecht")
    expect(answer.locator("strong").first).to_have_text("Christine Lambrecht")

    page.locator(".fn-cite").first.click()
    cited = page.locator("mark.fn-cited")
    expect(cited).to_be_in_viewport()
    expect(cited).to_have_text(
        "Christine Lambrecht, a Social Democrat (SPD), is Germany's Minister of Defence."
    )
    expect(page.locator(".fn-title")).to_contain_text("seeds/who-is-who.html")
    first = page.locator("#fn-suggestions .fn-suggestion")
    expect(first).to_have_count(4)  # they came after the question, and did not remove it
    expect(first.first).to_be_hidden()
    expect(answer).to_contain_text("Christine Lambrecht")
    assert problems == []
    assert hosts <= {"127.0.0.1"}


def test_a_pdf_is_shown_at_the_page_of_the_sentence(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    ask(page, "What is Bild?")
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_have_text("A German daily newspaper.")
    expect(page.locator("mark.fn-cited")).to_be_in_viewport()
    expect(page.locator(".fn-title")).to_contain_text("page 2")
    image = page.get_by_role("img", name="Page 2 as printed")
    expect(image).to_be_visible()
    page.wait_for_function("document.querySelector('.fn-sheet img').naturalWidth === 1100")
    # The mark lies on the picture of its page.
    sheet, mark = image.bounding_box(), page.locator("mark.fn-cited").bounding_box()
    assert sheet is not None and mark is not None
    assert sheet["x"] < mark["x"] < mark["x"] + mark["width"] < sheet["x"] + sheet["width"]
    assert sheet["y"] < mark["y"] < sheet["y"] + sheet["height"]


def test_a_refusal_says_so_and_offers_the_closest_passages(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    ask(page, "Who won the football world cup in 2018?")
    expect(page.locator(".fn-refusal")).to_contain_text("The documents do not say.")
    expect(page.locator(".fn-cite")).to_have_count(0)
    page.locator(".fn-closest .fn-source").first.click()
    expect(page.locator("mark.fn-cited")).to_be_visible()


def test_a_long_conversation_stays_above_the_question_box(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    for number in range(4):
        ask(page, "Who is the German defence minister?")
        expect(page.locator(".fn-actions")).to_have_count(number + 1)
    last = page.locator(".fn-export")
    expect(last).to_be_in_viewport()
    shown, box = last.bounding_box(), page.locator(BOX).bounding_box()
    assert shown is not None
    assert box is not None
    assert shown["y"] + shown["height"] <= box["y"]
    under = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('#fn-question') !== null",
        [box["x"] + 5, box["y"] + box["height"] / 2],
    )
    assert under


def test_suggestions_follow_ups_and_a_new_chat(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    page.locator(".fn-suggestion").first.click()
    expect(page.locator(".fn-cite").first).to_be_visible()
    further = page.locator("#fn-following .fn-suggestion").first
    expect(further).to_be_visible()
    earlier = further.inner_text()
    ask(page, "Who is the mayor of Kyiv?")
    expect(page.locator(".fn-exchange")).to_have_count(2)
    expect(page.locator(".fn-exchange").nth(1)).to_contain_text("Klitschko")
    # A citation of the second answer opens its own source, not a source of the first answer.
    page.locator(".fn-exchange").nth(1).locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_contain_text("Klitschko")
    expect(further).not_to_have_text(earlier)  # they follow the second answer
    question = further.inner_text()
    further.click()
    expect(page.locator(".fn-exchange")).to_have_count(3)
    expect(page.locator(".fn-exchange").nth(2)).to_contain_text(question)
    expect(page.locator(".fn-exchange").nth(2).locator(".fn-cite").first).to_be_visible()
    page.locator("#fn-clear").click()
    expect(page.locator("#fn-suggestions .fn-suggestion").first).to_be_visible()
    expect(page.locator("#fn-following")).to_be_hidden()
    expect(page.locator(".fn-exchange")).to_have_count(0)


def test_add_a_document_and_ask_about_it(window: Any, page: Page) -> None:
    page.goto(window.url)
    ask(page, "Who built the lighthouse?")
    expect(page.locator(".fn-refusal")).to_be_visible()
    expect(page.locator(".fn-document")).to_have_count(5)
    page.locator("#fn-add input[type=file]").first.set_input_files(
        [
            {
                "name": "lighthouse <b>.txt",
                "mimeType": "text/plain",
                "buffer": b"The lighthouse was built by Nora Lind in 1890.",
            },
            {"name": "bad.docx", "mimeType": "application/zip", "buffer": b"PK"},
        ]
    )
    expect(page.locator(".fn-told")).to_contain_text("1 of 2 read · not readable: 1")
    expect(page.locator(".fn-rows li[data-state=failed]")).to_contain_text("It is damaged")
    expect(page.locator(".fn-document")).to_have_count(6)
    ask(page, "Who built the lighthouse?")
    expect(page.locator(".fn-exchange").nth(1)).to_contain_text("Nora Lind")
    page.locator(".fn-exchange").nth(1).locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_have_text(re.compile("^The lighthouse was built"))
    expect(page.locator(".fn-title b")).to_have_count(0)


def test_hostile_text_stays_text(window: Any, page: Page) -> None:
    # Not Markdown, because its parser would remove the tags.
    (window.folder / "seeds" / "evil.txt").write_text(
        "Zebra {{7*7}}\n\nThe zebra crossing is painted "
        "<img src=x onerror=\"document.title='owned'\"> in ${1+1} white [1] "
        "{{#each value}}x{{/each}} stripes.\n"
    )
    page.goto(window.url)
    page.get_by_role("button", name="Read now").click()
    expect(page.locator(".fn-told")).to_contain_text("1 of 1 read")
    ask(page, "How is the zebra crossing <script>document.title='owned'</script> painted?")
    answer = page.locator(".fn-answer p").first
    expect(answer).to_contain_text("${1+1} white (1) {{#each value}}x{{/each}} stripes")
    page.locator(".fn-cite").last.click()  # the title is quoted before it
    expect(page.locator("mark.fn-cited")).to_contain_text("<img src=x onerror=")
    assert page.title().startswith("How is the zebra crossing <script>document.title='owned'")
    assert page.locator(".fn-log img, .fn-text img, .fn-log script").count() == 0


def test_the_source_is_a_sheet_on_a_phone(shared_window: Any, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(shared_window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    ask(page, "Who is the German defence minister?")
    page.locator(".fn-cite").first.click()
    expect(page.locator("mark.fn-cited")).to_be_in_viewport()
    page.locator(".fn-close").click()
    expect(page.locator("mark.fn-cited")).to_have_count(0)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_a_failed_question_is_reported_and_kept(shared_window: Any, page: Page) -> None:
    page.goto(shared_window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    ask(page, "x" * 3000)
    expect(page.locator(".fn-error")).to_contain_text("3,000 characters")
    expect(page.locator(BOX)).to_have_value("x" * 3000)


def test_questions_are_answered_while_a_folder_is_read(window: Any, page: Page) -> None:
    page.goto(window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    words = "A mill stands on hill number {0}, and miller number {0} grinds corn in it. "
    for number in range(60):
        text = words.format(number) * 10
        (window.folder / "seeds" / f"mill {number}.txt").write_text(text)
    page.get_by_role("button", name="Read again").click()
    status = page.locator(".fn-told")
    expect(page.locator(".fn-rows li[data-state=reading]").first).to_contain_text("mill")
    ask(page, "Who is the mayor of Kyiv?")
    expect(page.locator(".fn-answer p").first).to_contain_text("Klitschko")
    expect(status).to_contain_text("60 of 60 read")
    ask(page, "What does miller number 42 grind?")
    expect(page.locator(".fn-exchange").nth(1)).to_contain_text("corn")


def test_documents_can_be_dropped_anywhere(window: Any, page: Page) -> None:
    page.goto(window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(['The mill at Tarn was built by Ole Vik.'], 'mill.txt'));
            files.items.add(new File(['MZ'], 'tools.exe'));
            window.drag = (name) => window.dispatchEvent(new DragEvent(
                name, { dataTransfer: files, bubbles: true, cancelable: true }));
            window.drag('dragover');
        }"""
    )
    expect(page.locator("body.fn-dropping")).to_have_attribute(
        "data-drop", "Drop files or folders to add them"
    )
    page.evaluate("window.drag('drop')")
    expect(page.locator("body.fn-dropping")).to_have_count(0)
    expect(page.locator(".fn-told")).to_contain_text("1 of 2 read · not readable: 1")
    expect(page.locator(".fn-rows")).to_contain_text("Files of this kind (.exe) cannot be read")
    expect(page.locator(".fn-new")).to_have_count(0)
    expect(page.locator(".fn-document:not(.fn-chat)")).to_have_count(6)


def test_the_window_speaks_german(shared_window: Any, browser: Browser) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(shared_window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    expect(page.locator(BOX)).to_have_attribute("placeholder", "Ihre Frage")
    for tab in ("Dokumente", "Gespräche"):
        expect(page.get_by_role("tab", name=tab)).to_be_visible()
    for button in ("Dokumente", "Neues Gespräch", "Quelle"):
        expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
    expect(page.locator(".fn-every")).to_have_text("5 von 5 befragt")
    ask(page, "What is Bild?")
    expect(page.locator(".fn-usage")).to_contain_text("Verlässlichkeit")
    expect(page.get_by_role("button", name="Mit Quellen kopieren")).to_be_visible()
    page.locator(".fn-cite").first.click()
    expect(page.locator(".fn-title")).to_contain_text("Seite 2")
    expect(page.get_by_role("img", name="Seite 2 im Druckbild")).to_be_visible()
    expect(page.locator("mark.fn-cited")).to_have_text("A German daily newspaper.")
    expect(page.get_by_role("button", name="Ordner hinzufügen")).to_be_visible()
    page.get_by_role("button", name="Neu lesen").click()
    expect(page.locator(".fn-told")).to_contain_text("Keine Änderungen")
    context.close()


def test_everything_works_with_the_keyboard_alone(window: Any, page: Page) -> None:
    page.goto(window.url)
    expect(page.locator(".fn-suggestion").first).to_be_visible()
    page.keyboard.type("Who is the German defence minister?")  # the box has the focus
    page.keyboard.press("Enter")
    expect(page.locator(".fn-actions")).to_be_visible()

    def tab_to(selector: str, key: str = "Tab") -> None:
        for _ in range(40):
            page.keyboard.press(key)
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is not reached")

    tab_to(".fn-cite", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("mark.fn-cited").first).to_be_in_viewport()  # each cell is marked
    tab_to(".fn-text")  # so that arrow keys can scroll it
    tab_to("#fn-add .fn-open-paste", "Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("The mill at Tarn grinds corn.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-told")).to_contain_text("1 of 1 read")
    expect(page.locator(".fn-clear")).to_be_visible()  # the list is not sent again after this
    tab_to(".fn-remove")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-undo")).to_be_visible()
    tab_to(".fn-undo", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".fn-document:not(.fn-chat)")).to_have_count(6)
