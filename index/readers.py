"""Readers of a snapshot keep it from being collected, by locks that die with their process."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import portalocker

from index.layout import StoreLayout

_EXCLUSIVE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
_SHARED = portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING


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
        portalocker.lock(stream, _SHARED)
    except portalocker.LockException:
        stream.close()
        return None
    if not file.exists():  # collected between opening and locking
        stream.close()
        return None
    return stream


def is_read(store: Path, snapshot: str) -> bool:
    """Whether any process has a snapshot open."""
    try:
        with StoreLayout(store).reader_lock(snapshot).open("rb") as stream:
            portalocker.lock(stream, _EXCLUSIVE)
    except FileNotFoundError:
        return False
    except portalocker.LockException:
        return True
    return False
