"""Checks all data of the published snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from index.errors import StoreBrokenError
from index.files.current import read_pointer
from index.files.layout import SegmentLayout, StoreLayout
from index.files.manifest import Manifest
from index.files.snapshot_locks import share_reader_lock
from index.remote.local import LocalOnly
from index.remote.opening import open_remote
from index.remote.protocol import Remote
from index.snapshots.checks import check_files, check_segment, check_vectors
from index.snapshots.isolated_checks import check_chroma
from index.snapshots.publish import read_manifest, require_current
from index.snapshots.segments import Segment
from index.types import LEVELS, DocumentRecord


def check_index(store: Path) -> list[str]:
    """Return the faults of the published snapshot, one line each; empty if there are none.

    Checks the hashes of all files, the row counts and vectors of each segment, the vectors in
    Chroma, the span of each sentence, and the numbers of rows in the manifest. In a copy of a
    server's index it also checks the data on the server. Of the previous snapshot, which a
    rollback needs, it checks only the hashes. Raises `StoreMissingError` and
    `StoreUnreachableError`.
    """
    remote = open_remote(store)
    try:
        manifest = require_current(remote)
    except StoreBrokenError as error:
        return [error.problem]
    lock = share_reader_lock(store, manifest.id)
    try:
        faults = [
            fault
            for name in manifest.segments
            for fault in check_records(remote, name, list_records(manifest, name))
        ]
        return [*check_pointer(store), *faults, *check_previous(remote, manifest)]
    finally:
        if lock is not None:
            lock.close()


def list_records(manifest: Manifest, segment: str) -> list[DocumentRecord]:
    """Return the documents that are stored in a segment."""
    return [record for record in manifest.documents if record.segment == segment]


def check_pointer(store: Path) -> list[str]:
    """Return a fault if the pointer of a store with a snapshot is missing."""
    if read_pointer(store) is None:
        return [f"the index at {store} has lost CURRENT, which names its newest state"]
    return []


def check_previous(remote: Remote, manifest: Manifest) -> list[str]:
    """Return the faults of the previous snapshot: its manifest, and segments only it uses.

    Returns nothing for a copy of a server's index, which may not have the previous snapshot.
    """
    if manifest.previous is None or remote.is_copy:
        return []
    try:
        previous = read_manifest(remote.store, manifest.previous)
    except FileNotFoundError:
        return []  # deleted after a rollback
    except StoreBrokenError:
        return [f"the previous state ({manifest.previous}) is damaged"]
    own = [name for name in previous.segments if name not in manifest.segments]
    layout = StoreLayout(remote.store)
    return [f"the previous state: {f}" for name in own for f in check_files(layout.segment(name))]


def check_records(remote: Remote, name: str, records: Sequence[DocumentRecord]) -> list[str]:
    """Return the faults of a segment and its `records`, including Chroma and the shared store."""
    faults = check_copy(remote.store, name, records)
    if faults:
        return faults
    layout = StoreLayout(remote.store).segment(name)
    faults = _check_shared_vectors(remote, layout) if remote.searches else check_chroma(layout)
    return [*faults, *remote.check(name)]


def _check_shared_vectors(remote: Remote, layout: SegmentLayout) -> list[str]:
    try:
        with closing(Segment(layout.root, remote)) as segment:
            return [fault for level in LEVELS for fault in check_vectors(segment, level)]
    except StoreBrokenError as error:
        return [f"{layout.root.name}: {error.problem}"]


def check_copy(store: Path, name: str, records: Sequence[DocumentRecord]) -> list[str]:
    """Return the faults of a segment and its `records` in the folder, without Chroma."""
    layout = StoreLayout(store).segment(name)
    faults = check_files(layout)
    try:
        with closing(Segment(layout.root, LocalOnly(store), damaged=True)) as segment:
            faults += check_segment(segment, [record.row for record in records])
            for record in records:
                claimed = {"sentences": record.sentences, "passages": record.passages}
                faults += [
                    f"{record.path}: {len(rows)} of {claimed[level]} {level} are stored"
                    for level in LEVELS
                    if len(rows := segment.rows(level, record.row)) != claimed[level]
                ]
    except StoreBrokenError as error:
        faults.append(f"{name}: {error.problem}")
    except Exception as error:  # noqa: BLE001 - damaged numbers may cause any error
        faults.append(f"{name}: cannot be read ({type(error).__name__})")
    return faults
