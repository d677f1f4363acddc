"""Embeds the questions of many threads in batches."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock

import numpy as np

from index import Encoder, ModelIdentity, PassageText, Vectors

MOST = 32  # questions per model call


class BatchingEncoder:
    """An encoder that collects questions while the model is busy and embeds them in one call.

    The thread that finds the model idle embeds the questions of all waiting threads. No thread
    waits for a batch to fill. An error of a batch is raised in every thread that has a question
    in it.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._lock = Lock()
        self._asked: list[tuple[str, Future[Vectors]]] = []
        self._busy = False

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""
        return self.encoder.identity

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special ones not counted."""
        return self.encoder.count_tokens(texts)

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors (passages, d) and sentence vectors (all sentences, d)."""
        return self.encoder.encode_passages(passages)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors (questions, d)."""
        if not questions:
            return np.empty((0, self.identity.dimension), np.float32)
        mine: list[Future[Vectors]] = [Future() for _ in questions]
        with self._lock:
            self._asked += zip(questions, mine, strict=True)
            leads, self._busy = not self._busy, True
        if leads:
            self._embed_all()
        return np.concatenate([future.result() for future in mine])

    def _embed_all(self) -> None:
        while True:
            with self._lock:
                batch, self._asked = self._asked[:MOST], self._asked[MOST:]
                if not batch:
                    self._busy = False
                    return
            try:
                vectors = self.encoder.encode_questions([question for question, _ in batch])
            except BaseException as error:  # noqa: BLE001 - raised again by who asked
                for _, future in batch:
                    future.set_exception(error)
            else:
                for row, (_, future) in enumerate(batch):
                    future.set_result(vectors[row : row + 1])
