"""Local Chroma stores whose files do not change when Chroma opens them, so that hashes stay valid.

Normally Chroma writes at each opening: it writes graphs that were too small to be written before,
and it inserts a row into its database to find out whether it may write.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

LEAST = 2  # records; Chroma writes no smaller graph
_SYNC = 1000  # records after which Chroma writes a graph by default


def plan_batches(rows: int, most: int) -> tuple[int, int]:
    """Return the batch size for a collection of `rows` records, and its `sync_threshold`.

    A batch holds at most `most` records. All batches but the last have the returned size; the
    last one too is large enough that Chroma writes the graph.
    """
    batches = max(1, -(-rows // most))
    size = max(1, -(-rows // batches))
    last = rows - (batches - 1) * size
    return size, max(LEAST, min(_SYNC, last))


def finish_database(file: Path) -> None:
    """Make Chroma's database ignore the row that Chroma inserts when it opens it.

    Raises `OSError`.
    """
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(
                "CREATE TRIGGER footnote_unchanged BEFORE INSERT ON acquire_write "
                "BEGIN SELECT RAISE(IGNORE); END"
            )
            connection.commit()
    except sqlite3.Error as error:
        raise OSError(f"Chroma's database could not be finished ({error})") from error
