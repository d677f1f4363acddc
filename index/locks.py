"""Locks that die with their process: one writer of a store, any number of readers."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import portalocker

from index.errors import StoreBusyError, StoreNotWritableError
from index.layout import StoreLayout

OnWait = Callable[[str], None]

_WAITING = portalocker.LockFlags.EXCLUSIVE
_EXCLUSIVE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
_SHARED = portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING


@contextmanager
def hold_writer_lock(store: Path, on_wait: OnWait | None = None) -> Iterator[bool]:
    """Be the one writer of a store, which is made if need be; yields whether it had to wait.

    While another process writes, `on_wait` is told who, once, and the lock is waited for. Raises
    `StoreBusyError`, naming the holder, without `on_wait`, and `StoreNotWritableError`.
    """
    layout = StoreLayout(store)
    try:
        for folder in (layout.snapshots, layout.segments):
            folder.mkdir(parents=True, exist_ok=True)
        stream = layout.writer_lock.open("a+b", buffering=0)
    except OSError as error:
        raise StoreNotWritableError(
            f"the index folder {store} cannot be written ({error.strerror})",
            "choose another with --store or RAG_STORE",
        ) from error
    with stream:
        waited = False
        try:
            portalocker.lock(stream, _EXCLUSIVE)
        except portalocker.LockException as error:
            stream.seek(0)
            holder = stream.read(200).decode("utf-8", "replace").strip() or "another process"
            if on_wait is None:
                raise StoreBusyError(
                    f"the index at {store} is being written by {holder}", "wait until it is done"
                ) from error
            on_wait(holder)
            portalocker.lock(stream, _WAITING)
            waited = True
        with suppress(OSError):  # on a full disk the name is lost, the lock is not
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield waited


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
