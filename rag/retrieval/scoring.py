"""Lexical scores of sentences, and their fusion with semantic scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index import BM25_LIMIT, Level, Rows, Scores, Snapshot, TermWeight, Vectors, announces


def find_replies(snapshot: Snapshot, rows: Rows, passages: Rows) -> list[int]:
    """Return the positions in `rows` of statements that directly follow a question or heading.

    `rows` are in ascending order.
    """
    stated = snapshot.statements_among(rows)
    follows = (np.diff(rows) == 1) & (np.diff(passages) == 0) & ~stated[:-1] & stated[1:]
    return [int(i) + 1 for i in np.flatnonzero(follows)]


def compare_lead_ins(snapshot: Snapshot, vector: Vectors, rows: Rows) -> dict[int, float]:
    """Return how near by meaning the sentences are that announce the lists of items.

    By position in `rows`, for items whose list is announced. "Fees:" says what "60 EUR" is about.
    """
    leads: dict[int, int] = {}
    announcing: dict[int, bool] = {}  # by row, as many items have the same sentence before them
    for at, row in enumerate(rows.tolist()):
        structure, base = snapshot.structure_around(row)
        group = structure.group(row - base)
        if group is None or group.kind != "list" or group.lead is None:
            continue
        lead = base + group.lead
        if lead not in announcing:
            announcing[lead] = announces(structure.readable(group.lead))
        if announcing[lead]:
            leads[at] = lead
    lead_rows = np.unique(np.array([*leads.values()], np.int64))
    near = snapshot.cosines("sentences", vector, lead_rows)
    by_row = dict(zip(lead_rows.tolist(), near.tolist(), strict=True))
    return {at: by_row[lead] for at, lead in leads.items()}


def cover_terms(weights: Sequence[TermWeight], terms: frozenset[str]) -> float:
    """Return the share of a question's terms, weighted by rarity, that are among `terms`."""
    total = sum(weight.idf for weight in weights)
    return sum(w.idf for w in weights if w.term in terms) / total if total else 0.0


def score_words(
    snapshot: Snapshot,
    level: Level,
    weights: Mapping[str, Sequence[TermWeight]],
    rows: Rows,
    languages: npt.NDArray[np.str_],
) -> Scores:
    """Return BM25 scores of rows, shape (rows,), divided by the limit for each row's language."""
    scores = np.zeros(len(rows), np.float32)
    for language, known in weights.items():
        limit = BM25_LIMIT * sum(weight.idf for weight in known)
        inside = np.flatnonzero(languages == language)
        found = snapshot.lexical(level, known, rows[inside])
        scores[inside] = found / np.float32(max(limit, 1e-9))
    return scores


def fuse_scores(
    dense: Scores,
    lexical: Scores,
    passage_dense: Scores,
    passage_lexical: Scores,
    title: Scores,
) -> Scores:
    """Fuse dense and lexical scores of sentences with half the scores of their passages.

    A title that contains the question's words adds a little, because a question that names the
    subject of a document is probably about that document. All arrays have shape (sentences,).
    `benchmarks/results.md` has the measurements behind the weights.
    """
    fused: Scores = dense + lexical + 0.5 * (passage_dense + passage_lexical) + 0.3 * title
    return fused
