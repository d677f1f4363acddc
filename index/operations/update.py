"""Updates a store from files: scan, plan, and build the planned snapshot."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from index.arrays import Vectors
from index.changes import Plan, Report
from index.encoders.load import load_encoder as load_default
from index.encoders.model_files import AUTO_MODEL, BUNDLED_MODEL, OWN_MODELS
from index.encoders.protocol import Encoder, PassageText
from index.errors import (
    StoreBrokenError,
    StoreMissingError,
    StoreOutdatedError,
)
from index.files.current import restore_pointer
from index.files.manifest import Manifest
from index.files.named_paths import add_named
from index.ingest.builder import Rebuild
from index.ingest.garbage import collect_garbage
from index.ingest.model_choice import (
    advise,
    choose_model,
    count_languages,
    look_ahead,
)
from index.ingest.parser import DocumentParser, Limits
from index.ingest.plan import Steps, plan_steps
from index.ingest.prepare import KnownVectors, list_known
from index.ingest.scan import Scan
from index.operations.fresh import FreshFiles
from index.operations.scanning import (
    fetch_pages,
    find_known,
    forget_pages,
    list_pages,
    read_before,
    require_something,
    scan_files,
    written_by_update,
)
from index.remote.opening import open_remote
from index.remote.protocol import Remote
from index.snapshots.snapshot import Snapshot, open_snapshot
from index.snapshots.writer_lock import hold_writer_lock
from index.types import DocumentRecord, Failure, OnProgress, OnWait
from index.web.options import DEFAULT_WEB, WebOptions

log = logging.getLogger(__name__)


def plan_update(store: Path, paths: Sequence[str | Path], *, full: bool = False) -> Plan:
    """Return the plan that `update_index` would carry out. Writes and fetches nothing.

    Web pages that were not fetched yet count as added. Raises the same errors.
    """
    remote = open_remote(store)
    before = read_before(remote, paths, full)
    scan = scan_files(before.given, before.manifest, full).joined(
        list_pages(store, before.given.addresses)
    )
    return plan_steps(find_known(remote, before.manifest), scan, full=full).plan


def update_index(
    store: Path,
    paths: Sequence[str | Path],
    *,
    model: str = BUNDLED_MODEL,
    load: Callable[[str], Encoder] = load_default,
    full: bool = False,
    most: int | None = None,
    limits: Limits | None = None,
    web: WebOptions = DEFAULT_WEB,
    on_progress: OnProgress = lambda progress: None,
    on_wait: OnWait | None = None,
) -> Report:
    """Update the index at `store` from files, folders and web pages, and publish the result.

    - New and changed files are indexed. Documents whose files are gone from the given folders are
      removed. All other documents stay.
    - A file that cannot be parsed within `limits` is reported. Its old version stays in the index.
    - A path may be the address of a web page or of a site map. Pages are fetched within the limits
      `web`, and kept. If one cannot be fetched, this is reported, and its kept copy is used.
    - With another `model` than before, all documents are embedded again. "auto" takes the bundled
      model that suits the languages of the documents. An index that was made with either of them
      keeps it until it is rebuilt with `full`.
    - With `full`, all files are also parsed again, even if the index is damaged.
    - An index of an earlier version is rebuilt from `paths` and the paths that it was made from.
    - With `most`, it stops after so many new and changed documents; `Report.left` counts the files
      that are left for the next update. With `full` or another model, all are read.
    - If the update fails, the published snapshot stays. The next update reuses the vectors that
      were computed so far.
    - If another process is writing, `on_wait` is called with its name, and the update waits.
      Without `on_wait` it raises `StoreBusyError`.

    Raises `SourceError`, `StoreError` or `ModelError`.
    """
    remote = open_remote(store)
    earlier = read_before(remote, paths, full)
    before, given, outdated = earlier.manifest, earlier.given, earlier.outdated
    if outdated:
        log.warning("the index was made by an earlier version: it is rebuilt from all files")
    scan = scan_files(given, before, full)
    with hold_writer_lock(remote, on_wait) as waited, ExitStack() as stack:
        snapshot = _open_before(remote, full)
        if snapshot is not None:
            stack.enter_context(closing(snapshot))
        before = snapshot.manifest if snapshot else None
        scan = scan_files(given, before, full) if waited else scan
        known = find_known(remote, before)
        pages = fetch_pages(store, given.addresses, known, web, on_progress, anew=full)
        scan = require_something(scan.joined(pages))
        if remote.is_copy:
            add_named(store, scan.roots)
        if before is not None or not outdated:  # processes may still read an outdated index
            collect_garbage(remote, before)
        steps = plan_steps(known, scan, full=full)
        chooses = model == AUTO_MODEL
        same_model = before is not None and before.model.name in (
            OWN_MODELS if chooses else [model]
        )
        if before and same_model and not full and _is_up_to_date(before, steps, scan):
            # It is missing if a first build was killed before writing it.
            restore_pointer(store, before.id)
            report = make_report(before, steps.plan, _failures_in(scan, before), known=before)
            return _advise(report, before) if chooses else report
        anew = full or not same_model
        if before and chooses and not anew:
            model = before.model.name
        replaced = {file.source for file in steps.fresh}
        languages = count_languages(r for r in steps.kept if r.source not in replaced)
        rebuild = Rebuild(
            remote=remote,
            load=lambda: load(choose_model(languages) if model == AUTO_MODEL else model),
            find_vectors=_no_vectors
            if anew or snapshot is None
            else partial(_find_vectors, snapshot),
            on_progress=on_progress,
            records={record.source: record for record in steps.kept},
            segments=snapshot.segments if snapshot else {},
            before=before,
            roots=tuple(sorted({*(before.roots if before else ()), *scan.roots})),
            failures={failure.source: failure for failure in steps.failures},
            excluded=steps.excluded,
        )
        parser = stack.enter_context(DocumentParser(limits, on_progress))
        parse = partial(look_ahead, parser.parse, languages=languages) if anew else parser.parse
        whole = full or outdated or (before is not None and anew)
        fresh = FreshFiles(parse, steps.fresh, rebuild, steps.departed, None if whole else most)
        total = len(steps.fresh) + (len(rebuild.records) if anew else 0)
        with written_by_update(store):
            manifest = rebuild.run(fresh.read(snapshot if anew else None), total)
        if given.addresses:
            forget_pages(store, manifest)
        failures = _failures_in(scan, manifest)
        plan = steps.plan.without(fresh.left)
        plan = replace(plan, excluded=tuple(sorted((*plan.excluded, *fresh.left_out))))
        report = make_report(manifest, plan, failures, rebuild.embedded, before)
        report = replace(report, left=len(fresh.left))
        return _advise(report, manifest) if chooses else report


def _advise(report: Report, manifest: Manifest) -> Report:
    return replace(report, advice=advise(manifest.model.name, count_languages(manifest.documents)))


def _failures_in(scan: Scan, manifest: Manifest) -> tuple[Failure, ...]:
    return tuple(failure for failure in manifest.failures if scan.covers(failure.source))


def make_report(
    manifest: Manifest,
    plan: Plan,
    failures: tuple[Failure, ...] = (),
    embedded: int = 0,
    known: Manifest | None = None,
) -> Report:
    """Return the report of an update that carried out `plan`; `known` is the manifest before it."""
    before = set(known.failures) if known else set()
    told = known.remarks if known else set()
    return Report(
        plan=plan.without(failure.path for failure in failures),
        failures=failures,
        snapshot=manifest.id,
        documents=len(manifest.documents),
        sentences=sum(record.sentences for record in manifest.documents),
        passages=sum(record.passages for record in manifest.documents),
        embedded=embedded,
        new_failures=tuple(failure for failure in failures if failure not in before),
        remarks=tuple(sorted(manifest.remarks - told)),
    )


def _open_before(remote: Remote, full: bool) -> Snapshot | None:
    """Open the published snapshot; None if there is none or it is outdated.

    With `full`, also None if the snapshot is damaged.
    """
    try:
        return open_snapshot(remote)
    except (StoreMissingError, StoreOutdatedError):
        return None
    except StoreBrokenError:
        if full:
            return None
        raise


def _is_up_to_date(before: Manifest, steps: Steps, scan: Scan) -> bool:
    """Whether the update would build a snapshot equal to the published one."""
    return (
        steps.plan.empty
        and set(steps.failures) == set(before.failures)
        and set(steps.excluded) == set(before.excluded)
        and {*before.roots, *scan.roots} == set(before.roots)
    )


def _no_vectors(records: Sequence[DocumentRecord]) -> KnownVectors:
    return {}


def _find_vectors(snapshot: Snapshot, records: Sequence[DocumentRecord]) -> KnownVectors:
    """Return the stored vectors of documents with the same path or content as these."""
    known: dict[PassageText, tuple[Vectors, Vectors]] = {}
    sources = {record.source for record in records}
    contents = {record.sha256 for record in records}
    for before in snapshot.documents:
        if before.source in sources or before.sha256 in contents:
            known |= list_known(snapshot.segment(before.segment).indexed(before.row))
    return known
