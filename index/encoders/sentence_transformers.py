"""An encoder on sentence-transformers: supports every model, loads slowly, is fast on a GPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.arrays import Vectors
from index.encoders.model_files import unavailable
from index.encoders.protocol import ModelIdentity, PassageText, normalise, pool_spans
from index.forking import require_process

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def load_sentence_encoder(name: str, folder: Path, sha256: str) -> SentenceEncoder:
    """Load a model from its folder. Raises `ModelUnavailableError`."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(str(folder))
    except Exception as error:
        raise unavailable(name, error) from error
    dimension = model.get_embedding_dimension() or 0
    return SentenceEncoder(model, ModelIdentity(name, sha256, dimension))


class SentenceEncoder:
    """A sentence-transformers model. Its vectors are the reference for the ONNX export."""

    _BATCH = 32

    def __init__(self, model: SentenceTransformer, identity: ModelIdentity) -> None:
        self.model = model
        self._identity = identity
        self._late_chunking = pools_late(model)
        self._process = os.getpid()

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""
        return self._identity

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special tokens."""
        if not texts:
            return []
        encoded = self.model.tokenizer(
            list(texts), add_special_tokens=False, truncation=False, verbose=False
        )
        return [len(ids) for ids in encoded["input_ids"]]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors, shape (questions, d)."""
        require_process(self._process, f"the embedding model {self._identity.name}")
        vectors = self.model.encode_query(
            list(questions), show_progress_bar=False, convert_to_numpy=True
        )
        return normalise(vectors)

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors, shape (passages, d), and sentence vectors, (all sentences, d)."""
        require_process(self._process, f"the embedding model {self._identity.name}")
        texts = [passage.text for passage in passages]
        if self._late_chunking:
            return self._encode_late(passages, texts)
        sentences = [p.text[start:end] for p in passages for start, end in p.spans]
        return self._encode_documents(texts), self._encode_documents(sentences)

    def _encode_documents(self, texts: list[str]) -> Vectors:
        vectors = self.model.encode_document(
            texts, batch_size=self._BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        return normalise(vectors)

    def _encode_late(
        self, passages: Sequence[PassageText], texts: list[str]
    ) -> tuple[Vectors, Vectors]:
        outputs: list[dict[str, Any]] = self.model.encode(  # type: ignore[assignment]
            texts,
            output_value=None,
            batch_size=self._BATCH,
            show_progress_bar=False,
        )
        encoded = self.model.tokenizer(
            texts,
            return_offsets_mapping=True,
            truncation=True,
            max_length=self.model.max_seq_length,
        )
        whole = [output["sentence_embedding"].float().cpu().numpy() for output in outputs]
        parts: list[Vectors] = []
        for passage, output, offsets in zip(
            passages, outputs, encoded["offset_mapping"], strict=True
        ):
            tokens = output["token_embeddings"].float().cpu().numpy()[: len(offsets)]
            parts.append(pool_spans(tokens, np.array(offsets), passage.spans))
        return normalise(np.stack(whole)), normalise(np.concatenate(parts))


def pools_late(model: SentenceTransformer) -> bool:
    """Whether sentence vectors can be pooled from the tokens of the passage (late chunking)."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    modules = list(model)
    return (
        len(modules) in (2, 3)
        and isinstance(modules[1], Pooling)
        and modules[1].pooling_mode == "mean"
        and all(isinstance(module, Normalize) for module in modules[2:])
        and not any(model.prompts.values())
        and bool(model.tokenizer.is_fast)
    )
