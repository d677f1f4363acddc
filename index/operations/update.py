"""Bring a store up to date with files: scan, plan, rebuild what the plan says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from index.arrays import Vectors
from index.encoders.load import load_encoder as load_default
from index.encoders.model_files import AUTO_MODEL, BUNDLED_MODEL, OWN_MODELS
from index.encoders.protocol import Encoder, PassageText
from index.errors import (
    SourceError,
    StoreBrokenError,
    StoreMissingError,
    StoreNotWritableError,
    StoreOutdatedError,
)
from index.files.current import mend_pointer
from index.files.manifest import Manifest, now
from index.ingest.builder import Rebuild
from index.ingest.garbage import collect_garbage
from index.ingest.model_choice import (
    ReadFile,
    advise,
    choose_model,
    count_languages,
    look_ahead,
)
from index.ingest.parser import DocumentReader, Limits, ReadDocument
from index.ingest.plan import Known, Steps, plan_steps
from index.ingest.prepare import FreshDocument, KnownVectors, list_known
from index.ingest.scan import Scan, SourceFile, scan_paths
from index.snapshots.publish import list_excluded, list_roots, read_current
from index.snapshots.snapshot import Snapshot, open_snapshot
from index.snapshots.writer_lock import hold_writer_lock
from index.types import DocumentRecord, Failure, OnProgress, OnWait, Plan, Report

log = logging.getLogger(__name__)


def plan_update(store: Path, paths: Sequence[str | Path], *, full: bool = False) -> Plan:
    """Return what `update_index` would do; nothing is written. Raises as it does."""
    before, paths, _ = _read_before(store, paths, full)
    scan = _scan(paths, before, full)
    return plan_steps(_known(store, before), scan, full=full).plan


def update_index(
    store: Path,
    paths: Sequence[str | Path],
    *,
    model: str = BUNDLED_MODEL,
    load: Callable[[str], Encoder] = load_default,
    full: bool = False,
    limits: Limits | None = None,
    on_progress: OnProgress = lambda progress: None,
    on_wait: OnWait | None = None,
) -> Report:
    """Bring the index at `store` up to date with files and folders, and publish the result.

    Files that are new or changed are indexed, documents whose files are gone from the given
    folders are removed, all others stay. A file that cannot be read, or not within `limits`, is
    reported, and keeps what was indexed of it. With another `model` than before everything is
    embedded anew; with `full` every file is read again too, even if the index is damaged. "auto"
    takes that of the two models that ship which suits the documents' languages; an index made with
    either keeps it, unless it is made anew. An index that an earlier version made is made anew,
    from its own files and folders too.
    Whatever goes wrong, the published index stays as it is, and what was embedded by then is not
    embedded again by the next update.

    While another process writes the index this one waits, and `on_wait` is told for whom; without
    `on_wait` it fails with `StoreBusyError`.

    Raises `SourceError`, `StoreError` or `ModelError`.
    """
    before, paths, outdated = _read_before(store, paths, full)
    if outdated:
        log.warning("the index was made by an earlier version: it is made anew from all files")
    scan = _scan(paths, before, full)
    with hold_writer_lock(store, on_wait) as waited, ExitStack() as stack:
        snapshot = _open_before(store, full)
        if snapshot is not None:
            stack.enter_context(closing(snapshot))
        before = snapshot.manifest if snapshot else None
        scan = _scan(paths, before, full) if waited else scan
        if before is not None or not outdated:  # until it is replaced, others may read it
            collect_garbage(store, before)
        steps = plan_steps(_known(store, before), scan, full=full)
        chooses = model == AUTO_MODEL
        same_model = before is not None and before.model.name in (
            OWN_MODELS if chooses else [model]
        )
        if before and same_model and not full and _is_done(before, steps, scan):
            mend_pointer(store, before.id)  # a first build may have been killed before it
            report = make_report(before, steps.plan, _failures_in(scan, before))
            return _advise(report, before) if chooses else report
        anew = full or not same_model
        if before and chooses and not anew:
            model = before.model.name
        replaced = {file.source for file in steps.fresh}
        languages = count_languages(r for r in steps.kept if r.source not in replaced)
        rebuild = Rebuild(
            store=store,
            load=lambda: load(choose_model(languages) if model == AUTO_MODEL else model),
            recall=_forget if anew or snapshot is None else partial(_recall, snapshot),
            on_progress=on_progress,
            records={record.source: record for record in steps.kept},
            segments=snapshot.segments if snapshot else {},
            before=before,
            roots=tuple(sorted({*(before.roots if before else ()), *scan.roots})),
            failures={failure.source: failure for failure in steps.failures},
            excluded=steps.excluded,
        )
        reader = stack.enter_context(DocumentReader(limits))
        read = partial(look_ahead, reader.read, languages=languages) if anew else reader.read
        fresh = _read_fresh(read, steps, rebuild, snapshot if anew else None)
        total = len(steps.fresh) + (len(rebuild.records) if anew else 0)
        try:
            manifest = rebuild.run(_expect_some(fresh, rebuild), total)
        except OSError as error:
            raise StoreNotWritableError(
                f"the index at {store} could not be written ({error.strerror or error})",
                "make room or choose another folder with --store; nothing indexed is lost",
            ) from error
        failures = _failures_in(scan, manifest)
        report = make_report(manifest, steps.plan, failures, rebuild.embedded)
        return _advise(report, manifest) if chooses else report


def _advise(report: Report, manifest: Manifest) -> Report:
    return replace(report, advice=advise(manifest.model.name, count_languages(manifest.documents)))


def _scan(paths: Sequence[str | Path], before: Manifest | None, full: bool) -> Scan:
    return scan_paths(paths, () if full or before is None else before.documents)


def _failures_in(scan: Scan, manifest: Manifest) -> tuple[Failure, ...]:
    return tuple(failure for failure in manifest.failures if scan.covers(failure.source))


def make_report(
    manifest: Manifest, plan: Plan, failures: tuple[Failure, ...] = (), embedded: int = 0
) -> Report:
    """Return what has come of a plan."""
    return Report(
        plan=plan.without(failures),
        failures=failures,
        snapshot=manifest.id,
        documents=len(manifest.documents),
        sentences=sum(record.sentences for record in manifest.documents),
        passages=sum(record.passages for record in manifest.documents),
        embedded=embedded,
    )


def _read_before(
    store: Path, paths: Sequence[str | Path], full: bool
) -> tuple[Manifest | None, Sequence[str | Path], bool]:
    """Return what is published, the paths to read, and whether an earlier version published it.

    Such an index is read anew: what it was made of, as far as it exists, is read with the paths.
    """
    try:
        return read_current(store), paths, False
    except StoreOutdatedError:
        given = {Path(path).absolute() for path in paths}
        roots = [Path(root) for root in list_roots(store)]
        return None, [*paths, *(r for r in roots if r.exists() and r not in given)], True
    except StoreBrokenError:
        if full:
            return None, paths, False
        raise


def _open_before(store: Path, full: bool) -> Snapshot | None:
    """Open what is published; None if there is nothing, or nothing sound and that is no matter."""
    try:
        return open_snapshot(store)
    except (StoreMissingError, StoreOutdatedError):
        return None
    except StoreBrokenError:
        if full:
            return None
        raise


def _known(store: Path, before: Manifest | None) -> Known:
    if before is None:  # what was removed on purpose stays so
        return Known(excluded=list_excluded(store))
    return Known(before.documents, before.failures, before.excluded)


def _is_done(before: Manifest, steps: Steps, scan: Scan) -> bool:
    """Whether the published snapshot is what the update would make."""
    return (
        steps.plan.empty
        and set(steps.failures) == set(before.failures)
        and set(steps.excluded) == set(before.excluded)
        and {*before.roots, *scan.roots} == set(before.roots)
    )


def _expect_some(fresh: Iterator[FreshDocument], rebuild: Rebuild) -> Iterator[FreshDocument]:
    """Pass the documents on. Raises `SourceError` when nothing at all can be indexed."""
    some = bool(rebuild.records)
    for item in fresh:
        some = True
        yield item
    if not some:
        reasons = "; ".join(f"{f.path} {f.reason}" for f in rebuild.failures.values())
        raise SourceError(f"nothing to index: {reasons}")


def _read_fresh(
    read: Callable[[Sequence[SourceFile]], Iterator[ReadFile]],
    steps: Steps,
    rebuild: Rebuild,
    snapshot: Snapshot | None,
) -> Iterator[FreshDocument]:
    """Yield the files that are new or have changed, then what else is to be embedded anew.

    `snapshot` holds the texts of the latter. A file that cannot be read is noted; its old
    version, if there is one, stays.
    """
    done: set[str] = set()
    for file, result in read(steps.fresh):
        if isinstance(result, Failure):
            rebuild.failures[file.source] = result
            continue
        done.add(file.source)
        yield FreshDocument(make_record(file, result), result.document, result.sentences)
    for record in list(rebuild.records.values()) if snapshot else ():
        if snapshot and record.source not in done:
            item = snapshot.segment(record.segment).indexed(record.row)
            yield FreshDocument(record, item.document, item.sentences)


def make_record(file: SourceFile, result: ReadDocument) -> DocumentRecord:
    """Return the record of a file as it was read; where it is stored is not known yet."""
    return DocumentRecord(
        path=file.path,
        source=file.source,
        title=result.document.title,
        format=result.document.format,
        language=result.document.language,
        # The file may have changed since it was scanned.
        sha256=result.sha256,
        size=result.size,
        indexed_at=now(),
        segment="",
        row=0,
        sentences=0,
        passages=0,
        stamp=file.stamp if result.sha256 == file.sha256 else "",
    )


def _forget(records: Sequence[DocumentRecord]) -> KnownVectors:
    return {}


def _recall(snapshot: Snapshot, records: Sequence[DocumentRecord]) -> KnownVectors:
    """Return the vectors of an earlier version of these documents, or of a copy of theirs."""
    known: dict[PassageText, tuple[Vectors, Vectors]] = {}
    sources = {record.source for record in records}
    contents = {record.sha256 for record in records}
    for before in snapshot.documents:
        if before.source in sources or before.sha256 in contents:
            known |= list_known(snapshot.segment(before.segment).indexed(before.row))
    return known
