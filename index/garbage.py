"""Removes what no reader holds and no snapshot names."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from index.cache import clear_cache
from index.errors import StoreBrokenError
from index.layout import StoreLayout
from index.manifest import Manifest
from index.origin import find_origin
from index.publication import read_manifest
from index.readers import is_read


def collect_garbage(store: Path, current: Manifest | None) -> None:
    """Remove snapshots that nobody reads and segments that no snapshot names.

    For the writer only. The current snapshot stays, and the one before it, to go back to.
    Without a `current` one nothing that could hold documents is removed.
    """
    layout = StoreLayout(store)
    if current is None and layout.current.exists():
        return  # damaged: what is there may still be of use
    origin = find_origin(store)
    kept = {current.id, current.previous} if current else set()
    if origin is not None and current is not None and current.previous is not None:
        origin.fetch_manifest(current.previous)  # this copy may never have had it
    named: set[str] = set()
    for file in layout.snapshots.glob("*.json"):
        snapshot = file.stem
        if snapshot in kept or is_read(store, snapshot):
            with contextlib.suppress(StoreBrokenError):
                named.update(read_manifest(store, snapshot).segments)
            continue
        layout.reader_lock(snapshot).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
    if origin is not None:
        origin.collect_garbage({name for name in kept if name}, named)
    for folder in layout.segments.iterdir():
        if folder.name not in named:
            shutil.rmtree(folder, ignore_errors=True)
    if current is not None:
        clear_cache(store, current.id)
    for draft in (*layout.root.glob(".*.draft"), *layout.snapshots.glob(".*.draft")):
        draft.unlink(missing_ok=True)
