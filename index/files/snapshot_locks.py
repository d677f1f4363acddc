"""File locks with which readers prevent the garbage collection of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from index.files.file_locks import lock_file
from index.files.layout import StoreLayout


def share_reader_lock(store: Path, snapshot: str) -> IO[bytes] | None:
    """Prevent the garbage collection of a snapshot while the returned file is open.

    Returns None if the snapshot is being collected or already was.
    """
    file = StoreLayout(store).reader_lock(snapshot)
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        return None
    try:
        # The snapshot may have been collected between opening and locking the file.
        kept = lock_file(stream, shared=True) and file.exists()
    except BaseException:
        stream.close()
        raise
    if kept:
        return stream
    stream.close()
    return None


@contextmanager
def keep_readers_out(store: Path, snapshot: str) -> Iterator[bool]:
    """Prevent new readers of a snapshot in the block. Yields False if it has a reader.

    Meanwhile `share_reader_lock` returns None, so a new reader does not find a half-deleted
    snapshot and report damage.
    """
    file = StoreLayout(store).reader_lock(snapshot)
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        yield True
        return
    with stream:
        yield lock_file(stream)
