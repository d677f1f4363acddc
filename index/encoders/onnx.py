"""An encoder that runs a model exported by `index.encoders.onnx_export` on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tokenizers import Encoding, Tokenizer

from index.arrays import Vectors
from index.encoders.cores import SLOW_FUSION, count_cores
from index.encoders.protocol import ModelIdentity, PassageText, normalise, pool_spans
from index.forking import Threads


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the vectors of an exported model are computed.

    If `late`, a sentence's vector is pooled from the tokens of its passage. The prompts are put
    before questions and texts. `max_tokens` includes special tokens. `agreement` is the lowest
    cosine between a vector of the export and the same vector of sentence-transformers, measured
    when the model was exported.
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
    """Encodes texts with an exported model. Safe to use from many threads.

    Each text is encoded alone on one thread, and as many texts at once as there are cores. On a
    CPU that is faster than batches, which waste time on padding. It also makes a text's vector
    independent of the other texts.
    """

    def __init__(self, folder: Path, recipe: Recipe, name: str, sha256: str) -> None:
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
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._recipe = recipe
        self._identity = ModelIdentity(name, sha256, recipe.dimension)
        self._threads = Threads(count_cores(), "encode")

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""
        return self._identity

    @property
    def recipe(self) -> Recipe:
        """Return how the vectors are computed."""
        return self._recipe

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special tokens."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(item.ids) for item in encoded]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors, shape (questions, d)."""
        # Not in the pool, where questions would wait for the passages of a running build.
        texts = [self._recipe.question_prompt + text for text in questions]
        return normalise(np.stack([self._encode_whole(text) for text in texts]))

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors, shape (passages, d), and sentence vectors, (all sentences, d)."""
        if self._recipe.late:
            made = list(self._threads.pool.map(self._encode_late, passages))
            whole = np.stack([vector for vector, _ in made])
            return normalise(whole), normalise(np.concatenate([parts for _, parts in made]))
        prompt = self._recipe.document_prompt
        texts = [prompt + passage.text for passage in passages]
        sentences = [prompt + p.text[start:end] for p in passages for start, end in p.spans]
        return self._encode(texts), self._encode(sentences)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        return normalise(np.stack(list(self._threads.pool.map(self._encode_whole, texts))))

    def _encode_whole(self, text: str) -> Vectors:
        tokens = self._run(self._tokenise(text))
        return np.asarray(tokens[0] if self._recipe.pooling == "cls" else tokens.mean(axis=0))

    def _encode_late(self, passage: PassageText) -> tuple[Vectors, Vectors]:
        encoded = self._tokenise(passage.text)
        tokens = self._run(encoded)
        return tokens.mean(axis=0), pool_spans(tokens, np.array(encoded.offsets), passage.spans)

    def _tokenise(self, text: str) -> Encoding:
        # Not truncated by the tokenizer, because all threads share its truncation setting.
        encoded = self._tokenizer.encode(text)
        if len(encoded.ids) > self._recipe.max_tokens:
            special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
            encoded = self._tokenizer.encode(text, add_special_tokens=False)
            encoded.truncate(self._recipe.max_tokens - special)
            encoded = self._tokenizer.post_process(encoded)
        return encoded

    def _run(self, encoded: Encoding) -> Vectors:
        """Return the vectors of the tokens, shape (n, d)."""
        outputs: Any = self._session.run(["tokens"], {"ids": np.array([encoded.ids], np.int64)})
        return np.asarray(outputs[0][0], np.float32)
