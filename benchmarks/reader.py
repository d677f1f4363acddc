"""Waiting times in the reader: a PDF of 2,000 pages opened from the list, and at a citation.

Measured in Chromium (`chromium` on the path), on a warm window. Each visit uses a new browser
context.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from fpdf import FPDF
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.window import FLAGS
from tests.window import serve

ROUNDS = 7
PAGES = 2_000
_BOX = "#fn-question textarea"
_SHOWN = ".fn-text :is(p, span, mark)"


def write_manual(file: Path) -> None:
    """Write a PDF of `PAGES` pages with a sentence each."""
    pdf = FPDF()
    pdf.set_font("Times", size=12)
    for number in range(1, PAGES + 1):
        pdf.add_page()
        pdf.text(20, 40, f"The crane number {number} lifts {number + 5} tons")
        pdf.text(20, 46, "and was built in May.")
    pdf.output(str(file))


def measure_visit(browser: Browser, url: str) -> dict[str, float]:
    """Return the waiting times of one visit, in milliseconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector(_BOX)
    page.get_by_role("tab", name="Documents").click()
    waits = {"from the list to its first text": _time(page, ".fn-document >> nth=0", _SHOWN)}
    page.fill(_BOX, "How many tons does the crane number 1500 lift?")
    page.press(_BOX, "Enter")
    page.wait_for_selector(".fn-cite")
    waits["from a citation to the marked sentence"] = _time(
        page, ".fn-cite >> nth=0", "mark.fn-cited"
    )
    context.close()
    return waits


def _time(page: Page, clicked: str, awaited: str) -> float:
    page.wait_for_selector(clicked)
    start = perf_counter()
    page.click(clicked)
    page.wait_for_selector(awaited)
    return 1000 * (perf_counter() - start)


def print_reader() -> None:
    """Print the medians of several visits. Does nothing without Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("the reader: not measured, chromium is not installed")
        return
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        home = Path(folder)
        (home / "docs").mkdir()
        write_manual(home / "docs" / "manual.pdf")
        command = [sys.executable, "-m", "ui.cli", "index", "docs"]
        subprocess.run(command, cwd=home, check=True, capture_output=True)
        with serve(home) as window, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
            measure_visit(browser, window.url)  # the first one warms the server
            visits = [measure_visit(browser, window.url) for _ in range(ROUNDS)]
            browser.close()
    print(f"the reader, {PAGES:,} pages, median of {ROUNDS} visits:")
    for name in visits[0]:
        print(f"  {name}: {median(visit[name] for visit in visits):.0f} ms")


if __name__ == "__main__":
    print_reader()
