"""Plans an update: compares the files found with the documents indexed, by content hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from index.changes import Plan
from index.documents import is_installed
from index.ingest.members import Departed, Members, find_holder
from index.ingest.scan import Scan, SourceFile
from index.types import DocumentRecord, Failure


@dataclass(frozen=True, slots=True)
class Known:
    """The state of an index: its documents, files that failed, and files that were removed."""

    documents: tuple[DocumentRecord, ...] = ()
    failures: tuple[Failure, ...] = ()
    excluded: tuple[str, ...] = ()  # absolute paths


@dataclass(frozen=True, slots=True)
class Steps:
    """A plan with the values that are needed to carry it out.

    `fresh` are the files to parse. `kept` are the records to keep; a fresh file of the same path
    replaces its record. `failures` are the files that are known to fail. `excluded` are the
    absolute paths that stay excluded; those in `departed` too, if a fresh file has them.
    """

    plan: Plan
    kept: tuple[DocumentRecord, ...]
    fresh: tuple[SourceFile, ...]
    failures: tuple[Failure, ...]
    excluded: tuple[str, ...]
    departed: Departed


def plan_steps(known: Known, scan: Scan, *, full: bool = False) -> Steps:
    """Compare a scan with the index.

    - Members of an e-mail or archive follow it: they are read, moved and removed with that file.
    - A file is identified by its absolute path. If a new file has the content of a file that is
      gone, the file was moved.
    - Documents outside of the scanned paths stay. So do documents whose files cannot be read now.
    - A file that failed before with the same content is skipped, unless the extra that it needed is
      installed now. So is a file that the user removed from the index. Both are indexed if the user
      names the file itself, not only its folder; a member also if the user names its holder.
    - If a mail is gone, what the user removed from it is not indexed from a new file with the same
      Message-ID: the mail was moved and changed.
    - A document of which something could not be read is read again when the extra is installed.
    - With `full`, every file is parsed again.
    """
    members = Members.among(known.documents, known.failures, known.excluded)
    scan, excluded, left_out = _leave_out({*known.excluded} - {*members.excluded}, scan)
    documents = [record for record in known.documents if not record.within]
    failures = [failure for failure in known.failures if not failure.within]
    scan = _pass_over_failures(() if full else failures, scan)
    again = members.find_incomplete(scan)
    again |= {record.source for record in documents if is_installed(record.needs)}
    plan, kept, fresh = _compare(documents, scan, again, full)
    following = members.follow(kept, {file.source for file in fresh}, scan)
    present = {file.source for file in scan.files}
    passed = (p for s, p in following.excluded.items() if find_holder(s, present))
    elsewhere = (f for f in failures if f.source not in scan.failed and not scan.covers(f.source))
    failed = tuple(scan.failed.values())
    removed = tuple(sorted((*plan.removed, *following.removed)))
    return Steps(
        replace(
            plan, removed=removed, excluded=tuple(sorted((*left_out, *passed))), failures=failed
        ),
        (*kept.values(), *following.records),
        fresh,
        (*following.failures, *elsewhere, *failed),
        tuple(sorted((*excluded, *following.excluded))),
        following.departed,
    )


def _leave_out(
    excluded: Iterable[str], scan: Scan
) -> tuple[Scan, tuple[str, ...], tuple[str, ...]]:
    """Return the scan without excluded files, the excluded paths, and the paths left out now."""
    present = {file.source: file.path for file in scan.files}
    staying, left_out = set(), []
    for source in excluded:
        file = find_holder(source, present) or source
        if scan.names(source) or scan.names(file):
            continue
        if file in present:
            left_out.append(f"{present[file]}{source.removeprefix(file)}")
        if file in present or not scan.covers(file):
            staying.add(source)
    files = tuple(file for file in scan.files if file.source not in staying)
    return replace(scan, files=files), tuple(sorted(staying)), tuple(sorted(left_out))


def _pass_over_failures(failures: Iterable[Failure], scan: Scan) -> Scan:
    """Return the scan with unchanged files that failed before moved from `files` to `failed`."""
    hopeless = {(failure.source, failure.sha256): failure for failure in failures}
    failed = dict(scan.failed)
    files = []
    for file in scan.files:
        before = hopeless.get((file.source, file.sha256))
        if before is None or scan.names(file.source) or is_installed(before.needs):
            files.append(file)
        else:
            failed[file.source] = replace(before, path=file.path)
    return replace(scan, files=tuple(files), failed=failed)


def _compare(
    documents: Iterable[DocumentRecord], scan: Scan, again: Collection[str], full: bool
) -> tuple[Plan, dict[str, DocumentRecord], tuple[SourceFile, ...]]:
    """Return the plan, the records to keep by their sources until now, and the files to parse.

    The files in `again` are parsed although they have not changed.
    """
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

    kept = {s: record for s, record in indexed.items() if s not in found and s not in gone}
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
        # The hash is "" for a web page without a copy here.
        elif file.sha256 not in ("", record.sha256) or file.source in again:
            changed.append(file.path)
            fresh.append(file)
            kept[record.source] = record
        elif (record.path, record.source) != (file.path, file.source):
            moved.append((record.path, file.path))
            kept[record.source] = replace(record, path=file.path, source=file.source)
        else:
            unchanged.append(file.path)
            kept[record.source] = record
            if full:
                fresh.append(file)
    removed = sorted(lost.path for lost in gone.values())
    plan = Plan(tuple(added), tuple(changed), tuple(moved), tuple(removed), tuple(unchanged))
    return plan, kept, tuple(fresh)


def choose_merges(live: Mapping[str, int], stored: Mapping[str, int], fresh: int) -> list[str]:
    """Return the segments to merge into the new one, which has `fresh` passages so far.

    `live` counts each segment's passages without those of removed documents, `stored` with them.
    Of the segments that stay, each is more than twice as large as the next smaller one, which
    bounds their number (the logarithmic method; Bentley and Saxe, 1980), and at least half of its
    passages are live.
    """
    merged: list[str] = []
    size = fresh
    for name in sorted(live, key=lambda name: live[name]):
        mostly_dead = 2 * live[name] < stored[name]
        if live[name] <= 2 * size or mostly_dead:
            merged.append(name)
            size += live[name]
    return merged
