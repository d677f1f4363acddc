"""BM25 search in one segment: the scores of given rows, and the rows with the best scores.

Scores follow Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with the non-negative idf of Lucene.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from index.arrays import Rows, Scores
from index.text.postings import BM25_LIMIT, K1, B, Postings, TermWeight

# As a fraction of the segment's rows. A shorter posting list is always read: that is faster than
# to compute whether it can be skipped.
_LONG_SHARE = 1 / 30


def score_rows(
    segment: Postings, weights: Iterable[TermWeight], mean_length: float, rows: Rows
) -> Scores:
    """Return the BM25 scores of the given rows of a segment, in the order of `rows`."""
    scores = np.zeros(len(rows), np.float32)
    for weight in weights:
        where = segment.find(weight.term)
        holding = segment.rows[where]
        at = np.searchsorted(holding, rows)
        at[at == len(holding)] = 0
        hits = np.flatnonzero(holding[at] == rows) if len(holding) else at[:0]
        scores[hits] += _score_postings(segment, where.start + at[hits], weight, mean_length)
    return scores


def match_rows(
    segment: Postings,
    weights: Iterable[TermWeight],
    mean_length: float,
    count: int,
    mask: npt.NDArray[np.bool_] | None = None,
) -> Rows:
    """Return the `count` rows with the highest BM25 scores above 0, best first.

    Only rows that `mask` allows are returned. Posting lists are read in order of length, rarest
    term first. Reading stops when a row that contains none of the terms read so far can no longer
    be among the best `count`. The remaining terms, whose posting lists may be as long as the
    segment, are then scored only for the rows found (MaxScore: Turtle and Flood, "Query
    evaluation: strategies and optimizations", 1995).
    """
    found = [(weight, segment.find(weight.term)) for weight in weights]
    found = sorted(
        (f for f in found if f[1].stop > f[1].start), key=lambda f: f[1].stop - f[1].start
    )
    rest = BM25_LIMIT * sum(weight.idf for weight, _ in found)  # upper bound of the unread terms
    scores = np.zeros(len(segment), np.float32)
    touched: list[npt.NDArray[np.int32]] = []
    for weight, where in found:
        if touched and where.stop - where.start > _LONG_SHARE * len(segment):
            # `touched` repeats a row once per term read, at most len(touched) times. So the best
            # count * len(touched) entries hold at least `count` different rows.
            best = _find_threshold(scores[np.concatenate(touched)], count * len(touched))
            if best >= rest:
                break
        rows = segment.rows[where]
        parts = _score_postings(segment, np.arange(where.start, where.stop), weight, mean_length)
        if mask is not None:
            allowed = mask[rows]
            rows, parts = rows[allowed], parts[allowed]
        scores[rows] += parts
        rest -= BM25_LIMIT * weight.idf
        touched.append(rows)
    hits = np.flatnonzero(scores)
    whole = scores[hits]
    for weight, _ in found[len(touched) :]:
        hits, whole = _keep_best(hits, whole, count, rest)
        whole = np.add(whole, score_rows(segment, [weight], mean_length, hits))
        rest -= BM25_LIMIT * weight.idf
    return _keep_best(hits, whole, count, 0.0)[0][:count]


def _keep_best(rows: Rows, scores: Scores, count: int, rest: float) -> tuple[Rows, Scores]:
    """Return the rows that can still be among the `count` best, and their scores, best first.

    `rest` is the most that any row can still gain.
    """
    order = np.flatnonzero(scores + np.float32(rest) >= _find_threshold(scores, count))
    order = order[np.argsort(-scores[order], kind="stable")]
    return rows[order], scores[order]


def _find_threshold(scores: Scores, count: int) -> float:
    """Return the `count`-th highest score, or 0 if there are fewer scores."""
    return float(np.partition(scores, -count)[-count]) if len(scores) >= count else 0.0


def _score_postings(
    segment: Postings, at: npt.NDArray[np.int64], weight: TermWeight, mean_length: float
) -> Scores:
    """Return the term's part of the BM25 score for its postings at the positions `at`."""
    counts = segment.counts[at]
    norm = K1 * (1 - B + B * segment.lengths[segment.rows[at]] / max(mean_length, 1e-9))
    return np.asarray(weight.idf * counts * BM25_LIMIT / (counts + norm), np.float32)
