"""What a sound segment is."""

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
_BATCH = 10_000  # vectors that Chroma is asked for at once


def check_segment(segment: Segment, rows: Sequence[int]) -> list[str]:
    """Return what is wrong with the given documents of a segment; nothing if all is well."""
    return [*_check_counts(segment), *(f for row in rows for f in _check_row(segment, row))]


def check_files(layout: SegmentLayout) -> list[str]:
    """Return which files of a segment are not as they were written; all of each is read."""
    name = layout.root.name
    return [
        f"{name}: {file} is lost or not as it was written" for file in find_damaged_files(layout)
    ]


def check_checksums(layout: SegmentLayout) -> list[str]:
    """Return which files of a segment are not those that its checksums name."""
    name, found = layout.root.name, dict(layout.list_files())
    try:
        hashes: dict[str, str] = json.loads(layout.checksums.read_text("utf-8"))
    except (OSError, ValueError):
        return [f"{name}: {layout.checksums.name} is lost or not as it was written"]
    return [
        f"{name}: {file} is lost or not as it was written"
        for file, expected in hashes.items()
        if file not in found or hash_file(found[file]) != expected
    ]


def check_vectors(segment: Segment, level: Level) -> Iterator[str]:
    """Yield what is wrong with what Chroma holds of a level: every vector, as it was embedded."""
    stored = segment.vectors[level]
    if not has_graph(level, len(stored)):
        return
    held = segment.collections.count(level)
    if held != len(stored):
        yield f"{segment.id}: Chroma holds {held} of {len(stored)} {level}"
        return
    for start in range(0, len(stored), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(stored)))
        vectors = segment.collections.read(level, rows)
        if vectors.shape != stored[rows].shape or not np.allclose(
            vectors, stored[rows], atol=_LENGTH_TOLERANCE
        ):
            yield f"{segment.id}: Chroma holds other vectors of {level} than were embedded"
            return
    segment.collections.nearest(level, stored[0], 1)  # through the graph: it may be damaged too


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
    except Exception as error:  # noqa: BLE001 - numbers that are not as written may do anything
        yield f"{segment.id}: document {row + 1} cannot be read ({type(error).__name__})"


def require_sound(item: IndexedDocument | Exception) -> IndexedDocument:
    """Return a document. Raises the error it may be, `ValueError` if `check_document` says no."""
    if isinstance(item, Exception):
        raise item
    if next(check_document(item), None) is not None:
        raise ValueError("the document is not sound")
    return item


def check_document(item: IndexedDocument) -> Iterator[str]:
    """Yield what is wrong with a document: spans that do not hold, vectors that are none."""
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
        yield f"{path}: its passages do not hold its sentences"
    for vectors in (item.sentence_vectors, item.passage_vectors):
        lengths = np.linalg.norm(np.asarray(vectors), axis=1)
        if not np.allclose(lengths, 1, atol=_LENGTH_TOLERANCE):  # nor when one is not finite
            yield f"{path}: a vector is missing or damaged"
            break
