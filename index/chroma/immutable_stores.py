"""Chroma stores that Chroma does not change when it opens them, so that their hashes hold.

Left to itself it writes at each opening: graphs that were not large enough to be written before,
and a row in its database, only to learn whether it may write.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

LEAST = 2  # records; Chroma writes no graph of less
_SYNC = 1000  # records after which Chroma writes a graph, if not told otherwise


def plan_batches(rows: int, most: int) -> tuple[int, int]:
    """Return the size of batches for a collection, and after how many records it is written.

    All but the last batch are of that size, and the last one too is large enough to be written.
    """
    batches = max(1, -(-rows // most))
    size = max(1, -(-rows // batches))
    last = rows - (batches - 1) * size
    return size, max(LEAST, min(_SYNC, last))


def finish_database(file: Path) -> None:
    """Make Chroma's database one that is not changed when it is opened. Raises `OSError`."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(
                "CREATE TRIGGER footnote_unchanged BEFORE INSERT ON acquire_write "
                "BEGIN SELECT RAISE(IGNORE); END"
            )
            connection.commit()
    except sqlite3.Error as error:
        raise OSError(f"Chroma's database could not be finished ({error})") from error
