"""Take the README's pictures of the window: `python tools/take_screenshots.py [URL]`.

The window must be running over the seeds (`make chat`). Needs playwright and Chromium.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "images"
URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
VIEWS = (
    ("window", 1280, 720, "light"),
    ("window-dark", 1280, 720, "dark"),
    ("phone", 390, 844, "light"),
)


def main() -> None:
    """Ask a question in each view, open its first source, take a picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        for name, width, height, scheme in VIEWS:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            page.goto(URL)
            page.wait_for_selector(".fn-suggestion", timeout=60_000)
            page.fill("#fn-question textarea", "How many helmets does Germany deliver to Ukraine?")
            page.press("#fn-question textarea", "Enter")
            page.click(".fn-cite >> nth=0")
            page.wait_for_selector("mark.fn-cited")
            page.wait_for_timeout(500)
            page.screenshot(path=IMAGES / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
