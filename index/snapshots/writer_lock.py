"""One writer of a store at a time, by a lock that dies with its process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from index.chroma.remote import find_origin
from index.errors import StoreBusyError, StoreNotWritableError
from index.files.file_locks import lock_file
from index.files.layout import StoreLayout, make_folder
from index.types import OnWait


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
            make_folder(folder)
            _close_to_others(folder)
        stream = layout.writer_lock.open("a+b", buffering=0)
    except OSError as error:
        raise StoreNotWritableError(
            f"the index folder {store} cannot be written ({error.strerror})",
            "choose another with --store or RAG_STORE",
        ) from error
    with stream, ExitStack() as stack:
        waited = False
        if not lock_file(stream):
            stream.seek(0)
            holder = stream.read(200).decode("utf-8", "replace").strip() or "another process"
            if on_wait is None:
                raise StoreBusyError(
                    f"the index at {store} is being written by {holder}", "wait until it is done"
                )
            on_wait(holder)
            waited = lock_file(stream, wait=True)
        with suppress(OSError):  # on a full disk the name is lost, the lock is not
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        origin = find_origin(store)
        if origin is not None:
            waited |= stack.enter_context(origin.writing(on_wait))
        yield waited


def _close_to_others(folder: Path) -> None:
    """Let nobody but the owner, and a group that was let in, into a folder of an older version."""
    mode = folder.stat().st_mode
    if mode & 0o007:
        with suppress(OSError):  # it may be another user's, who shares it
            folder.chmod(mode & 0o7770)
