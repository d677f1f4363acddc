"""Subtracts mean vectors, for models whose vectors are all close to each other."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from index.arrays import Vectors
from index.encoders.protocol import normalise

Kind = Literal["question", "passage", "sentence"]
_KINDS: tuple[Kind, ...] = ("question", "passage", "sentence")


class Centres:
    """The mean vectors of a model's questions, passages and sentences, shape (3, d).

    E5's vectors are close to each other: two texts that have nothing in common have a cosine of
    about .75. Without the mean (Mu and Viswanath, "All-but-the-Top", ICLR 2018), cosines have about
    the same range as those of all-MiniLM-L6-v2, for which ranking and refusals were fitted.
    """

    def __init__(self, file: Path) -> None:
        means = np.load(file, allow_pickle=False)
        self._means = dict(zip(_KINDS, means.astype(np.float32), strict=True))

    def shift(self, kind: Kind, vectors: Vectors) -> Vectors:
        """Return vectors (n, d) of length 1 without the mean of their kind, again of length 1."""
        return normalise(vectors - self._means[kind])
