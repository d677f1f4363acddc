"""Hard negatives: sentences that share words with a question but do not answer it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from index import split_terms
from training.examples import Collection, Example

_K1, _B = 1.2, 0.75
_CHUNK = 256
_MANY = 8  # right sentences; in longer answers, shared words do not show that a sentence is right

Place = tuple[int, int, int]  # text, paragraph, sentence


def find_negatives(collection: Collection, count: int) -> list[list[Place]]:
    """Return for each example the `count` best wrong sentences by BM25.

    Half of them come from the example's own text, if it has enough: within one document, the reader
    must distinguish such sentences. Answering sentences and sentences that contain an accepted
    answer are skipped. Sentences in other paragraphs of the same text count as wrong, because an
    example labels only one paragraph.
    """
    places = [
        (t, p, s)
        for t, text in enumerate(collection.texts)
        for p, paragraph in enumerate(text.paragraphs)
        for s in range(len(paragraph))
    ]
    text_of = np.array([t for t, _, _ in places])
    first_of = np.searchsorted(text_of, np.arange(len(collection.texts) + 1))
    sentences = [collection.texts[t].paragraphs[p][s] for t, p, s in places]
    counter = CountVectorizer(analyzer=split_terms, dtype=np.float32)
    scores = _weigh(counter.fit_transform(sentences))
    asked = counter.transform([example.question for example in collection.examples])
    asked.data[:] = 1
    found: list[list[Place]] = []
    for first in range(0, asked.shape[0], _CHUNK):
        rows = (asked[first : first + _CHUNK] @ scores.T).toarray()
        best = np.argpartition(-rows, min(6 * count, rows.shape[1] - 1), axis=1)[:, : 6 * count]
        chunk = collection.examples[first : first + _CHUNK]
        for example, row, near in zip(chunk, rows, best, strict=True):
            own = np.arange(first_of[example.text], first_of[example.text + 1])
            ordered = (
                [int(i) for i in own[np.argsort(-row[own], kind="stable")]],
                [int(i) for i in near[np.argsort(-row[near], kind="stable")]],
            )
            here, there = (
                [places[i] for i in order if _is_wrong(example, places[i], sentences[i])]
                for order in ordered
            )
            mine = here[: count // 2]
            found.append([*mine, *(p for p in there if p not in mine)][:count])
    return found


def _is_wrong(example: Example, place: Place, sentence: str) -> bool:
    if place[:2] == (example.text, example.paragraph) and place[2] in example.sentences:
        return False
    if len(example.sentences) > _MANY or example.level == "passage":
        return True
    return not _holds(sentence, example.answers)


def _weigh(counts: csr_matrix) -> csr_matrix:
    """Return the BM25 weight of each term in each sentence."""
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    holding = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log1p((counts.shape[0] - holding + 0.5) / (holding + 0.5))
    norm = _K1 * (1 - _B + _B * lengths / lengths.mean())
    entries = counts.tocoo()
    weights = idf[entries.col] * entries.data * (_K1 + 1) / (entries.data + norm[entries.row])
    return csr_matrix((weights.astype(np.float32), (entries.row, entries.col)), counts.shape)


def _holds(sentence: str, answers: Sequence[str]) -> bool:
    lower = sentence.casefold()
    return any(answer.casefold() in lower for answer in answers)
