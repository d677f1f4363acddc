"""Takes the pictures of the window in `docs/images`: `python -m tools.take_screenshots [STATE]`.

Every state is taken at three widths, some also in dark mode and in German. The script starts its
own windows, one without documents and one with the seeds; or give the URL of one with the seeds.
Needs playwright, Pillow and Chromium.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.window import serve

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
SIZES = ((390, 844), (768, 1024), (1440, 900))
BOX = "#fn-question textarea"
_COLOURS = 128  # of a picture: enough for text, and a third of the size
_SETTLED = 500  # milliseconds until the page has its final look

Action = Callable[[Page], None]


def is_narrow(page: Page) -> bool:
    """Whether the outer panes are sheets."""
    size = page.viewport_size
    return size is not None and size["width"] <= 800


def ask(page: Page, question: str) -> None:
    """Ask a question, and wait for its whole answer."""
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    page.wait_for_selector(".fn-actions")


def ask_and_read(page: Page, question: str) -> None:
    """Ask a question; where there is room, open its first source beside it."""
    ask(page, question)
    if not is_narrow(page):
        page.click(".fn-cite >> nth=0")
        page.wait_for_selector("mark.fn-cited")


def open_documents(page: Page) -> None:
    """Show the left pane with the list of documents."""
    if is_narrow(page):
        page.click("#fn-fold-sources")
    page.click("[data-tab-id=documents]")
    page.wait_for_selector("#fn-documents .fn-document")


def begin(page: Page) -> None:
    """Show the window without documents."""
    page.wait_for_selector(".fn-begin")


def empty(page: Page) -> None:
    """Show the window before a question."""
    page.wait_for_selector("#fn-suggestions .fn-suggestion")


def answer(page: Page) -> None:
    """Show a short answer, two quotations, and the source of the first."""
    ask_and_read(page, "How many helmets does Germany deliver to Ukraine?")


def source(page: Page) -> None:
    """Show the reader with a cited sentence."""
    answer(page)
    if is_narrow(page):
        page.click(".fn-cite >> nth=0")
        page.wait_for_selector("mark.fn-cited")


def table(page: Page) -> None:
    """Show a quoted row of a table with its header."""
    ask_and_read(page, "Who is the German defence minister?")


def refusal(page: Page) -> None:
    """Show a refusal with the closest passages."""
    ask(page, "Who won the football world cup in 2018?")


def printed(page: Page) -> None:
    """Show the printed page of a cited sentence."""
    ask(page, "What is Bild?")
    page.click(".fn-cite >> nth=0")
    page.wait_for_selector("mark.fn-cited")
    page.wait_for_timeout(_SETTLED)


def edit(page: Page) -> None:
    """Show a question that is being edited."""
    ask(page, "Who is the mayor of Kyiv?")
    page.click(".fn-edit")
    page.wait_for_selector(".fn-editing")


def error(page: Page) -> None:
    """Show a question that was not accepted."""
    page.fill(BOX, "x" * 3000)
    page.press(BOX, "Enter")
    page.wait_for_selector(".fn-error")
    page.fill(BOX, "")


def documents(page: Page) -> None:
    """Show the list of documents."""
    open_documents(page)


def ticked(page: Page) -> None:
    """Show the list with some documents ticked, and the line at the question."""
    open_documents(page)
    page.uncheck(".fn-every .fn-tick")
    for row in (0, 1):
        page.check(f"#fn-documents li .fn-tick >> nth={row}")
    page.wait_for_selector(".fn-only", state="attached")


def added(page: Page) -> None:
    """Show files that were added, one of them damaged."""
    open_documents(page)
    mill = {"name": "mill.txt", "mimeType": "text/plain", "buffer": b"The mill grinds corn."}
    bad = {"name": "scan.docx", "mimeType": "application/zip", "buffer": b"PK"}
    page.locator("#fn-add input[type=file]").first.set_input_files([mill, bad])  # type: ignore[list-item]
    page.wait_for_selector(".fn-rows li[data-state=ready]")
    page.wait_for_selector(".fn-told .fn-clear")


def chats(page: Page) -> None:
    """Show the list of conversations."""
    ask_and_read(page, "What did NATO announce?")
    if is_narrow(page):
        page.click("#fn-fold-sources")
    page.click("[data-tab-id=chats]")
    page.wait_for_selector(".fn-chat[aria-current]")


def folded(page: Page) -> None:
    """Show the conversation alone."""
    ask(page, "Who is the mayor of Kyiv?")
    if not is_narrow(page):
        page.click("#fn-fold-sources")
        page.click("#fn-fold-reader")


def notes(page: Page) -> None:
    """Show an answer that was pinned."""
    ask_and_read(page, "What did NATO announce?")
    page.click(".fn-actions .fn-pin")
    if is_narrow(page):
        page.click("#fn-fold-sources")
    page.click("[data-tab-id=notes]")
    page.wait_for_selector("#fn-notes .fn-note")


def operation(page: Page) -> None:
    """Show the page for administrators."""
    open_documents(page)
    page.click("[data-tab-id=operation]")
    page.wait_for_selector("#fn-operation .fn-kind", state="attached")


def overview(page: Page) -> None:
    """Show the overview of a document."""
    open_documents(page)
    page.click("#fn-documents .fn-document >> nth=0")
    page.wait_for_selector("#fn-source .fn-overview .fn-asks")


STATES: tuple[Action, ...] = (
    empty, answer, source, table, refusal, printed, edit, error, documents, ticked, chats, folded,
    notes, operation, overview,
)  # fmt: skip
LOOKS: dict[str, tuple[Action, ...]] = {
    "": STATES,
    "dark": (answer, refusal, documents),
    "german": (answer, refusal, documents),
}


def reset(page: Page) -> None:
    """Close what the state before left open."""
    if page.locator("#fn-columns[data-sheet=sources]").count():
        page.keyboard.press("Escape")
    if is_narrow(page) and page.locator(".fn-close:visible").count():
        page.click(".fn-close")
    for name in () if is_narrow(page) else ("sources", "reader"):
        if page.locator(f"#fn-fold-{name}[aria-expanded=false]").count():
            page.click(f"#fn-fold-{name}")
    if page.locator("#fn-documents .fn-document:visible").count() == 0 and not is_narrow(page):
        page.click("[data-tab-id=documents]")
    if page.locator(".fn-exchange, .fn-only").count():  # else it could cancel the next question
        page.click("#fn-clear")
        page.wait_for_function("!document.querySelector('.fn-exchange, .fn-title, .fn-only')")


def take(browser: Browser, url: str, states: Sequence[Action], look: str = "") -> None:
    """Take the pictures of some states at each width."""
    for width, height in SIZES:
        context = browser.new_context(
            locale="de-DE" if look == "german" else "en-GB",
            viewport={"width": width, "height": height},
            color_scheme="dark" if look == "dark" else "light",
            has_touch=width < SIZES[-1][0],
        )
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(url)
        page.wait_for_selector("#fn-suggestions .fn-suggestion, .fn-begin")
        page.wait_for_function("document.querySelector('#fn-fold-sources[aria-expanded]')")
        for state in states:
            reset(page)
            state(page)
            page.mouse.move(width / 2, 2)
            page.wait_for_timeout(_SETTLED)
            name = {"printed": "page"}.get(state.__name__, state.__name__)
            file = IMAGES / f"{'-'.join(filter(None, (name, look)))}-{width}.png"
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        context.close()


def take_all(browser: Browser, url: str, names: Collection[str]) -> None:
    """Take the pictures of the named states, or of all, in a window with the seeds."""
    for look, states in LOOKS.items():
        wanted = [state for state in states if not names or state.__name__ in names]
        if wanted:
            take(browser, url, wanted, look)
    if not names or added.__name__ in names:  # last: the other pictures are of the seeds only
        take(browser, url, [added])


def main() -> None:
    """Take the pictures of the named states, or of all."""
    names = {name for name in sys.argv[1:] if not name.startswith("http")}
    url = next((each for each in sys.argv[1:] if each.startswith("http")), "")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        if url:
            take_all(browser, url, names)
            return
        if not names or "begin" in names:
            home = Path(folder) / "empty"
            home.mkdir()
            with serve(home) as window:
                take(browser, window.url, [begin])
        home = Path(folder) / "seeds"
        shutil.copytree(ROOT / "seeds", home / "seeds")
        subprocess.run([sys.executable, "-m", "ui.cli", "index"], cwd=home, check=True)
        with serve(home) as window:
            take_all(browser, window.url, names)


if __name__ == "__main__":
    main()
