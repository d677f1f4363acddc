"""The word pieces and word embeddings of the two models that Footnote comes with.

The reader was trained on top of them. They are read from the models' packages, so that they are
not shipped twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from index.encoders.model_files import BUNDLED_MODEL, MULTILINGUAL_MODEL, find_bundled_model
from index.encoders.packed import PackedModel
from index.encoders.tokens import BEGIN, END, Offsets, PieceTokens

Embeddings = npt.NDArray[np.float32]

_TENSOR = "embeddings.word_embeddings.weight"


class WordEmbeddings(Protocol):
    """Text -> word pieces -> vectors. `begin` and `stop` are the ids of the special pieces."""

    begin: int
    stop: int

    def read(self, text: str) -> tuple[Sequence[int], Offsets]:
        """Return the ids of the text's pieces without special ones, and their offsets."""

    def look_up(self, ids: npt.NDArray[np.int64]) -> Embeddings:
        """Return the vectors of ids of any shape, shape (*ids.shape, width)."""


class BundledWords:
    """Those of all-MiniLM-L6-v2: 30,522 pieces, 32-bit floats."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.begin, self.stop = (
            self._tokenizer.token_to_id(name) or 0 for name in ("[CLS]", "[SEP]")
        )
        self._vectors = _map_tensor(folder / "model.safetensors", _TENSOR)

    def read(self, text: str) -> tuple[Sequence[int], Offsets]:
        """Return the ids of the text's pieces without special ones, and their offsets."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return encoded.ids, encoded.offsets

    def look_up(self, ids: npt.NDArray[np.int64]) -> Embeddings:
        """Return the vectors of ids of any shape, shape (*ids.shape, width)."""
        return self._vectors[ids]


@cache
def _load_bundled() -> BundledWords:
    return BundledWords(find_bundled_model())


def _map_tensor(file: Path, name: str) -> Embeddings:
    """Memory-map a tensor of 32-bit floats.

    The safetensors library would load all of it (45 MB and 50 ms more), or one row per call (30 ms
    more for a question), because its slices take no list of rows. The format is a length, a JSON
    header and the data; see https://huggingface.co/docs/safetensors.
    """
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        entry = json.loads(stream.read(size))[name]
    if entry["dtype"] != "F32":
        raise ValueError(f"{name} in {file} is {entry['dtype']}, not F32")
    offset = 8 + size + entry["data_offsets"][0]
    return np.memmap(file, np.float32, "r", offset, tuple(entry["shape"]))


class PackedWords:
    """Those of multilingual-e5-small: 250,002 pieces, 4 bits."""

    begin, stop = BEGIN, END

    def __init__(self, model: PackedModel, tokens: PieceTokens) -> None:
        self._model = model
        self._tokens = tokens

    def read(self, text: str) -> tuple[Sequence[int], Offsets]:
        """Return the ids of the text's pieces without special ones, and their offsets."""
        return self._tokens.read_pieces(text)

    def look_up(self, ids: npt.NDArray[np.int64]) -> Embeddings:
        """Return the vectors of ids of any shape, shape (*ids.shape, width)."""
        return self._model.rows("emb.word", self._model.width, ids)


@cache
def _load_packed() -> PackedWords:
    from index.encoders.multilingual import open_packed, open_tokens

    return PackedWords(open_packed(), open_tokens())


def load_words(name: str = BUNDLED_MODEL) -> WordEmbeddings:
    """Load the words of one of `OWN_MODELS`, once for a process.

    Raises `ModelUnavailableError`.
    """
    return _load_packed() if name == MULTILINGUAL_MODEL else _load_bundled()
