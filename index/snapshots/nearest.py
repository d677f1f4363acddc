"""Finds the rows of a segment that are nearest to a vector, by Chroma's graph or by a full scan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from index.arrays import NO_ROWS, NO_SCORES, Rows, Scores, Vectors, multiply
from index.chroma.collections import has_graph
from index.snapshots.segments import Segment
from index.types import Level

EXACT_ROWS = 20_000  # up to this many rows a full scan is as fast as the graph, and exact
_PASSAGES_PER_SENTENCE = 2  # passages to search for each sentence to find

Masks = Mapping[Level, npt.NDArray[np.bool_] | None]
"""Level -> mask of the rows that a search may return; None allows all rows."""


def find_nearest(
    segment: Segment, level: Level, vector: Vectors, count: int, masks: Masks, exact: bool
) -> tuple[Rows, Scores]:
    """Return the nearest allowed rows and their cosines to a vector, shape (d,).

    Returns at least `count` rows if so many are allowed, best first. If the mask allows few rows,
    or with `exact`, it returns all rows that the mask allows, in order of row number.
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
    # The graph also contains rows that the mask excludes. In the worst case all of them come
    # first, so that many more rows are requested.
    rows, scores = segment.nearest(level, vector, min(total, count + (total - wanted)))
    if mask is not None:
        rows, scores = rows[mask[rows]], scores[mask[rows]]
    return rows, scores


def _find_by_passages(
    segment: Segment, vector: Vectors, count: int, masks: Masks
) -> tuple[Rows, Scores]:
    """Return the nearest sentences among those of the nearest passages, best first."""
    wanted = _PASSAGES_PER_SENTENCE * count
    passages, _ = find_nearest(segment, "passages", vector, wanted, masks, exact=False)
    spans = segment.tables["passages"][passages, 1:]
    rows = np.concatenate([np.arange(first, last + 1) for first, last in spans])
    scores = multiply(segment.vectors["sentences"][rows], vector)
    order = np.argsort(-scores, kind="stable")[:count]
    return rows[order], scores[order]
