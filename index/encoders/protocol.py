"""The encoder protocol, text -> vectors, and the pooling of passages and sentences.

One forward pass over a passage gives the passage's vector, which is the mean of all its tokens,
and the vector of each of its sentences, which is the mean of the sentence's tokens ("late
chunking", Günther et al., 2024, arXiv:2409.04701). So a sentence's vector depends on its context;
for example, a pronoun's tokens include what it refers to. This requires a model that pools by
mean. Any other model encodes every sentence by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from index.arrays import Vectors


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Identifies a model. Vectors of two models are comparable only if `sha256` is equal.

    `sha256` is the hash of the weight files.
    """

    name: str
    sha256: str
    dimension: int


@dataclass(frozen=True, slots=True)
class PassageText:
    """The text of a passage and the spans of its sentences in that text."""

    text: str
    spans: tuple[tuple[int, int], ...]


def join_sentences(sentences: Sequence[str], context: str = "") -> PassageText:
    """Join the `context` and the sentences of a passage with spaces.

    The context consists of the headings above the passage. It is encoded with the sentences, but
    has no span of its own ("contextual chunk headers").
    """
    spans: list[tuple[int, int]] = []
    front = f"{context}. " if context else ""
    length = len(front)
    for sentence in sentences:
        spans.append((length, length + len(sentence)))
        length += len(sentence) + 1
    return PassageText(front + " ".join(sentences), tuple(spans))


class Encoder(Protocol):
    """Text -> vectors of length 1."""

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special tokens."""

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors, shape (passages, d), and sentence vectors, (all sentences, d)."""

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors, shape (questions, d)."""


def pool_spans(
    tokens: Vectors, offsets: np.ndarray[Any, np.dtype[np.int64]], spans: Sequence[tuple[int, int]]
) -> Vectors:
    """Return the mean of each span's tokens, shape (spans, d).

    `tokens` has shape (n, d). `offsets` has shape (n, 2): the start and end of each token in
    characters. A span without tokens, because the text was truncated, gets the mean of all tokens.
    """
    real = offsets[:, 1] > offsets[:, 0]
    pooled = np.empty((len(spans), tokens.shape[1]), np.float32)
    for row, (start, end) in enumerate(spans):
        inside = real & (offsets[:, 0] < end) & (offsets[:, 1] > start)
        pooled[row] = tokens[inside if inside.any() else slice(None)].mean(axis=0)
    return pooled


def normalise(vectors: Vectors) -> Vectors:
    """Return the vectors, shape (n, d), scaled to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
