"""Question -> Evidence: sentences found by meaning and by words, in themselves and by passage.

The parts of a score are bounded, not ranks or z-scores: they mean the same in a folder of ten
sentences and of ten million, and the likelihoods that refusals rest on are made of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from index import (
    BM25_LIMIT,
    Encoder,
    Level,
    Rows,
    Scores,
    Selection,
    Snapshot,
    StoredSentence,
    TermWeight,
    Vectors,
    split_terms,
)
from rag.questions import Question, read_question
from rag.ranking import rank_evidence
from rag.types import Evidence, Signals

DEFAULT_COUNT = 10
_POOL_SENTENCES = 60
_POOL_PASSAGES = 12
_RANKED = 20  # of the candidates: their text is read and looked at


class Retriever(Protocol):
    """Finds the sentences that speak to a question."""

    def retrieve(
        self, question: str, count: int = DEFAULT_COUNT, documents: Collection[str] | None = None
    ) -> list[Evidence]:
        """Return up to `count` sentences, best first; of these documents only, if given."""


class HybridRetriever:
    """Dense vectors and BM25, over sentences and over the passages around them."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        self._snapshot = snapshot
        self._encoder = encoder

    def retrieve(
        self, question: str, count: int = DEFAULT_COUNT, documents: Collection[str] | None = None
    ) -> list[Evidence]:
        """Return up to `count` sentences, best first; of these documents only, if given."""
        asked = read_question(question)
        found = self.find_evidence(asked, max(count, _RANKED), documents)
        return rank_evidence(asked, found)[:count]

    def find_evidence(
        self, asked: Question, count: int, documents: Collection[str] | None = None
    ) -> list[Evidence]:
        """Return up to `count` sentences by fused score, not yet ranked; see `rank_evidence`."""
        snapshot = self._snapshot
        selection = snapshot.select(documents)
        vector = self._encoder.encode_questions([asked.text])[0]
        terms = split_terms(asked.text)
        weights = snapshot.weigh("passages", terms)
        in_passages = score_lexical(snapshot, "passages", weights, selection)
        in_sentences = score_lexical(
            snapshot, "sentences", snapshot.weigh("sentences", terms), selection
        )
        rows = self._find_candidates(vector, in_sentences, in_passages, selection)
        passages = snapshot.passages_of(rows)
        dense = snapshot.cosines("sentences", vector, rows)
        lexical = in_sentences[rows]
        for i in find_replies(snapshot, rows, passages):
            # What follows a question answers it; what follows a heading is about it.
            dense[i] = max(dense[i], dense[i - 1])
            lexical[i] = max(lexical[i], lexical[i - 1])
        passage_dense = snapshot.cosines("passages", vector, passages)
        passage_lexical = in_passages[passages]
        titles = [snapshot.record(int(row)).title for row in rows]
        by_title = {title: cover_terms(weights, split_terms(title)) for title in set(titles)}
        in_title = np.array([by_title[title] for title in titles], np.float32)
        fused = fuse_scores(dense, lexical, passage_dense, passage_lexical, in_title)
        best = np.argsort(-fused, kind="stable")[:count]
        columns = (fused, dense, lexical, passage_dense, passage_lexical, in_title)
        content = [weight for weight in weights if weight.term in asked.terms]
        return [
            self._read_evidence(int(rows[i]), Signals(*(float(c[i]) for c in columns)), content)
            for i in best
        ]

    def _find_candidates(
        self, vector: Vectors, in_sentences: Scores, in_passages: Scores, selection: Selection
    ) -> Rows:
        """Return the sentence rows that any of the four searches finds near the top."""
        snapshot = self._snapshot
        near, _ = snapshot.nearest("sentences", vector, _POOL_SENTENCES, selection)
        passages, _ = snapshot.nearest("passages", vector, _POOL_PASSAGES, selection)
        by_passage = {*passages.tolist(), *top_rows(in_passages, _POOL_PASSAGES).tolist()}
        inside = [row for passage in by_passage for row in snapshot.sentences_in(passage)]
        found = {*near.tolist(), *top_rows(in_sentences, _POOL_SENTENCES).tolist(), *inside}
        return np.array(sorted(found), np.int64)

    def _read_evidence(self, row: int, signals: Signals, content: Sequence[TermWeight]) -> Evidence:
        stored = self._snapshot.sentence(row)
        inside = self._snapshot.sentences_in(stored.passage)
        around = [self._snapshot.sentence(other).readable for other in inside]
        passage = " ".join(around)
        in_sentence = split_terms(stored.readable)
        position = inside.index(row)
        before = split_terms(around[position - 1]) if position else []
        in_passage = split_terms(f"{stored.document.title} {passage}")
        signals = replace(
            signals,
            covered=cover_terms(content, in_sentence),
            window_covered=cover_terms(content, [*before, *in_sentence]),
            passage_covered=cover_terms(content, in_passage),
        )
        return make_evidence(stored, signals, passage)


def make_evidence(stored: StoredSentence, signals: Signals, passage: str = "") -> Evidence:
    """Return a stored sentence as evidence, scored as it was found."""
    return Evidence(
        document=stored.document.path,
        title=stored.document.title,
        start=stored.start,
        end=stored.end,
        sentence=stored.text,
        place=stored.place,
        score=signals.fused,
        readable=stored.readable,
        passage=passage,
        role=stored.role,
        signals=signals,
    )


def find_replies(snapshot: Snapshot, rows: Rows, passages: Rows) -> list[int]:
    """Return where in `rows`, ascending, a statement comes right after a question or heading."""
    stated = snapshot.statements_among(rows)
    follows = (np.diff(rows) == 1) & (np.diff(passages) == 0) & ~stated[:-1] & stated[1:]
    return [int(i) + 1 for i in np.flatnonzero(follows)]


def cover_terms(weights: Sequence[TermWeight], terms: Collection[str]) -> float:
    """Return the share of a question's terms, weighted by rarity, that are among `terms`."""
    present = set(terms)
    total = sum(weight.idf for weight in weights)
    return sum(w.idf for w in weights if w.term in present) / total if total else 0.0


def score_lexical(
    snapshot: Snapshot, level: Level, weights: Sequence[TermWeight], selection: Selection
) -> Scores:
    """Return BM25 scores of all rows of a level as shares of what the terms could reach."""
    limit = BM25_LIMIT * sum(weight.idf for weight in weights)
    return snapshot.lexical(level, weights, selection) / np.float32(max(limit, 1e-9))


def top_rows(scores: Scores, count: int) -> Rows:
    """Return the rows with the highest scores above 0, at most `count`, in no order."""
    if len(scores) > count:
        rows = np.argpartition(-scores, count)[:count]
    else:
        rows = np.arange(len(scores))
    return rows[scores[rows] > 0].astype(np.int64)


def fuse_scores(
    dense: Scores,
    lexical: Scores,
    passage_dense: Scores,
    passage_lexical: Scores,
    title: Scores,
) -> Scores:
    """Fuse a sentence's own likeness, by meaning and by words, with half its passage's.

    A title that shares the question's words helps a little: who names the subject of a document
    wants that document. `benchmarks/results.md` has the figures behind the weights.
    """
    fused: Scores = dense + lexical + 0.5 * (passage_dense + passage_lexical) + 0.3 * title
    return fused
