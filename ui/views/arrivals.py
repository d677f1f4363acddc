"""Renders what is added: where to add it, and how far each file is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.library.documents import list_suffixes
from rag.library.intake import Arrival, Intake
from rag.library.library import Failure
from ui.left_out import count_suffixes
from ui.views.failures import explain, explain_remark
from ui.views.html import render
from ui.views.wording import ENGLISH, Wording

_FEW = 3  # files of unknown formats that get a row each; more are counted in one
_MOST_ROWS = 1000  # the list is sent again whenever a state changes
_ORDER = ("reading", "failed", "waiting", "ready")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the list: a file, its state in words, and why it was not read, or not wholly."""

    name: str
    state: str
    word: str
    reason: str = ""


def render_begin(*, empty: bool, say: Wording = ENGLISH) -> str:
    """Return the place to begin at: an empty string if there are documents."""
    return render("begin.html", say, empty=empty, known=_known())


def render_add(say: Wording = ENGLISH) -> str:
    """Return the buttons that add files, a folder or pasted text."""
    return render("add.html", say, known=_known())


def _known() -> str:
    return " ".join(list_suffixes())


def render_arrivals(intake: Intake, say: Wording = ENGLISH) -> str:
    """Return the files that arrived with their states; those being read and failed come first.

    Of those that are ready, the ones that were not read wholly come first.
    """
    return render(
        "arrivals.html",
        say,
        rows=[*_list_rows(intake.arrivals, say)],
        told=describe(intake, say),
        busy=intake.busy,
        partly=intake.partly and not intake.busy,
        done=intake.count("ready", "failed"),
        count=len(intake.arrivals),
    )


def render_reading(intake: Intake, say: Wording = ENGLISH) -> str:
    """Return the line beside the conversation that says how far reading is, while it runs."""
    shown = intake.busy and intake.arrivals
    return render("reading.html", say, told=describe(intake, say) if shown else "")


def describe(intake: Intake, say: Wording) -> str:
    """Return how many files are read, in a line."""
    count, failed = len(intake.arrivals), intake.count("failed")
    if intake.holder:
        return say("waiting_for", holder=intake.holder)
    if intake.problem and not count:
        return explain(intake.problem, say)
    if not count:
        if intake.busy:
            return say("looking")
        return say("nothing_changed") if intake.updated else ""
    done = intake.count("ready")
    parts = [say("read_count", done=f"{done:,}", count=f"{count:,}")]
    if failed:
        parts.append(say("failed_count", count=f"{failed:,}"))
    if intake.partly and not intake.busy:
        parts.append(say("partly"))
    return " · ".join(parts)


def _list_rows(arrivals: Sequence[Arrival], say: Wording) -> Iterator[_Row]:
    unknown = [arrival for arrival in arrivals if arrival.unsupported]
    counted = unknown if len(unknown) > _FEW else []
    ordered = sorted(
        (arrival for arrival in arrivals if not (counted and arrival.unsupported)),
        key=lambda arrival: (_ORDER.index(arrival.state), not arrival.remark),
    )
    if counted:
        failures = [Failure(each.name, "", unsupported=True) for each in counted]
        count, suffixes = count_suffixes(failures)
        told = say("unknown_formats", count=count, suffixes=suffixes)
        yield _Row(told, "failed", say("state_failed"))
    for arrival in ordered[:_MOST_ROWS]:
        reason = ""
        if arrival.unsupported:
            suffix = Path(arrival.name).suffix.lower()
            reason = say("why_format", suffix=suffix) if suffix else say("why_no_suffix")
        elif arrival.reason:
            reason = explain(arrival.reason, say)
        elif arrival.remark:
            reason = explain_remark(arrival.remark, say)
        yield _Row(arrival.name, arrival.state, say(f"state_{arrival.state}"), reason)
    if len(ordered) > _MOST_ROWS:
        yield _Row(say("more_files", count=f"{len(ordered) - _MOST_ROWS:,}"), "waiting", "")
