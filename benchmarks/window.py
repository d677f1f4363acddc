"""Waiting times in the window: first paint, first words, whole answer, marked sentence.

Measured in Chromium (`chromium` on the path), on a warm window over the seeds. Each visit uses a
new browser context. A visitor needs two actions from the question to its source: Enter, and a click
on a citation.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser, sync_playwright

from benchmarks.latency import SEEDS
from tests.window import serve

ROUNDS = 7
_QUESTION = "How many helmets does Germany deliver?"
_BOX = "#fn-question textarea"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"


def measure_visit(browser: Browser, url: str) -> dict[str, float]:
    """Return the waiting times of one visit, in milliseconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    start = perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(_BOX)
    waits = {"until the question can be typed": perf_counter() - start}
    paint = page.evaluate(_PAINT)
    page.wait_for_selector(".fn-suggestion")
    page.fill(_BOX, _QUESTION)
    start = perf_counter()
    page.press(_BOX, "Enter")
    page.wait_for_function(
        "/\\w/.test(document.querySelector('.fn-partial, .fn-answer p')?.textContent"
        ".replace(document.querySelector('.fn-wait')?.textContent, '') ?? '')"
    )
    waits["from Enter to the first words"] = perf_counter() - start
    page.wait_for_selector(".fn-cite")
    waits["from Enter to the whole answer"] = perf_counter() - start
    start = perf_counter()
    page.click(".fn-cite >> nth=0")
    page.wait_for_selector("mark.fn-cited")
    waits["from the click to the marked sentence"] = perf_counter() - start
    context.close()
    return {"first contentful paint": paint} | {name: 1000 * s for name, s in waits.items()}


def print_window() -> None:
    """Print the medians of several visits. Does nothing without Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("the window: not measured, chromium is not installed")
        return
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        home = Path(folder)
        shutil.copytree(SEEDS, home / "seeds")
        subprocess.run(
            [sys.executable, "-m", "ui.cli", "index"], cwd=home, check=True, capture_output=True
        )
        with serve(home) as window, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
            measure_visit(browser, window.url)  # the first one warms the server
            visits = [measure_visit(browser, window.url) for _ in range(ROUNDS)]
            browser.close()
    print(f"the window, median of {ROUNDS} visits:")
    for name in visits[0]:
        print(f"  {name}: {median(visit[name] for visit in visits):.0f} ms")


if __name__ == "__main__":
    print_window()
