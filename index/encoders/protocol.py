"""What an encoder is: text -> vectors. How the levels are pooled is said here once.

One forward pass over a passage gives its own vector and those of its sentences: the passage's is
the mean of all its tokens, a sentence's the mean of its own ("late chunking", Günther et al.,
2024, arXiv:2409.04701), so a pronoun's vector has seen its paragraph. This holds for models
that pool by mean; any other model encodes every sentence by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from index.arrays import Vectors


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What makes vectors comparable: the same weights. `sha256` is that of the weight files."""

    name: str
    sha256: str
    dimension: int


@dataclass(frozen=True, slots=True)
class PassageText:
    """The text of a passage and the spans of its sentences in it."""

    text: str
    spans: tuple[tuple[int, int], ...]


def join_sentences(sentences: Sequence[str], context: str = "") -> PassageText:
    """Return sentences as a passage, a space between each two, the `context` in front.

    The context, the headings that the passage stands under, is read with the sentences and has
    no span of its own (contextual chunk headers).
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
        """Return how many tokens each text has, special ones not counted."""

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors (passages, d) and sentence vectors (all sentences, d)."""

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors (questions, d)."""


def pool_spans(
    tokens: Vectors, offsets: np.ndarray[Any, np.dtype[np.int64]], spans: Sequence[tuple[int, int]]
) -> Vectors:
    """Return the mean of each span's tokens; a span cut off by the window gets that of all.

    `tokens` has shape (n, d), `offsets` (n, 2): where each token begins and ends, in characters.
    """
    real = offsets[:, 1] > offsets[:, 0]
    pooled = np.empty((len(spans), tokens.shape[1]), np.float32)
    for row, (start, end) in enumerate(spans):
        inside = real & (offsets[:, 0] < end) & (offsets[:, 1] > start)
        pooled[row] = tokens[inside if inside.any() else slice(None)].mean(axis=0)
    return pooled


def normalise(vectors: Vectors) -> Vectors:
    """Return the rows, shape (n, d), at length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
