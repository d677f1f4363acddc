"""Takes the README's screenshots of the window: `python tools/take_screenshots.py [URL]`.

The window must be running with the seeds (`make chat`). Needs playwright and Chromium.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "images"
BOX = "#fn-question textarea"
URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
VIEWS = (
    ("window", 1280, 720, "light"),
    ("window-dark", 1280, 720, "dark"),
    ("phone", 390, 844, "light"),
)
GERMAN = ("german", 1280, 720, "light")


def main() -> None:
    """In each view, ask a question, open its first source, and take screenshots."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        for name, width, height, scheme in (*VIEWS, GERMAN):
            context = browser.new_context(
                locale="de-DE" if name == "german" else "en-GB",
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.goto(URL)
            page.wait_for_selector(".fn-suggestion", timeout=60_000)
            if name == "window":
                page.screenshot(path=IMAGES / "empty.png")
            page.fill(BOX, "How many helmets does Germany deliver to Ukraine?")
            page.press(BOX, "Enter")
            page.click(".fn-cite >> nth=0")
            page.wait_for_selector("mark.fn-cited")
            page.mouse.move(5, 5)
            page.wait_for_timeout(500)
            page.screenshot(path=IMAGES / f"{name}.png")
            if name == "window":
                take_others(page)
            context.close()
        browser.close()


def take_others(page: Page) -> None:
    """Take screenshots of a refusal, of the lists, and of a PDF page."""
    page.fill(BOX, "Who won the football world cup in 2018?")
    page.press(BOX, "Enter")
    page.click(".fn-closest summary")
    page.wait_for_timeout(500)
    page.screenshot(path=IMAGES / "refusal.png")
    for tab, name in (("Documents", "documents"), ("Chats", "chats")):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(500)
        page.screenshot(path=IMAGES / f"{name}.png")
    page.fill(BOX, "What is Bild?")
    page.press(BOX, "Enter")
    page.wait_for_selector(".fn-exchange >> nth=2 >> .fn-cite")
    page.click(".fn-exchange >> nth=2 >> .fn-cite")
    page.wait_for_selector(".fn-sheet img")
    page.mouse.move(5, 5)
    page.wait_for_timeout(800)
    page.screenshot(path=IMAGES / "page.png")


if __name__ == "__main__":
    main()
