"""The arrays that travel beside the values of `index.types`, apart: numpy takes time to import."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Shape (rows, dimension), each row of length 1."""

Scores = npt.NDArray[np.float32]
"""Shape (rows,)."""

Rows = npt.NDArray[np.int64]
"""Row numbers of sentences or passages within a snapshot, shape (rows,)."""
