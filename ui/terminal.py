"""Output of the command line: results on standard output, all other messages on standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from rag.library.documents import file_status
from rag.library.library import (
    DocumentRecord,
    OnProgress,
    Plan,
    Progress,
    Repair,
    Report,
)
from rag.types import Answer, Citation, Delta
from ui.left_out import describe_failures

if TYPE_CHECKING:
    from rag.evaluation.compare import Difference
    from rag.evaluation.run import Scores
    from rag.generation.chat_models import Offer

_STAGES = {
    "fetch": "Fetching",
    "read": "Reading pages",
    "embed": "Embedding",
    "store": "Storing",
    "ask": "Asking",
}

# Control characters and text direction marks, except line ends, tabs, and the codes for bold.
_CONTROL = re.compile(
    r"\x1b(?!\[[01]m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def write(text: str = "", stream: TextIO | None = None) -> None:
    """Print a line. Characters that the terminal's encoding lacks are shown as escapes.

    Control characters are escaped too: text of documents and models is not trusted.
    """
    stream = stream or sys.stdout
    text = _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()  # programs that read from a pipe get the line at once


def print_error(message: str) -> None:
    """Print why a command failed, on one line."""
    write(f"rag: {message}", sys.stderr)


def print_address(url: str) -> None:
    """Print the URL of the window."""
    write(f"Footnote is at {url} (Ctrl-C stops it)")


def print_waiting(holder: str) -> None:
    """Print that another process is writing the index."""
    write(f"rag: waiting for {holder}, which is writing the index", sys.stderr)


def print_json(value: Any) -> None:
    """Print one JSON value, without ASCII escapes if the terminal's encoding allows it."""
    write(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def show_progress() -> Iterator[OnProgress]:
    """Show a progress bar while the body runs, if standard error is a terminal."""
    from tqdm import tqdm

    bar: tqdm[Any] | None = None
    shown = ""

    def on_progress(progress: Progress) -> None:
        nonlocal bar, shown
        if progress.stage != shown or bar is None or bar.total != progress.total:
            if bar is not None:
                bar.close()
            shown = progress.stage
            bar = tqdm(
                desc=_STAGES.get(progress.stage, progress.stage),
                total=progress.total,
                disable=None,  # disabled unless standard error is a terminal
                file=sys.stderr,
                leave=False,
            )
        bar.n = progress.done
        bar.set_postfix_str(Path(progress.detail).name[-40:], refresh=False)
        bar.refresh()

    try:
        yield on_progress
    finally:
        if bar is not None:
            bar.close()


def print_plan(plan: Plan, verbose: bool = False) -> None:
    """Print what an update would do. With `verbose`, list the files of unknown formats, too."""
    for sign, paths in (
        ("+", plan.added),
        ("~", plan.changed),
        (">", [f"{old} -> {new}" for old, new in plan.moved]),
        ("-", plan.removed),
    ):
        for path in paths:
            write(f"{sign} {path}")
    for line in describe_failures(plan.failures, verbose):
        write(f"rag: {line}", sys.stderr)
    write(_count_plan(plan))


def _count_plan(plan: Plan) -> str:
    unchanged = f"{len(plan.unchanged)} unchanged" if plan.unchanged else ""
    excluded = f"{len(plan.excluded)} skipped (removed earlier)" if plan.excluded else ""
    parts = filter(None, (count_changes(plan), unchanged, excluded))
    return ", ".join(parts) or "nothing to do"


def count_changes(plan: Plan) -> str:
    """Return the numbers of changes in words; an empty string if nothing changes."""
    counts = (
        (len(plan.added), "added"),
        (len(plan.changed), "changed"),
        (len(plan.moved), "moved"),
        (len(plan.removed), "removed"),
    )
    return ", ".join(f"{count} {name}" for count, name in counts if count)


def print_report(report: Report, place: str, verbose: bool = False) -> None:
    """Print what an update did. Files that could not be indexed go to standard error.

    Of those that could not be indexed before either, only the number is printed, unless `verbose`.
    """
    new = report.failures if verbose else report.new_failures
    for line in describe_failures(new, verbose):
        write(f"rag: {line}", sys.stderr)
    for path, remark in report.remarks:
        write(f"rag: {path}: {remark}", sys.stderr)
    if old := len(report.failures) - len(new):
        write(f"rag: {old} files cannot be indexed, as before (see `rag documents`)", sys.stderr)
    write(
        f"{_count_plan(report.plan)}. The index at {place} holds {report.documents} documents, "
        f"{report.sentences} sentences."
    )
    if report.advice:
        write(f"rag: {report.advice}", sys.stderr)


def print_copied(report: Report, target: str) -> None:
    """Print how much was copied, and to which target."""
    write(
        f"Copied {report.documents} documents, {report.sentences} sentences, to {target}; "
        "no text was embedded again."
    )


def await_answer(deltas: Iterable[Delta]) -> Answer:
    """Return the answer at the end of a stream; meanwhile say which part of a text is being read.

    Only if standard error is a terminal. The line is cleared afterwards.
    """
    last, line = Delta(), ""
    try:
        for last in deltas:
            if last.progress is not None and sys.stderr.isatty():
                number, count = last.progress
                line = f"Reading part {number} of {count}..."
                _overwrite(line)
    finally:
        if line:
            _overwrite(" " * len(line))
    return last.require_answer()


def _overwrite(line: str) -> None:
    """Write over the current line of standard error, and go back to its beginning."""
    sys.stderr.write(f"\r{line}\r")
    sys.stderr.flush()


def print_answer(answer: Answer) -> None:
    """Print an answer with its citations, the short answer in bold on a terminal."""
    write(_embolden(answer))
    if answer.notice:
        write(f"rag: {answer.notice}", sys.stderr)
    for search in answer.searches:
        write(f"rag: searched for: {search}", sys.stderr)
    if answer.unsupported:
        write("rag: no document supports the sentences marked [?]", sys.stderr)
    if answer.citations:
        write()
    for citation in answer.citations:
        write(_describe_citation(citation))
    if answer.refused and answer.closest:
        write("\nThe closest passages (they may not answer the question):")
        for citation in answer.closest:
            write(f"  {' '.join(citation.sentence.split())} ({_place(citation)})")


def print_offers(offers: Sequence[Offer], current: str) -> None:
    """Print the available chat models; a star marks the current one."""
    width = max(len(offer.name) for offer in offers)
    for offer in sorted(offers, key=lambda offer: not offer.ready):
        mark = "*" if offer.name == current else " "
        write(f"{mark} {offer.name:{width}}  {offer.remark}")
    write("\nSet one with RAG_CHAT_MODEL=NAME.")


def _embolden(answer: Answer) -> str:
    if not (sys.stdout.isatty() and "NO_COLOR" not in os.environ):
        return answer.text
    text = answer.text
    for start, end in sorted(answer.emphasis, reverse=True):
        text = f"{text[:start]}\033[1m{text[start:end]}\033[0m{text[end:]}"
    return text


def _describe_citation(citation: Citation) -> str:
    return f"[{citation.number}] {citation.title} ({_place(citation)})"


def _place(citation: Citation) -> str:
    parts = (citation.document, citation.place, f"characters {citation.start}-{citation.end}")
    return ", ".join(filter(None, parts))


def print_watching() -> None:
    """Print that the command is watching files for changes."""
    write("Watching for changes (Ctrl-C stops it)")


def print_repair(repair: Repair) -> None:
    """Print what a repair found and did."""
    for fault in repair.faults:
        write(fault)
    for path in repair.lost:
        write(f"rag: {path} is lost: its text is damaged, its file gone or changed", sys.stderr)
    for line in repair.unrepaired:
        write(f"rag: {line}", sys.stderr)
    if repair.faults:
        write(
            f"Repaired: {repair.rebuilt} documents rebuilt, "
            f"{repair.embedded} passages embedded again."
        )
    else:
        write("The index has no faults; nothing to repair.")


def print_check(faults: Sequence[str], records: Sequence[DocumentRecord]) -> None:
    """Print the faults of an index, and the files that differ from it."""
    for fault in faults:
        write(fault)
    stale = [record.path for record in records if file_status(record) != "indexed"]
    for path in stale:
        write(f"{path} has changed or is gone since it was indexed: run `rag index`")
    if faults:
        write(f"{len(faults)} faults: run `rag doctor --repair`")
    else:
        write(f"The index has no faults: {len(records)} documents checked.")


def print_scores(scores: Scores) -> None:
    """Print the scores of an evaluation."""
    for name, value in scores.to_dict().items():
        shown = f"{value:.3f}" if isinstance(value, float) else ("-" if value is None else value)
        write(f"{name:20} {shown}")


def print_differences(differences: Sequence[Difference]) -> None:
    """Print a table of the differences from an earlier run."""
    if differences:
        write(f"\n{'against earlier run':22}{'before':>8}{'now':>8}{'+':>6}{'-':>6}{'p':>8}")
    for each in differences:
        write(
            f"{each.metric:22}{each.before:8.3f}{each.after:8.3f}{each.better:6}{each.worse:6}"
            f"{each.p:8.4f}"
        )
