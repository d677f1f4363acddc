"""The process that opens a segment's Chroma store to check it: a crash of Chroma ends here.

Its native library trusts the files that it reads. What they hold is compared with what was
embedded, and a line of JSON says what is wrong.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import closing
from pathlib import Path

from index.errors import StoreBrokenError
from index.files.layout import SegmentLayout
from index.remote.local import LocalOnly
from index.snapshots.checks import check_vectors
from index.snapshots.segments import Segment
from index.types import LEVELS


def main() -> None:
    """Check the segment whose folder is the last argument."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = os.dup(1)
    os.dup2(2, 1)  # libraries may print
    os.write(answer, json.dumps(check_store(Path(sys.argv[-1]))).encode())


def check_store(folder: Path) -> list[str]:
    """Return what is wrong with the Chroma store of a segment's folder, a line each."""
    try:
        with closing(Segment(folder, LocalOnly(SegmentLayout(folder).store))) as segment:
            return [fault for level in LEVELS for fault in check_vectors(segment, level)]
    except StoreBrokenError as error:
        return [f"{folder.name}: {error.problem}"]
