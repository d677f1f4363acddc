"""The rows of a segment that are nearest to a vector: by Chroma's graph, or exactly."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from index.arrays import NO_ROWS, NO_SCORES, Rows, Scores, Vectors, multiply
from index.chroma.collections import has_graph
from index.snapshots.segments import Segment
from index.types import Level

EXACT_ROWS = 20_000  # up to here a scan of the vectors is as fast as the graph, and exact
_PASSAGES_PER_SENTENCE = 2  # asked for, of each sentence wanted

Masks = Mapping[Level, npt.NDArray[np.bool_] | None]
"""Which rows may be found, by level; None where it is all."""


def find_nearest(
    segment: Segment, level: Level, vector: Vectors, count: int, masks: Masks, exact: bool
) -> tuple[Rows, Scores]:
    """Return up to `count` rows that the masks allow by falling cosine to a vector, shape (d,).

    With `exact`, all allowed rows are compared, and returned.
    """
    mask = masks[level]
    total = segment.count(level)
    wanted = total if mask is None else int(mask.sum())
    if not wanted:
        return NO_ROWS, NO_SCORES
    if mask is not None and (exact or wanted <= EXACT_ROWS):
        rows = np.flatnonzero(mask)
        return rows, np.asarray(segment.vectors[level][rows] @ vector, np.float32)
    if not has_graph(level, total):
        return _find_by_passages(segment, vector, count, masks)
    # Rows of removed documents are still in the graph: ask for as many more as may hide.
    rows, scores = segment.nearest(level, vector, min(total, count + (total - wanted)))
    if mask is not None:
        rows, scores = rows[mask[rows]], scores[mask[rows]]
    return rows, scores


def _find_by_passages(
    segment: Segment, vector: Vectors, count: int, masks: Masks
) -> tuple[Rows, Scores]:
    """Return the nearest sentences among those of the nearest passages."""
    wanted = _PASSAGES_PER_SENTENCE * count
    passages, _ = find_nearest(segment, "passages", vector, wanted, masks, exact=False)
    spans = segment.tables["passages"][passages, 1:]
    rows = np.concatenate([np.arange(first, last + 1) for first, last in spans])
    scores = multiply(segment.vectors["sentences"][rows], vector)
    order = np.argsort(-scores, kind="stable")[:count]
    return rows[order], scores[order]
