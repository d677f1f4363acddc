"""Locks on open files, which end with the process that holds them."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import portalocker
from portalocker.exceptions import AlreadyLocked

from index.errors import StoreError

_FLAGS = portalocker.LockFlags


def lock_file(stream: IO[Any], *, shared: bool = False, wait: bool = False) -> bool:
    """Lock a file for as long as it is open; False if another process holds it.

    With `wait` the other one is waited for. Raises `StoreError` where the file system knows no
    locks: without them, two processes would destroy each other's work.
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
