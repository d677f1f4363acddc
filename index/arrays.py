"""The arrays that travel beside the values of `index.types`, apart: numpy takes time to import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Shape (rows, dimension), each row of length 1."""

Scores = npt.NDArray[np.float32]
"""Shape (rows,)."""

Rows = npt.NDArray[np.int64]
"""Row numbers of sentences or passages within a snapshot, shape (rows,)."""

NO_ROWS: Rows = np.empty(0, np.int64)
NO_SCORES: Scores = np.empty(0, np.float32)


def map_array(file: Path) -> npt.NDArray[Any]:
    """Map an array of a .npy file, not loaded. Raises `OSError` or `ValueError`.

    As a plain array: each look into numpy's own kind of mapped array takes ten times as long.
    """
    return np.asarray(np.load(file, mmap_mode="r"))


def multiply(vectors: Vectors, vector: Vectors) -> Scores:
    """Return the products of some hundred rows with a vector, shape (d,).

    For so few, numpy's own loop is quicker than to wake the threads of its algebra library.
    """
    return np.asarray(np.einsum("rd,d->r", vectors, vector), np.float32)
