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


def map_array(file: Path) -> npt.NDArray[Any]:
    """Map an array of a .npy file, not loaded. Raises `OSError` or `ValueError`.

    As a plain array: each look into numpy's own kind of mapped array takes ten times as long.
    """
    return np.asarray(np.load(file, mmap_mode="r"))
