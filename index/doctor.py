"""Checks a published snapshot from end to end."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

from index.errors import StoreBrokenError
from index.segments import check_segment
from index.snapshot import open_snapshot
from index.types import LEVELS


def check_index(store: Path) -> list[str]:
    """Return what is wrong with the published snapshot, a line each; nothing if all is well.

    Checked are the counts and vectors of every segment, what Chroma holds, the span of every
    sentence, and the number of rows that the manifest claims. Raises `StoreMissingError`, and
    `StoreBrokenError` when the snapshot cannot even be opened.
    """
    with closing(open_snapshot(store)) as snapshot:
        faults: list[str] = []
        for name in snapshot.manifest.segments:
            records = [record for record in snapshot.documents if record.segment == name]
            segment = snapshot.segment(name)
            try:
                faults += check_segment(segment, [record.row for record in records])
                faults += [
                    f"{name}: Chroma holds {held} of {segment.count(level)} {level}"
                    for level in LEVELS
                    if (held := segment.collections.count(level)) != segment.count(level)
                ]
                faults += [
                    f"{record.path}: {len(rows)} of {claimed} {level} are stored"
                    for record in records
                    for level, claimed in zip(
                        LEVELS, (record.sentences, record.passages), strict=True
                    )
                    if len(rows := segment.rows(level, record.row)) != claimed
                ]
            except (OSError, ValueError, IndexError, StoreBrokenError) as error:
                faults.append(f"{name}: cannot be read ({type(error).__name__})")
        return faults


def is_changed(source: str, sha256: str) -> bool | None:
    """Return whether a file differs from what was indexed; None when it is gone."""
    try:
        return hashlib.sha256(Path(source).read_bytes()).hexdigest() != sha256
    except OSError:
        return None
