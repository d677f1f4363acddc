"""Renders the page about the window's operation as HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rag.library.update_log import Update
from ui.state.question_log import Asked
from ui.views.html import render
from ui.views.wording import ENGLISH, Wording


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows.

    `kinds` has, by kind, the number of questions and the newest of them: "refused", "disliked",
    "slow" and "failed". `cases` is the file of evaluation questions.
    """

    asked: tuple[Asked, ...]
    kinds: Mapping[str, tuple[int, tuple[Asked, ...]]]
    text_kept: bool
    updates: tuple[Update, ...]
    cases: Path


def render_operation(page: Page, say: Wording = ENGLISH) -> str:
    """Return the page: numbers, questions that went wrong, and the last updates."""
    outcomes = Counter(each.outcome for each in page.asked)
    times = [each.seconds for each in page.asked if each.outcome in ("answered", "refused")]
    return render(
        "operation.html",
        say,
        page=page,
        outcomes=[(say(f"outcome_{name}"), count) for name, count in outcomes.most_common()],
        seconds=f"{median(times):.2f}" if times else "",
        updates=[(update, _count(update, say)) for update in page.updates],
    )


def render_case(line: str, file: Path, say: Wording = ENGLISH) -> str:
    """Return the line of an evaluation question that was stored in a file."""
    return render("case.html", say, line=line, file=file)


def _count(update: Update, say: Wording) -> str:
    return ", ".join(say(f"count_{kind}", count=count) for kind, count in update.counts.items())
