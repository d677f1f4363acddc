"""Copies a published snapshot to another folder or shared store, without embedding anything."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from index.changes import Plan, Report
from index.chroma.collections import write_collections
from index.errors import SourceError, StoreBrokenError, StoreNotWritableError
from index.files.layout import StoreLayout, sync_folder, sync_tree
from index.files.manifest import Manifest, new_id, now
from index.files.named_paths import add_named
from index.files.seals import write_seal
from index.files.snapshot_locks import share_reader_lock
from index.ingest.garbage import collect_garbage
from index.operations.doctor import check_copy, list_records
from index.operations.update import make_report
from index.remote.opening import open_remote
from index.remote.protocol import Remote
from index.snapshots.checks import check_checksums
from index.snapshots.publish import list_roots, publish, read_current, require_current
from index.snapshots.writer_lock import hold_writer_lock
from index.types import DocumentRecord, OnProgress, OnWait, Progress


def copy_index(
    source: Path,
    target: Path,
    on_progress: OnProgress = lambda progress: None,
    on_wait: OnWait | None = None,
) -> Report:
    """Publish at `target` what is published at `source`; each may be a copy of a shared index.

    A rollback at `target` restores what was published there before. Segments that `target` already
    has are not copied. Raises `StoreError`, and `SourceError` if both are the same folder.
    """
    remote, origin = open_remote(target), open_remote(source)
    # The paths in the manifest of a shared index are those of other machines, or of an attacker.
    manifest = replace(require_current(origin), roots=list_roots(origin))
    if source.resolve() == target.resolve():
        raise SourceError(f"the index is at {source} already", "name another folder or server")
    reader_lock = share_reader_lock(source, manifest.id)
    if reader_lock is None:
        raise StoreBrokenError(f"the index at {source} is being changed", "run the command again")
    with reader_lock, hold_writer_lock(remote, on_wait):
        before = read_current(remote)
        if remote.is_copy:
            add_named(target, manifest.roots)
        collect_garbage(remote, before)
        try:
            for number, name in enumerate(manifest.segments):
                on_progress(Progress("store", number, len(manifest.segments)))
                _copy_segment(source, remote, name, list_records(manifest, name))
            copied = _copy_manifest(manifest, before)
            publish(remote, copied)
        except OSError as error:
            raise StoreNotWritableError(
                f"the index could not be copied to {target} ({error.strerror or error})",
                "free disk space and try again; the index there is unchanged",
            ) from error
        on_progress(Progress("store", len(manifest.segments), len(manifest.segments)))
        return make_report(copied, Plan(added=tuple(record.path for record in copied.documents)))


def _copy_manifest(manifest: Manifest, before: Manifest | None) -> Manifest:
    previous = before.id if before and before.documents != manifest.documents else None
    return replace(manifest, id=new_id(), created=now(), previous=previous)


def _copy_segment(
    source: Path, remote: Remote, name: str, records: Sequence[DocumentRecord]
) -> None:
    layout, folder = StoreLayout(source).segment(name), StoreLayout(remote.store)
    copy = folder.segment(name)
    if not copy.root.exists():
        try:
            for file, path in (*layout.list_files(), (layout.checksums.name, layout.checksums)):
                place = copy.root / file
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
            write_seal(copy)
            faults = [*check_checksums(copy), *check_copy(remote.store, name, records)]
            if faults:
                raise StoreBrokenError(f"{source}: {faults[0]}", "run `rag doctor --repair`")
            if not remote.searches:
                write_collections(copy)
                write_seal(copy)
            sync_tree(copy.root)
            sync_folder(folder.segments)
        except BaseException:
            shutil.rmtree(copy.root, ignore_errors=True)
            raise
    remote.push(name)
