"""An encoder on ONNX Runtime, from a model that `index.encoders.onnx_export` exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from index.arrays import Vectors
from index.encoders.centres import Centres, Kind
from index.encoders.cores import SLOW_FUSION, count_cores
from index.encoders.protocol import ModelIdentity, PassageText, normalise, pool_spans
from index.encoders.tokens import FileTokens, Tokens
from index.forking import Threads


@dataclass(frozen=True, slots=True)
class Recipe:
    """How vectors come of a model's tokens, and what they proved to be worth.

    `late` tells whether sentences are pooled from their passage's tokens; the prompts are put
    before questions and texts; `max_tokens` includes the special ones. `agreement` is the lowest
    cosine to sentence-transformers' own vectors that was seen when the export was checked.
    """

    pooling: Literal["mean", "cls"]
    late: bool
    max_tokens: int
    dimension: int
    question_prompt: str
    document_prompt: str
    precision: Literal["int8", "fp32"]
    agreement: float


class OnnxEncoder:
    """An exported model. Safe to use from many threads.

    Each text is a run of its own, on one thread, and as many texts run at once as there are
    cores: on a CPU that is quicker than batches, whose padding is work for nothing, and a text's
    vector does not depend on what it is encoded together with.
    """

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        identity: ModelIdentity,
        tokens: Tokens | None = None,
        centres: Centres | None = None,
    ) -> None:
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = InferenceSession(
            str(folder / "model.onnx"),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=[SLOW_FUSION],
        )
        self._tokens = tokens or FileTokens(folder / "tokenizer.json")
        self._recipe = recipe
        self._centres = centres
        self._identity = identity
        self._threads = Threads(count_cores(), "encode")

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""
        return self._identity

    @property
    def recipe(self) -> Recipe:
        """Return how the vectors are made."""
        return self._recipe

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special ones not counted."""
        return self._tokens.count(texts)

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors (questions, d)."""
        # Not in the pool: there they would be behind the passages of a build.
        most = self._recipe.max_tokens
        texts = [self._recipe.question_prompt + text for text in questions]
        read = [self._tokens.read_question(text, most) for text in texts]
        return self._finish("question", [self._pool(self._run(ids)) for ids in read])

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors (passages, d) and sentence vectors (all sentences, d)."""
        if self._recipe.late:
            made = list(self._threads.pool.map(self._encode_late, passages))
            whole = [vector for vector, _ in made]
            parts = [vector for _, vectors in made for vector in vectors]
            return self._finish("passage", whole), self._finish("sentence", parts)
        prompt = self._recipe.document_prompt
        texts = [prompt + passage.text for passage in passages]
        sentences = [prompt + p.text[start:end] for p in passages for start, end in p.spans]
        encode = self._threads.pool.map
        return (
            self._finish("passage", list(encode(self._encode_whole, texts))),
            self._finish("sentence", list(encode(self._encode_whole, sentences))),
        )

    def _finish(self, kind: Kind, pooled: Sequence[Vectors]) -> Vectors:
        """Return pooled vectors, each (d,), as rows of length 1."""
        vectors = normalise(np.stack(pooled))
        return vectors if self._centres is None else self._centres.shift(kind, vectors)

    def _encode_whole(self, text: str) -> Vectors:
        ids, _ = self._tokens.read(text, self._recipe.max_tokens)
        return self._pool(self._run(ids))

    def _pool(self, tokens: Vectors) -> Vectors:
        return np.asarray(tokens[0] if self._recipe.pooling == "cls" else tokens.mean(axis=0))

    def _encode_late(self, passage: PassageText) -> tuple[Vectors, Vectors]:
        prompt = self._recipe.document_prompt
        ids, offsets = self._tokens.read(prompt + passage.text, self._recipe.max_tokens)
        tokens = self._run(ids)
        spans = [(start + len(prompt), end + len(prompt)) for start, end in passage.spans]
        return tokens.mean(axis=0), pool_spans(tokens, np.array(offsets), spans)

    def _run(self, ids: Sequence[int]) -> Vectors:
        """Return the tokens' vectors, shape (n, d)."""
        outputs: Any = self._session.run(["tokens"], {"ids": np.array([ids], np.int64)})
        return np.asarray(outputs[0][0], np.float32)
