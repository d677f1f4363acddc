"""Garbage collection: removes what no reader uses and no snapshot names."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from index.errors import StoreBrokenError
from index.files.layout import StoreLayout
from index.files.manifest import Manifest
from index.files.snapshot_locks import keep_readers_out
from index.ingest.embedding_cache import clear_cache
from index.remote.protocol import Remote
from index.snapshots.publish import read_manifest

_DRAFT_SECONDS = 3600  # a half-written file that is older belongs to a process that is dead


def collect_garbage(remote: Remote, current: Manifest | None) -> None:
    """Remove snapshots that nobody reads, and segments that no snapshot names.

    For the writer only. The current snapshot is kept, and the one before it for a rollback.
    Without a `current` one, nothing that may hold documents is removed. Raises `StoreError`.
    """
    store = remote.store
    layout = StoreLayout(store)
    if current is None and layout.current.exists():
        return  # the index is damaged: what is there may be needed for a repair
    # Listed first, so that nothing is removed that another thread downloads from now on.
    folders = list(layout.segments.iterdir())
    kept = {name for name in (current.id, current.previous) if name} if current else set()
    if current is not None and current.previous is not None:
        remote.fetch_manifest(current.previous)  # it names segments; a copy may not have it yet
    named = _collect_snapshots(store, kept)
    remote.collect(kept, named)
    for folder in folders:
        if folder.name not in named:
            shutil.rmtree(folder, ignore_errors=True)
    if current is not None:
        clear_cache(store, current.id)
    _collect_drafts(layout)


def _collect_snapshots(store: Path, kept: set[str]) -> set[str]:
    """Remove snapshots that nobody reads; return the segments that the others name."""
    layout = StoreLayout(store)
    named: set[str] = set()
    for file in layout.snapshots.glob("*.json"):
        snapshot = file.stem
        with contextlib.suppress(StoreBrokenError):  # not a manifest, or a damaged one
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
        # A newer one may belong to a reader, which downloads a manifest before it reads it.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - draft.stat().st_mtime > _DRAFT_SECONDS:
                draft.unlink()
