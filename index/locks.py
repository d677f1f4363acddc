"""One writer of a store at a time, by a lock that dies with its process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import portalocker

from index.errors import StoreBusyError, StoreNotWritableError
from index.layout import StoreLayout
from index.origin import find_origin
from index.types import OnWait

_WAITING = portalocker.LockFlags.EXCLUSIVE
_EXCLUSIVE = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING


@contextmanager
def hold_writer_lock(store: Path, on_wait: OnWait | None = None) -> Iterator[bool]:
    """Be the one writer of a store, which is made if need be; yields whether it had to wait.

    While another process writes, `on_wait` is told who, once, and the lock is waited for. If the
    store is a copy of a server's, that is waited for as well, and the copy is up to date then.
    Raises `StoreBusyError`, naming the holder, without `on_wait`, `StoreNotWritableError`, and
    `StoreUnreachableError`.
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
    with stream, ExitStack() as stack:
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
        origin = find_origin(store)
        if origin is not None:
            waited |= stack.enter_context(origin.writing(on_wait))
        yield waited
