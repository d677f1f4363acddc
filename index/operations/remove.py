"""Removes documents from the index. Their files are not touched."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from index.changes import Plan, Report
from index.encoders.protocol import Encoder
from index.errors import SourceError, StoreNotWritableError
from index.ingest.builder import Rebuild
from index.ingest.garbage import collect_garbage
from index.ingest.members import find_holder
from index.operations.update import make_report
from index.remote.opening import open_remote
from index.snapshots.publish import require_current
from index.snapshots.snapshot import open_snapshot
from index.snapshots.writer_lock import hold_writer_lock
from index.types import OnProgress, OnWait


def remove_documents(
    store: Path,
    sources: Collection[str],
    *,
    on_progress: OnProgress = lambda progress: None,
    on_wait: OnWait | None = None,
) -> Report:
    """Remove the documents with these absolute paths and publish the new snapshot.

    With an e-mail or archive its members are removed. Nothing is embedded. Later updates of their
    folder skip these files, until the user gives the path of the file itself, or that of the mail
    or archive that holds it. Raises `SourceError` if a document is not indexed, and the errors
    of `update_index`.
    """
    remote = open_remote(store)
    require_current(remote)
    with hold_writer_lock(remote, on_wait), closing(open_snapshot(remote)) as snapshot:
        before = snapshot.manifest
        collect_garbage(remote, before)
        indexed = {record.source: record for record in before.documents}
        for source in sources:
            if source not in indexed:
                raise SourceError(f"{source} is not indexed", "see `rag documents`")
        leaving = {
            source for source in indexed if source in sources or find_holder(source, sources)
        }
        rebuild = Rebuild(
            remote=remote,
            load=_need_no_model,
            find_vectors=lambda records: {},
            on_progress=on_progress,
            records={source: r for source, r in indexed.items() if source not in leaving},
            segments=snapshot.segments,
            before=before,
            roots=before.roots,
            failures={f.source: f for f in before.failures if not find_holder(f.source, sources)},
            excluded=tuple(sorted({*before.excluded, *sources})),
        )
        try:
            manifest = rebuild.run((), 0)
        except OSError as error:
            raise StoreNotWritableError(
                f"the index at {store} could not be written ({error.strerror or error})",
                "free disk space and try again; nothing indexed is lost",
            ) from error
        removed = tuple(sorted(indexed[source].path for source in leaving))
        kept = tuple(record.path for record in manifest.documents)
        return make_report(manifest, Plan(removed=removed, unchanged=kept))


def _need_no_model() -> Encoder:
    raise AssertionError("a removal embeds nothing")
