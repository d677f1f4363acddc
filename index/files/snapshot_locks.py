"""Readers of a snapshot keep it from being collected, by locks that die with their process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from index.files.file_locks import lock_file
from index.files.layout import StoreLayout


def share_reader_lock(store: Path, snapshot: str) -> IO[bytes] | None:
    """Keep a snapshot from being collected for as long as the returned file is open.

    Returns None if it is being collected just now.
    """
    file = StoreLayout(store).reader_lock(snapshot)
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        return None
    try:
        # It may have been collected between opening and locking.
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
    """Let nobody begin to read a snapshot in the block; yields False if somebody reads it.

    Who comes meanwhile is told that it is being collected, and not that it is damaged.
    """
    file = StoreLayout(store).reader_lock(snapshot)
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        yield True
        return
    with stream:
        yield lock_file(stream)
