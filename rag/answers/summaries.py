"""Answers to requests: greetings, lists of documents, and summaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from index import DocumentRecord, Snapshot, StoredSentence, Vectors
from prompts import read_prompt
from rag.answers.citations import cite_evidence
from rag.questions.intents import Request
from rag.retrieval.evidence import make_evidence
from rag.settings import EXTRACTIVE
from rag.types import Answer, Evidence, Signals

CONSIDERED = 2_000
"""Sentences of a document that are considered for its summary, from its beginning."""

_LISTED = 12  # documents that a list names
_SUMMARISED = 6  # documents in a summary of all documents
_SENTENCES = 3  # of a summary
_RELEVANCE = 0.7  # the lambda of MMR: weight of relevance against novelty
_SHORTEST, _LONGEST = 40, 400  # characters of a sentence in a summary
_NOTHING = Signals(0.0, 0.0, 0.0, 0.0, 0.0)


def answer_request(request: Request, question: str, snapshot: Snapshot) -> Answer:
    """Return the answer to a request. Sentences of documents are cited."""
    if request.kind in ("greeting", "thanks"):
        text = read_prompt(request.kind, request.language)
        return Answer(question, text, refused=False, model=EXTRACTIVE)
    if not request.documents:
        return Answer(question, read_prompt("empty"), refused=True, model=EXTRACTIVE)
    if request.kind == "list":
        return _list_documents(question, request.documents, snapshot)
    return _summarise(question, request.documents, snapshot)


def _list_documents(
    question: str, documents: Sequence[DocumentRecord], snapshot: Snapshot
) -> Answer:
    named = [(record, choose_central(snapshot, record, 1)) for record in documents[:_LISTED]]
    citations = cite_evidence(sentence for _, chosen in named for sentence in chosen)
    numbers = iter(citations)
    names = [f"{record.title} [{next(numbers).number}]" if chosen else record.title
             for record, chosen in named]  # fmt: skip
    more = len(documents) - len(named)
    if more:
        names.append(f"and {more} more")
    count = "1 document" if len(documents) == 1 else f"{len(documents)} documents"
    return Answer(question, f"{count}: {', '.join(names)}.", False, EXTRACTIVE, citations)


def _summarise(question: str, documents: Sequence[DocumentRecord], snapshot: Snapshot) -> Answer:
    each = max(1, _SENTENCES // len(documents))
    chosen = [
        sentence
        for record in documents[:_SUMMARISED]
        for sentence in choose_central(snapshot, record, each)
    ]
    citations = cite_evidence(chosen)
    parts = [
        f"{' '.join(sentence.readable.split())} [{citation.number}]"
        for sentence, citation in zip(chosen, citations, strict=True)
    ]
    if not parts:
        return Answer(question, read_prompt("empty"), refused=True, model=EXTRACTIVE)
    return Answer(question, " ".join(parts), False, EXTRACTIVE, citations)


def choose_central(snapshot: Snapshot, record: DocumentRecord, count: int) -> list[Evidence]:
    """Choose the most central sentences of a document, in document order.

    They are similar to the mean of all its sentences and dissimilar to each other (maximal marginal
    relevance, Carbonell and Goldstein, SIGIR 1998).
    """
    rows = list(snapshot.sentences_of(record.path))[:CONSIDERED]
    candidates = [sentence for sentence in map(snapshot.sentence, rows) if says_something(sentence)]
    order = sorted(pick_central(candidates, count, snapshot))
    return [make_evidence(candidates[number], _NOTHING) for number in order]


def says_something(sentence: StoredSentence) -> bool:
    """Whether a sentence may stand in a summary: a statement, neither short nor long."""
    return sentence.role == "statement" and _SHORTEST <= len(sentence.readable) <= _LONGEST


def pick_central(
    candidates: Sequence[StoredSentence], count: int, snapshot: Snapshot
) -> Iterator[int]:
    """Yield the numbers of up to `count` sentences, from 0, the most central first."""
    if candidates:
        rows = np.array([sentence.row for sentence in candidates])
        yield from _pick(snapshot.vectors_of("sentences", rows), count)


def _pick(vectors: Vectors, count: int) -> Iterator[int]:
    central = vectors @ vectors.mean(axis=0)
    likeness = np.zeros(len(vectors), np.float32)
    taken = np.zeros(len(vectors), bool)
    for _ in range(min(count, len(vectors))):
        score = np.where(taken, -np.inf, _RELEVANCE * central - (1 - _RELEVANCE) * likeness)
        best = int(score.argmax())
        taken[best] = True
        likeness = np.maximum(likeness, vectors @ vectors[best])
        yield best
