"""The configured models. Each is loaded once, when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from index import (
    AUTO_MODEL,
    OWN_MODELS,
    Encoder,
    ModelMismatchError,
    Snapshot,
    leave_behind,
    load_encoder,
    watch_forks,
)
from rag.concurrency.batching import BatchingEncoder
from rag.generation.chat_models import choose_address, close_chat_model, load_chat_model
from rag.reader import load_reader
from rag.retrieval.rerank import Reranker, load_reranker
from rag.settings import EXTRACTIVE, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Models:
    """The embedding model, the reranker and the chat models. Thread-safe."""

    def __init__(self, settings: Settings, load: Callable[[str], Encoder] = load_encoder) -> None:
        self._settings = settings
        self._load_encoder = load
        self._lock = Lock()
        self._encoder: Encoder | None = None
        self._loaded = ""
        self._batching: BatchingEncoder | None = None
        self._reranker: Reranker | None = None
        self._chat: dict[str, BaseChatModel] = {}
        watch_forks(self)

    def renew_after_fork(self) -> None:
        """Replace, in a forked process, locks, batches and connections of the parent process."""
        leave_behind(self._batching, self._chat)
        self._lock, self._batching, self._chat = Lock(), None, {}

    def load(self, name: str) -> Encoder:
        """Return the embedding model with this name; the last one is kept."""
        with self._lock:
            if self._encoder is None or self._loaded != name:
                self._encoder, self._loaded = self._load_encoder(name), name
            return self._encoder

    def encoder(self, snapshot: Snapshot) -> Encoder:
        """Return the embedding model for questions to a snapshot.

        Raises `ModelMismatchError` if the snapshot was made with another model.
        """
        name, made_with = self._settings.embedding_model, snapshot.manifest.model
        # Only of the models that ship: what else an index names may be anything.
        if name == AUTO_MODEL and made_with.name in OWN_MODELS:
            name = made_with.name
        # A name says which model it is; a folder must be looked into.
        if name != made_with.name and not Path(name).is_dir():
            raise _mismatch(name, made_with.name)
        encoder = self.load(name)
        identity = encoder.identity
        if (identity.sha256, identity.dimension) != (made_with.sha256, made_with.dimension):
            raise _mismatch(name, made_with.name)
        with self._lock:
            if self._batching is None or self._batching.encoder is not encoder:
                self._batching = BatchingEncoder(encoder)
            return self._batching

    def reranker(self) -> Reranker | None:
        """Return the reranker, if one is configured. Raises `ModelUnavailableError`."""
        with self._lock:
            if self._reranker is None and self._settings.reranker:
                self._reranker = load_reranker(self._settings.reranker)
            return self._reranker

    def chat(self, name: str | None = None) -> BaseChatModel | None:
        """Return the chat model with this name, by default the configured one; None for quotations.

        Raises `ChatModelError`, which says what to do.
        """
        configured = self._settings.chat_model
        name = name or configured
        if name == EXTRACTIVE:
            return None
        with self._lock:
            if name not in self._chat:
                address = choose_address(name, configured, self._settings.chat_base_url)
                self._chat[name] = load_chat_model(name, address)
            return self._chat[name]

    def close(self) -> None:
        """Close the connections of the chat models."""
        with self._lock:
            for model in self._chat.values():
                close_chat_model(model)
            self._chat.clear()

    def warm_up(self, snapshot: Snapshot, documents: Collection[str] | None) -> Iterator[None]:
        """Load in steps the models and index data that the first question to `documents` needs."""
        encoder = self.encoder(snapshot)
        vector = encoder.encode_questions(["warm up"])[0]
        yield
        snapshot.nearest("sentences", vector, 1, snapshot.select(documents))
        yield
        # Only loaded: a run would start threads that compete with others.
        load_reader()


def _mismatch(name: str, made_with: str) -> ModelMismatchError:
    if name == AUTO_MODEL:
        return ModelMismatchError(
            f"the index was made with the embedding model {made_with}, which is not configured",
            f"set RAG_EMBEDDING_MODEL={made_with}, or run `rag index` to embed it anew",
        )
    return ModelMismatchError(
        f"the index was made with the embedding model {made_with}, not {name}",
        "run `rag index` to embed it anew, or set RAG_EMBEDDING_MODEL back",
    )
