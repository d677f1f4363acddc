"""One writer of an index at a time, by a file lock that ends with its process."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import StoreBusyError, StoreNotWritableError
from index.files.file_locks import lock_file
from index.files.layout import StoreLayout, make_folder
from index.remote.protocol import Remote
from index.types import OnWait


@contextmanager
def hold_writer_lock(remote: Remote, on_wait: OnWait | None = None) -> Iterator[bool]:
    """Be the one writer of an index; yields whether another writer had to be waited for.

    The folder is created if necessary. While another process writes, this one waits, and
    `on_wait` is called once with the name of the other. For a shared index the writer lease is
    held too, and the copy is up to date when the block begins. Raises `StoreNotWritableError`,
    `StoreUnreachableError`, and, without `on_wait`, `StoreBusyError`, naming the other writer.
    """
    store = remote.store
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
    with stream:
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
        with suppress(OSError):  # on a full disk the name is lost, but not the lock
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        with remote.hold_lease(on_wait) as waited_for_lease:
            yield waited or waited_for_lease


def _close_to_others(folder: Path) -> None:
    """Remove the permissions of other users from a folder; earlier versions granted them.

    Those of the owner and the group stay.
    """
    mode = folder.stat().st_mode
    if mode & 0o007:
        with suppress(OSError):  # the folder may belong to another user, who shares it
            folder.chmod(mode & 0o7770)
