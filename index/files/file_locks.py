"""Locks on open files. The operating system releases them when the process ends."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import portalocker
from portalocker.exceptions import AlreadyLocked

from index.errors import StoreError

_FLAGS = portalocker.LockFlags


def lock_file(stream: IO[Any], *, shared: bool = False, wait: bool = False) -> bool:
    """Lock an open file until it is closed. Return False if another process holds the lock.

    With `wait`, wait until the other process releases it. Raises `StoreError` if the file system
    has no locks: without them, two writers would destroy each other's work.
    """
    flags = _FLAGS.SHARED if shared else _FLAGS.EXCLUSIVE
    try:
        portalocker.lock(stream, flags if wait else flags | _FLAGS.NON_BLOCKING)
    except AlreadyLocked:
        return False
    except portalocker.LockException as error:
        reason = getattr(error.__cause__, "strerror", None) or type(error).__name__
        raise StoreError(
            f"the file system that holds {Path(stream.name).parent} has no file locks ({reason})",
            "choose a folder on another disk with --store or RAG_STORE",
        ) from error
    return True
