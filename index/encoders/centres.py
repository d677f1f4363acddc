"""Vectors of a model that all point the same way -> vectors that spread as those of others do."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from index.arrays import Vectors
from index.encoders.protocol import normalise

Kind = Literal["question", "passage", "sentence"]
_KINDS: tuple[Kind, ...] = ("question", "passage", "sentence")


class Centres:
    """The mean vectors of a model's questions, passages and sentences, which are subtracted.

    E5's vectors lie close together: even what has nothing in common has a cosine of .75. Around
    their mean they spread (Mu and Viswanath, "All-but-the-Top", ICLR 2018), so that cosines mean
    what they mean with other models.
    """

    def __init__(self, file: Path) -> None:
        means = np.load(file, allow_pickle=False)
        self._means = dict(zip(_KINDS, means.astype(np.float32), strict=True))

    def shift(self, kind: Kind, vectors: Vectors) -> Vectors:
        """Return vectors of length 1, shape (n, d), around their kind's mean, at length 1."""
        return normalise(vectors - self._means[kind])
