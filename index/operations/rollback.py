"""Goes back to the previous snapshot."""

from __future__ import annotations

from pathlib import Path

from index.errors import StoreMissingError
from index.remote.opening import open_remote
from index.snapshots.publish import point_to, read_manifest, require_current
from index.snapshots.writer_lock import hold_writer_lock
from index.types import OnWait


def restore_index(store: Path, on_wait: OnWait | None = None) -> int:
    """Go back to the snapshot before the last update; return its number of documents.

    Raises `StoreMissingError` if there is no such snapshot, and `StoreBusyError` as `update_index`.
    """
    remote = open_remote(store)
    require_current(remote)
    with hold_writer_lock(remote, on_wait):
        name = require_current(remote).previous
        try:
            if name is None:
                raise FileNotFoundError
            remote.fetch(name)
            previous = read_manifest(store, name)
        except FileNotFoundError as error:
            raise StoreMissingError(
                f"the index at {store} has no earlier state to go back to",
                "run `rag index` instead",
            ) from error
        point_to(remote, previous.id)
        return len(previous.documents)
