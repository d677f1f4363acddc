"""Checks of the files, rows, documents and vectors of a segment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from index.chroma.collections import has_graph
from index.files.layout import SegmentLayout, hash_file
from index.files.seals import find_damaged_files
from index.snapshots.segments import IndexedDocument, Segment
from index.types import LEVELS, Level

_LENGTH_TOLERANCE = 1e-3
_BATCH = 10_000  # vectors in one request to Chroma


def check_segment(segment: Segment, rows: Sequence[int]) -> list[str]:
    """Return the faults of a segment's row counts and of its documents in the given rows."""
    return [*_check_counts(segment), *(f for row in rows for f in _check_row(segment, row))]


def check_files(layout: SegmentLayout) -> list[str]:
    """Return a fault for each missing or damaged file of a segment; hashes every file."""
    name = layout.root.name
    return [f"{name}: {file} is missing or damaged" for file in find_damaged_files(layout)]


def check_checksums(layout: SegmentLayout) -> list[str]:
    """Return a fault for each file that is missing or does not match checksums.json."""
    name, found = layout.root.name, dict(layout.list_files())
    try:
        hashes: dict[str, str] = json.loads(layout.checksums.read_text("utf-8"))
    except (OSError, ValueError):
        return [f"{name}: {layout.checksums.name} is missing or damaged"]
    return [
        f"{name}: {file} is missing or damaged"
        for file, expected in hashes.items()
        if file not in found or hash_file(found[file]) != expected
    ]


def check_vectors(segment: Segment, level: Level) -> Iterator[str]:
    """Yield the faults of Chroma's vectors of a level: each has to equal the embedded vector."""
    stored = segment.vectors[level]
    if not has_graph(level, len(stored)):
        return
    held = segment.collections.count(level)
    if held != len(stored):
        yield f"{segment.id}: Chroma has {held} of {len(stored)} {level}"
        return
    for start in range(0, len(stored), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(stored)))
        vectors = segment.collections.read(level, rows)
        if vectors.shape != stored[rows].shape or not np.allclose(
            vectors, stored[rows], atol=_LENGTH_TOLERANCE
        ):
            yield f"{segment.id}: Chroma's vectors of {level} differ from those that were embedded"
            return
    segment.collections.nearest(level, stored[0], 1)  # searches the graph, which may be damaged


def _check_counts(segment: Segment) -> Iterator[str]:
    for level in LEVELS:
        counts = {
            len(segment.tables[level]),
            len(segment.vectors[level]),
            len(segment.postings[level]),
        }
        if len(counts) > 1:
            yield f"{segment.id}: the numbers of {level} differ: {sorted(counts)}"


def _check_row(segment: Segment, row: int) -> Iterator[str]:
    try:
        yield from check_document(segment.indexed(row))
    except Exception as error:  # noqa: BLE001 - damaged numbers may cause any error
        yield f"{segment.id}: document {row + 1} cannot be read ({type(error).__name__})"


def require_sound(item: IndexedDocument | Exception) -> IndexedDocument:
    """Return the document if it has no faults.

    Raises `item` if it is an error, and `ValueError` if `check_document` finds a fault.
    """
    if isinstance(item, Exception):
        raise item
    if next(check_document(item), None) is not None:
        raise ValueError("the document has a fault")
    return item


def check_document(item: IndexedDocument) -> Iterator[str]:
    """Yield the faults of a document: invalid spans, passages or vectors."""
    text, path = item.document.text, item.document.path
    before = 0
    for sentence in item.sentences:
        piece = text[sentence.start : sentence.end]
        if sentence.start < before or not piece or piece != piece.strip():
            yield f"{path}: the sentence at {sentence.start} is damaged"
            break
        before = sentence.end
    covered = [n for p in item.passages for n in range(p.first, p.last + 1)]
    if covered != list(range(len(item.sentences))):
        yield f"{path}: its passages do not cover its sentences"
    for vectors in (item.sentence_vectors, item.passage_vectors):
        lengths = np.linalg.norm(np.asarray(vectors), axis=1)
        if not np.allclose(lengths, 1, atol=_LENGTH_TOLERANCE):  # False also for NaN and infinity
            yield f"{path}: a vector is missing or damaged"
            break
