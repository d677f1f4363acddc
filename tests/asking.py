"""Asks questions in a window that a browser shows."""

from playwright.sync_api import Page, expect

BOX = "#fn-question textarea"


def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    page.fill(BOX, question)
    page.press(BOX, "Enter")


def ask_and_wait(page: Page, question: str) -> None:
    """Ask a question; return when its answer is complete."""
    answers = page.locator(".fn-exchange .fn-answer:not(.fn-partial)")
    before = answers.count()
    ask(page, question)
    expect(answers).to_have_count(before + 1)
    expect(page.locator(".fn-export")).to_be_visible()
