"""Hard negatives: sentences that share a question's words and do not answer it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from index import split_terms
from training.examples import Collection

_K1, _B = 1.2, 0.75
_CHUNK = 256

Place = tuple[int, int, int]  # text, paragraph, sentence


def find_negatives(collection: Collection, count: int) -> list[list[Place]]:
    """Return for each example the `count` sentences of all texts that BM25 puts first.

    The answering sentence is left out, and so is every sentence that holds an accepted answer.
    """
    places = [
        (t, p, s)
        for t, text in enumerate(collection.texts)
        for p, paragraph in enumerate(text.paragraphs)
        for s in range(len(paragraph))
    ]
    sentences = [collection.texts[t].paragraphs[p][s] for t, p, s in places]
    counter = CountVectorizer(analyzer=split_terms, dtype=np.float32)
    scores = _weigh(counter.fit_transform(sentences))
    asked = counter.transform([example.question for example in collection.examples])
    asked.data[:] = 1
    found: list[list[Place]] = []
    for first in range(0, asked.shape[0], _CHUNK):
        rows = (asked[first : first + _CHUNK] @ scores.T).toarray()
        best = np.argsort(-rows, axis=1)[:, : 4 * count + 8]
        for example, order in zip(collection.examples[first:], best, strict=False):
            gold = (example.text, example.paragraph, example.sentence)
            found.append(
                [
                    places[row]
                    for row in order
                    if places[row] != gold and not _holds(sentences[row], example.answers)
                ][:count]
            )
    return found


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
