"""What is to be done: the files found against the documents indexed, compared by content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from index.documents import title_from_name
from index.ingest.scan import Scan, SourceFile
from index.types import DocumentRecord, Failure, Plan


@dataclass(frozen=True, slots=True)
class Known:
    """What an index knows: its documents, files it could not read, files removed from it."""

    documents: tuple[DocumentRecord, ...] = ()
    failures: tuple[Failure, ...] = ()
    excluded: tuple[str, ...] = ()  # absolute paths


@dataclass(frozen=True, slots=True)
class Steps:
    """A plan with the values to carry it out.

    `kept` are the records that stay, unless one of the `fresh` files to read replaces them;
    `failures` those that cannot be read, as known without trying; `excluded` stays excluded.
    """

    plan: Plan
    kept: tuple[DocumentRecord, ...]
    fresh: tuple[SourceFile, ...]
    failures: tuple[Failure, ...]
    excluded: tuple[str, ...]


def plan_steps(known: Known, scan: Scan, *, full: bool = False) -> Steps:
    """Compare a scan with what is indexed.

    A file is known by its absolute path. One that appears with the content of one that is gone
    was moved. Documents outside the scanned paths, and those whose files cannot be read just
    now, stay as they are. A file whose very bytes could not be read before is not tried again,
    and one that was removed from the index stays out, unless it is given by its own name.
    With `full`, every file is read again.
    """
    scan, excluded, left_out = _leave_out(known.excluded, scan)
    scan = _pass_over_failures(() if full else known.failures, scan)
    steps = _compare(known.documents, scan, full)
    elsewhere = (
        f for f in known.failures if f.source not in scan.failed and not scan.covers(f.source)
    )
    return replace(
        steps,
        plan=replace(steps.plan, excluded=left_out),
        failures=(*elsewhere, *scan.failed.values()),
        excluded=excluded,
    )


def _leave_out(
    excluded: Iterable[str], scan: Scan
) -> tuple[Scan, tuple[str, ...], tuple[str, ...]]:
    """Return the scan without excluded files, those that stay excluded, and the paths left out."""
    present = {file.source for file in scan.files}
    staying = {
        source
        for source in excluded
        if not scan.names(source) and (source in present or not scan.covers(source))
    }
    files = tuple(file for file in scan.files if file.source not in staying)
    left_out = tuple(file.path for file in scan.files if file.source in staying)
    return replace(scan, files=files), tuple(sorted(staying)), left_out


def _pass_over_failures(failures: Iterable[Failure], scan: Scan) -> Scan:
    """Return the scan with files that failed before, and are as they were, among the failed."""
    hopeless = {(failure.source, failure.sha256): failure for failure in failures}
    failed = dict(scan.failed)
    files = []
    for file in scan.files:
        before = hopeless.get((file.source, file.sha256))
        if before is None or scan.names(file.source):
            files.append(file)
        else:
            failed[file.source] = replace(before, path=file.path)
    return replace(scan, files=tuple(files), failed=failed)


def _compare(documents: Iterable[DocumentRecord], scan: Scan, full: bool) -> Steps:
    indexed = {record.source: record for record in documents}
    found = {file.source: file for file in scan.files}
    gone = {
        source: known
        for source, known in indexed.items()
        if source not in found and source not in scan.failed and scan.covers(source)
    }
    by_content: defaultdict[str, list[DocumentRecord]] = defaultdict(list)
    for lost in gone.values():
        by_content[lost.sha256].append(lost)

    kept = [r for source, r in indexed.items() if source not in found and source not in gone]
    fresh: list[SourceFile] = []
    added, changed, unchanged = [], [], []
    moved: list[tuple[str, str]] = []
    for file in scan.files:
        record: DocumentRecord | None = indexed.get(file.source)
        if record is None and by_content[file.sha256]:
            record = by_content[file.sha256].pop()
            del gone[record.source]
        if record is None:
            added.append(file.path)
            fresh.append(file)
        elif record.sha256 != file.sha256:
            changed.append(file.path)
            fresh.append(file)
            kept.append(record)
        elif (record.path, record.source) != (file.path, file.source):
            moved.append((record.path, file.path))
            kept.append(_rename(record, file))
        else:
            unchanged.append(file.path)
            kept.append(record)
            if full:
                fresh.append(file)
    removed = sorted(lost.path for lost in gone.values())
    plan = Plan(tuple(added), tuple(changed), tuple(moved), tuple(removed), tuple(unchanged))
    return Steps(plan, tuple(kept), tuple(fresh), (), ())


def _rename(record: DocumentRecord, file: SourceFile) -> DocumentRecord:
    named_after_file = record.title == title_from_name(record.path)
    title = title_from_name(file.path) if named_after_file else record.title
    return replace(record, path=file.path, source=file.source, title=title)


def choose_merges(live: Mapping[str, int], stored: Mapping[str, int], fresh: int) -> list[str]:
    """Return the segments to rewrite into the new one, which holds `fresh` passages so far.

    `live` and `stored` count each segment's passages without and with removed documents. What
    stays is a series in which each segment is more than twice as large as the next smaller one
    (the logarithmic method; Bentley and Saxe, 1980), and none is more dead than live.
    """
    merged: list[str] = []
    size = fresh
    for name in sorted(live, key=lambda name: live[name]):
        mostly_dead = 2 * live[name] < stored[name]
        if live[name] <= 2 * size or mostly_dead:
            merged.append(name)
            size += live[name]
    return merged
