"""Question -> Evidence: sentences found by meaning and by words, in themselves and by passage.

The parts of a score are bounded, not ranks or z-scores: they mean the same in a folder of ten
sentences and of ten million, and the likelihoods that refusals rest on are made of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from index import (
    LEVELS,
    MULTILINGUAL_MODEL,
    DocumentRecord,
    Encoder,
    Rows,
    Snapshot,
    TermWeight,
    Vectors,
    distinct_terms,
    split_terms,
)
from rag.concurrency.gate import Gate
from rag.questions.parse import Question
from rag.reader import READ, load_reader, read_evidence
from rag.retrieval.candidates import Weights, find_candidates
from rag.retrieval.dated import add_readings
from rag.retrieval.described import describe_rows
from rag.retrieval.duplicates import fold_duplicates
from rag.retrieval.evidence import make_evidence
from rag.retrieval.headed import favour_headed
from rag.retrieval.holding import find_holding
from rag.retrieval.neighbours import find_neighbours
from rag.retrieval.ranking import mark_foreign, rank_evidence
from rag.retrieval.readings import Found, settle_question
from rag.retrieval.rerank import Reranker
from rag.retrieval.rows import RowMatch, match_rows
from rag.retrieval.scoring import (
    compare_lead_ins,
    cover_terms,
    find_replies,
    fuse_scores,
    score_words,
)
from rag.types import Evidence, Signals

DEFAULT_COUNT = 10
_BY_WORDS = 4  # sentences that are taken for their words alone
_BY_VALUES = 4  # rows of tables that are taken because they hold the values of the question
_READ_FIRST = 4  # of the best sentences; then what stands around them is read
_EXPANDED = 10  # of the best sentences, those whose surroundings are looked at too
_SEVERAL = 2  # sentences that hold all words of a question for a list: one would be no list
_LEAD_IN = 0.9  # of the nearness of the sentence that announces a list, for its items
CANDIDATES = 20  # sentences whose text is looked at; the reader reads the first few of them


class Retriever(Protocol):
    """Finds the sentences that may answer a question."""

    def settle(
        self, question: Question, count: int, documents: Collection[str] | None = None
    ) -> Found:
        """Return a question with its likeliest readings, and up to `count` sentences for it."""


class HybridRetriever:
    """Dense vectors and BM25, over sentences and over the passages around them.

    The reader reads the results, then they are ranked; a `reranker`, if given, reorders them.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder,
        reranker: Reranker | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._encoder = encoder
        self._reranker = reranker
        self._gate = gate

    def retrieve(
        self,
        question: Question,
        count: int = DEFAULT_COUNT,
        documents: Collection[str] | None = None,
    ) -> list[Evidence]:
        """Return up to `count` sentences, best first; of these documents only, if given."""
        return self.settle(question, count, documents)[1]

    def settle(
        self, question: Question, count: int, documents: Collection[str] | None = None
    ) -> Found:
        """Return a question with its likeliest readings, and the sentences found for it.

        Of a question with parts, each part is asked, and up to `count` sentences are returned for
        each. Raises `BusyError` when too many wait at the gate.
        """
        asked = add_readings(question, self._snapshot, documents)
        with self._gate.enter() if self._gate else nullcontext():
            settled, evidence = settle_question(
                asked, lambda each: self._rank(each, count, each.within or documents)
            )
        # A follow-up to an answer from the documents of a day is about that day, too.
        return replace(settled, text=question.text) if settled.within else settled, evidence

    def _rank(
        self, question: Question, count: int, documents: Collection[str] | None
    ) -> list[Evidence]:
        found = self.find_evidence(question, max(count, CANDIDATES), documents)
        multilingual = self._encoder.identity.name == MULTILINGUAL_MODEL
        if multilingual:
            found = mark_foreign(question, found)
        held = (at + 1 for at, item in enumerate(found) if item.signals.holds_all)
        count_read = max([READ, *held])
        texts = describe_rows(self._snapshot, question, found[:count_read])
        found = read_evidence(load_reader(), question.text, found, count_read, texts)
        ranked = rank_evidence(question, found, multilingual=multilingual)
        ranked = favour_headed(question, ranked)
        if self._reranker is not None:
            ranked = self._reranker.rerank(question.text, ranked)
        return fold_duplicates(ranked)[:count]

    def find_evidence(
        self, question: Question, count: int, documents: Collection[str] | None = None
    ) -> list[Evidence]:
        """Return up to `count` sentences by fused score, not yet ranked; see `rank_evidence`."""
        query = self._make_query(question)
        matched = match_rows(self._snapshot, question, documents)
        by_values = np.array(sorted(matched), np.int64)
        rows = find_candidates(self._snapshot, query.vector, query.weights, documents)
        rows = np.union1d(rows, by_values)
        signals = self._score(query, rows)
        fused = np.array([each.fused for each in signals], np.float32)
        best = [int(i) for i in np.argsort(-fused, kind="stable")[:count]]
        best = _put_after(best, np.searchsorted(rows, np.array([*matched], np.int64)).tolist())
        # The vector of a table row says little, but the row may have the year that is asked for.
        lexical = np.array([each.lexical for each in signals], np.float32)
        best += [int(i) for i in np.argsort(-lexical, kind="stable")[:_BY_WORDS] if i not in best]
        near = find_neighbours(self._snapshot, [int(rows[i]) for i in best[:_EXPANDED]])
        around = np.array(sorted(near), np.int64)
        by_row = dict(zip(around.tolist(), self._score(query, around), strict=True))
        found = [(int(rows[i]), signals[i]) for i in best]
        # The neighbours of the best sentences are read with them.
        first = _READ_FIRST + min(len(matched), _BY_VALUES)
        found[first:first] = [(row, by_row[row]) for row in near]
        found = [*dict(found).items()]  # a neighbour may have been found itself, further down
        if question.asks_for_all:
            found = self._add_holding(query, question, documents, found)
        passages: dict[int, _Passage] = {}
        return [
            self._build_evidence(row, _add_match(each, matched.get(row)), query, passages)
            for row, each in found
        ]

    def _add_holding(
        self,
        query: _Query,
        question: Question,
        documents: Collection[str] | None,
        found: Sequence[tuple[int, Signals]],
    ) -> list[tuple[int, Signals]]:
        """Return the rows found, and after the first of them those that hold all words."""
        holding = find_holding(self._snapshot, question, documents)
        if len(holding) < _SEVERAL:
            return [*found]
        signals = zip(holding.tolist(), self._score(query, holding), strict=True)
        held = {row: replace(each, holds_all=True) for row, each in signals}
        known = [(row, held.pop(row, each)) for row, each in found]
        return [*known[:READ], *held.items(), *known[READ:]]

    def _make_query(self, question: Question) -> _Query:
        snapshot = self._snapshot
        terms = {language: split_terms(question.text, language) for language in snapshot.languages}
        weights: Weights = {
            level: {language: snapshot.weigh(level, words) for language, words in terms.items()}
            for level in LEVELS
        }
        content = {
            language: [w for w in known if w.term in question.terms_in(language)]
            for language, known in weights["passages"].items()
        }
        return _Query(self._encoder.encode_questions([question.text])[0], weights, content)

    def _score(self, query: _Query, rows: Rows) -> list[Signals]:
        """Return what speaks for sentences, given by their rows in ascending order."""
        snapshot, vector = self._snapshot, query.vector
        if not len(rows):
            return []
        weights = query.weights["passages"]
        passages = snapshot.passages_of(rows)
        records = [snapshot.record(int(row)) for row in rows]
        languages = np.array([record.language for record in records], np.str_)
        dense = snapshot.cosines("sentences", vector, rows)
        lexical = score_words(snapshot, "sentences", query.weights["sentences"], rows, languages)
        for i in find_replies(snapshot, rows, passages):
            # The sentence after a question answers it; the one after a heading is about it.
            dense[i] = max(dense[i], dense[i - 1])
            lexical[i] = max(lexical[i], lexical[i - 1])
        for i, near in compare_lead_ins(snapshot, vector, rows).items():
            dense[i] = max(dense[i], _LEAD_IN * near)
        passage_dense = snapshot.cosines("passages", vector, passages)
        passage_lexical = score_words(snapshot, "passages", weights, passages, languages)
        titles = [(record.title, record.language) for record in records]
        by_title = {
            (title, language): cover_terms(weights[language], distinct_terms(title, language))
            for title, language in set(titles)
        }
        in_title = np.array([by_title[title] for title in titles], np.float32)
        fused = fuse_scores(dense, lexical, passage_dense, passage_lexical, in_title)
        columns = (fused, dense, lexical, passage_dense, passage_lexical, in_title)
        return [
            Signals(each[0], each[1], each[2], each[3], each[4], each[5])
            for each in np.stack(columns, axis=1).tolist()
        ]

    def _build_evidence(
        self,
        row: int,
        signals: Signals,
        query: _Query,
        passages: dict[int, _Passage],
    ) -> Evidence:
        stored = self._snapshot.sentence(row)
        if stored.passage not in passages:
            passages[stored.passage] = self._load_passage(stored.passage, stored.document)
        passage = passages[stored.passage]
        position = row - passage.first
        known = query.content[stored.document.language]
        in_sentence = passage.terms[position]
        before = passage.terms[position - 1] if position else frozenset()
        signals = replace(
            signals,
            covered=cover_terms(known, in_sentence),
            window_covered=cover_terms(known, before | in_sentence),
            passage_covered=cover_terms(known, passage.all_terms),
            heading_dense=self._compare_headings(query.vector, row),
        )
        return make_evidence(stored, signals, passage.sentences, position)

    def _compare_headings(self, vector: Vectors, row: int) -> float:
        """Return how near the nearest heading above a sentence is to the question."""
        structure, base = self._snapshot.structure_around(row)
        path = structure.path(row - base)
        if not path:
            return 0.0
        rows = np.array([base + number for number in path], np.int64)
        return float(self._snapshot.cosines("sentences", vector, rows).max())

    def _load_passage(self, number: int, document: DocumentRecord) -> _Passage:
        rows = self._snapshot.sentences_in(number)
        sentences = self._snapshot.readable_in(number)
        terms = tuple(distinct_terms(sentence, document.language) for sentence in sentences)
        title = distinct_terms(document.title, document.language)
        return _Passage(rows.start, sentences, terms, title.union(*terms))


@dataclass(frozen=True, slots=True)
class _Query:
    """A question's vector, shape (d,), its terms with their weights, and those that carry it."""

    vector: Vectors
    weights: Weights
    content: Mapping[str, Sequence[TermWeight]]


@dataclass(frozen=True, slots=True)
class _Passage:
    """The sentences of a passage, from row `first` on, their terms, and those of the title too."""

    first: int
    sentences: tuple[str, ...]
    terms: tuple[frozenset[str], ...]
    all_terms: frozenset[str]


def _put_after(best: Sequence[int], values: Sequence[int]) -> list[int]:
    """Put a few of the rows that hold values after the best sentences, the others at the end."""
    first = dict.fromkeys([*best[:_READ_FIRST], *values[:_BY_VALUES], *best, *values])
    return [*first]


def _add_match(signals: Signals, match: RowMatch | None) -> Signals:
    if match is None:
        return signals
    return replace(
        signals,
        row_covered=match.covered,
        row_equal=match.equal,
        row_complete=match.complete,
    )
