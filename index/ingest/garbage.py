"""Removes what no reader holds and no snapshot names."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from index.chroma.remote import find_origin
from index.errors import StoreBrokenError
from index.files.layout import StoreLayout
from index.files.manifest import Manifest
from index.files.snapshot_locks import keep_readers_out
from index.ingest.embedding_cache import clear_cache
from index.snapshots.publish import read_manifest

_DRAFT_SECONDS = 3600  # the age from which a half-written file belongs to nobody


def collect_garbage(store: Path, current: Manifest | None) -> None:
    """Remove snapshots that nobody reads and segments that no snapshot names.

    For the writer only. The current snapshot stays, and the one before it, to go back to.
    Without a `current` one nothing that could hold documents is removed.
    """
    layout = StoreLayout(store)
    if current is None and layout.current.exists():
        return  # damaged: what is there may still be of use
    # Listed first: what is fetched into a copy from now on is none of our business.
    folders = list(layout.segments.iterdir())
    origin = find_origin(store)
    kept = {current.id, current.previous} if current else set()
    if origin is not None and current is not None and current.previous is not None:
        origin.fetch_manifest(current.previous)  # this copy may never have had it
    named = _collect_snapshots(store, kept)
    if origin is not None:
        origin.collect_garbage({name for name in kept if name}, named)
    for folder in folders:
        if folder.name not in named:
            shutil.rmtree(folder, ignore_errors=True)
    if current is not None:
        clear_cache(store, current.id)
    _collect_drafts(layout)


def _collect_snapshots(store: Path, kept: set[str | None]) -> set[str]:
    """Remove snapshots that nobody reads; return the segments that the others name."""
    layout = StoreLayout(store)
    named: set[str] = set()
    for file in layout.snapshots.glob("*.json"):
        snapshot = file.stem
        with contextlib.suppress(StoreBrokenError):  # it is none, or damaged
            if snapshot not in kept:
                with keep_readers_out(store, snapshot) as unread:
                    if unread:
                        file.unlink(missing_ok=True)
                        layout.reader_lock(snapshot).unlink(missing_ok=True)
                        continue
            named.update(read_manifest(store, snapshot).segments)
    return named


def _collect_drafts(layout: StoreLayout) -> None:
    for draft in (*layout.root.glob(".*.draft"), *layout.snapshots.glob(".*.draft")):
        # A fresh one may be that of a process which reads, and fetches what it reads.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > _DRAFT_SECONDS:
                draft.unlink()
