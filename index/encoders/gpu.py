"""An encoder for machines with a GPU: it encodes passages on the GPU and questions on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from index.arrays import Vectors
from index.encoders.protocol import Encoder, ModelIdentity, PassageText


def has_gpu() -> bool:
    """Whether there may be a GPU. Does not import torch, which takes a second."""
    return Path("/dev/nvidia0").exists() or Path("/dev/kfd").exists()


class GpuEncoder:
    """Combines two encoders of the same model.

    `quick` runs on the CPU and encodes questions. The encoder that `load` returns runs on the GPU
    and encodes passages; it is loaded when the first passage is encoded.
    """

    def __init__(self, quick: Encoder, load: Callable[[], Encoder]) -> None:
        self._quick = quick
        self._load = load

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""
        return self._quick.identity

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special tokens."""
        return self._quick.count_tokens(texts)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors, shape (questions, d)."""
        return self._quick.encode_questions(questions)

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors, shape (passages, d), and sentence vectors, (all sentences, d)."""
        return self._bulk.encode_passages(passages)

    @cached_property
    def _bulk(self) -> Encoder:
        import torch

        return self._load() if torch.cuda.is_available() else self._quick
