"""What is to be done: the files found against the documents indexed, compared by content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from index.documents import title_from_name
from index.sources import Scan, SourceFile
from index.types import DocumentRecord, Plan


@dataclass(frozen=True, slots=True)
class Steps:
    """A plan with the values to carry it out: records that stay, and files to embed."""

    plan: Plan
    kept: tuple[DocumentRecord, ...]
    fresh: tuple[SourceFile, ...]


def plan_steps(documents: Iterable[DocumentRecord], scan: Scan) -> Steps:
    """Compare a scan with what is indexed.

    A file is known by its absolute path. One that appears with the content of one that is gone
    was moved. Documents outside the scanned paths, and those whose files cannot be read just
    now, stay as they are.
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
        elif (record.path, record.source) != (file.path, file.source):
            moved.append((record.path, file.path))
            kept.append(_rename(record, file))
        else:
            unchanged.append(file.path)
            kept.append(record)
    removed = sorted(lost.path for lost in gone.values())
    plan = Plan(tuple(added), tuple(changed), tuple(moved), tuple(removed), tuple(unchanged))
    return Steps(plan, tuple(kept), tuple(fresh))


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
