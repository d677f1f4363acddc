"""The process that checks a segment's Chroma store. Chroma may crash it.

Chroma's native library trusts its files, so damaged files may crash it. This process compares the
vectors in Chroma with the segment's vector files and prints the faults as one line of JSON.
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
    """Check the segment whose folder is the last command line argument."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = os.dup(1)
    os.dup2(2, 1)  # what libraries print must not mix with the answer
    os.write(answer, json.dumps(check_store(Path(sys.argv[-1]))).encode())


def check_store(folder: Path) -> list[str]:
    """Return the faults of the Chroma store in a segment's folder, one line each."""
    try:
        with closing(Segment(folder, LocalOnly(SegmentLayout(folder).store))) as segment:
            return [fault for level in LEVELS for fault in check_vectors(segment, level)]
    except StoreBrokenError as error:
        return [f"{folder.name}: {error.problem}"]
