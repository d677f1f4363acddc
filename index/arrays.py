"""The arrays that travel beside the values of `index.types`, apart: numpy takes time to import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import StoreBrokenError

Vectors = npt.NDArray[np.float32]
"""Shape (rows, dimension), each row of length 1."""

Scores = npt.NDArray[np.float32]
"""Shape (rows,)."""

Rows = npt.NDArray[np.int64]
"""Row numbers of sentences or passages within a snapshot, shape (rows,)."""

NO_ROWS: Rows = np.empty(0, np.int64)
NO_SCORES: Scores = np.empty(0, np.float32)


def map_array(file: Path, kind: npt.DTypeLike, *columns: int | None) -> npt.NDArray[Any]:
    """Map an array of a .npy file, not loaded: rows of these columns, of any number for None.

    Whatever is wrong with the file is a `StoreBrokenError`.
    """
    try:
        # As a plain array: each look into numpy's own kind of mapped array takes ten times as long.
        array = np.asarray(np.load(file, mmap_mode="r"))
    except Exception as error:  # a broken header may raise anything
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
    """Map a file's bytes, shape (bytes,). Whatever is wrong with it is a `StoreBrokenError`."""
    try:
        return np.asarray(np.memmap(file, np.uint8, "r"))
    except Exception as error:  # an empty file is a `ValueError`
        raise _broken(file) from error


def _broken(file: Path) -> StoreBrokenError:
    return StoreBrokenError(f"{file} of the index is damaged", "run `rag doctor --repair`")


def multiply(vectors: Vectors, vector: Vectors) -> Scores:
    """Return the products of some hundred rows with a vector, shape (d,).

    For so few, numpy's own loop is quicker than to wake the threads of its algebra library.
    """
    return np.asarray(np.einsum("rd,d->r", vectors, vector), np.float32)
