"""The rows of a segment that a question's words speak for, by BM25.

Scores follow Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with the non-negative idf of Lucene.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from index.arrays import Rows, Scores
from index.text.postings import BM25_LIMIT, K1, B, Postings, TermWeight

_LONG = 1 / 30  # of the rows: shorter postings are quicker read than thought about


def score_rows(
    segment: Postings, weights: Iterable[TermWeight], mean_length: float, rows: Rows
) -> Scores:
    """Return the BM25 scores of given rows of a segment, in their order."""
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
    """Return the `count` rows of a segment with the highest BM25 scores above 0, best first.

    Only those that the `mask` allows. The rarest terms are looked up first; once no row without
    any of them can reach the best ones, the postings of the others, which may be as long as the
    segment, are not read through (MaxScore: Turtle and Flood, "Query evaluation: strategies and
    optimizations", 1995).
    """
    found = [(weight, segment.find(weight.term)) for weight in weights]
    found = sorted(
        (f for f in found if f[1].stop > f[1].start), key=lambda f: f[1].stop - f[1].start
    )
    rest = BM25_LIMIT * sum(weight.idf for weight, _ in found)  # what unread terms add at most
    scores = np.zeros(len(segment), np.float32)
    touched: list[npt.NDArray[np.int32]] = []
    for weight, where in found:
        if touched and where.stop - where.start > _LONG * len(segment):
            # A row is among the touched as often as it has terms: the bound is not too high.
            best = _find_best(scores[np.concatenate(touched)], count * len(touched))
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
    """Return those rows, best first, that may be among the `count` best if each gains `rest`."""
    order = np.flatnonzero(scores + np.float32(rest) >= _find_best(scores, count))
    order = order[np.argsort(-scores[order], kind="stable")]
    return rows[order], scores[order]


def _find_best(scores: Scores, count: int) -> float:
    """Return the score that the `count` best have at least; 0 if there are fewer."""
    return float(np.partition(scores, -count)[-count]) if len(scores) >= count else 0.0


def _score_postings(
    segment: Postings, at: npt.NDArray[np.int64], weight: TermWeight, mean_length: float
) -> Scores:
    """Return what a term adds to the scores of the rows of some of its postings."""
    counts = segment.counts[at]
    norm = K1 * (1 - B + B * segment.lengths[segment.rows[at]] / max(mean_length, 1e-9))
    return np.asarray(weight.idf * counts * BM25_LIMIT / (counts + norm), np.float32)
