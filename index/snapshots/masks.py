"""Masks of the rows that belong to given documents, and the mean length of these rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from index.snapshots.segments import Segment
from index.types import DocumentRecord, Level

Mask = npt.NDArray[np.bool_] | None
"""Shape (rows,), True for each selected row; None selects all rows."""


def mask_rows(
    segments: Sequence[Segment], level: Level, records: Iterable[DocumentRecord]
) -> list[Mask]:
    """Return one mask per segment of the rows that belong to these documents."""
    chosen: dict[str, list[int]] = {}
    for record in records:
        chosen.setdefault(record.segment, []).append(record.row)
    masks: list[Mask] = []
    for segment in segments:
        rows = chosen.get(segment.id, [])
        if len(rows) == len(segment.documents) - 1:
            masks.append(None)
            continue
        members = np.zeros(len(segment.documents) - 1, bool)
        members[rows] = True
        masks.append(members[segment.tables[level][:, 0]])
    return masks


def measure_rows(segments: Sequence[Segment], level: Level, masks: Sequence[Mask]) -> float:
    """Return the mean number of terms in the rows that the masks select."""
    total, rows = 0.0, 0
    for segment, mask in zip(segments, masks, strict=True):
        lengths = segment.postings[level].lengths
        lengths = lengths if mask is None else lengths[mask]
        total, rows = total + float(lengths.sum()), rows + len(lengths)
    return total / max(rows, 1)
