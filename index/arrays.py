"""The array types of the index. Not in `index.types`, because importing numpy takes time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import StoreBrokenError

Vectors = npt.NDArray[np.float32]
"""Shape (rows, dimension); each row has length 1."""

Scores = npt.NDArray[np.float32]
"""Shape (rows,)."""

Rows = npt.NDArray[np.int64]
"""Row numbers of sentences or passages within a snapshot, shape (rows,)."""

NO_ROWS: Rows = np.empty(0, np.int64)
NO_SCORES: Scores = np.empty(0, np.float32)


def map_array(file: Path, kind: npt.DTypeLike, *columns: int | None) -> npt.NDArray[Any]:
    """Memory-map the array of a .npy file.

    The array has one dimension of rows and one per item of `columns`, which gives its size; None
    allows any size. Raises `StoreBrokenError` if the file is damaged or has another type or shape.
    """
    try:
        # Converted to a plain array, because indexing an np.memmap takes ten times as long.
        array = np.asarray(np.load(file, mmap_mode="r"))
    except Exception as error:  # a damaged header may raise any error
        raise _broken(file) from error
    shape = array.shape[1:]
    if (
        array.dtype != kind
        or array.ndim != 1 + len(columns)
        or any(wanted not in (None, found) for wanted, found in zip(columns, shape, strict=True))
    ):
        raise _broken(file)
    return array


def map_bytes(file: Path) -> npt.NDArray[np.uint8]:
    """Memory-map a file's bytes, shape (bytes,). Raises `StoreBrokenError`."""
    try:
        return np.asarray(np.memmap(file, np.uint8, "r"))
    except Exception as error:  # an empty file raises `ValueError`
        raise _broken(file) from error


def _broken(file: Path) -> StoreBrokenError:
    return StoreBrokenError(f"{file} of the index is damaged", "run `rag doctor --repair`")


def multiply(vectors: Vectors, vector: Vectors) -> Scores:
    """Return the dot products of a few hundred rows, shape (rows, d), with a vector, shape (d,).

    For so few rows einsum is faster than `@`, which wakes the threads of the BLAS library.
    """
    return np.asarray(np.einsum("rd,d->r", vectors, vector), np.float32)
