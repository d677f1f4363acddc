"""What the last updates of an index did, in a file of its store."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index import Report, write_atomically

log = logging.getLogger(__name__)

_KEPT = 20  # updates
_NAMED = 50  # files of each kind that are named


@dataclass(frozen=True, slots=True)
class Update:
    """An update that changed something.

    `at` is the time at which it ended (ISO 8601, UTC). `counts` has the numbers of files by kind:
    added, changed, moved, removed and failed. `named` has the first of them, for a failed file with
    the reason. `documents` counts what the index holds since then.
    """

    at: str
    counts: dict[str, int]
    named: dict[str, list[str]]
    documents: int


def note_update(store: Path, report: Report) -> Report:
    """Record what an update did, and return its report. If that fails, a warning is logged."""
    plan = report.plan
    names = {
        "added": list(plan.added),
        "changed": list(plan.changed),
        "moved": [f"{before} -> {after}" for before, after in plan.moved],
        "removed": list(plan.removed),
        "failed": [f"{failure.path}: {failure.reason}" for failure in report.new_failures],
    }
    counts = {kind: len(paths) for kind, paths in names.items() if paths}
    if not counts:
        return report
    named = {kind: paths[:_NAMED] for kind, paths in names.items() if paths}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    updates = [Update(now, counts, named, report.documents), *read_updates(store)][:_KEPT]
    try:
        write_atomically(
            _find_file(store), json.dumps([asdict(update) for update in updates]).encode()
        )
    except OSError as error:
        log.warning("what the update did could not be recorded (%s)", error.strerror)
    return report


def read_updates(store: Path) -> list[Update]:
    """Return the last updates that changed something, the newest first."""
    try:
        return [Update(**fields) for fields in json.loads(_find_file(store).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):  # none yet, or damaged
        return []


def _find_file(store: Path) -> Path:
    return store / "updates.json"
