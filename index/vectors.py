"""Vectors in Chroma: nearest rows of a segment. The only file that imports chromadb.

A segment's Chroma store is written once, before its segment is published, and only read after:
Chroma's local store survives neither a killed writer nor two processes that write.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from index.arrays import NO_ROWS, NO_SCORES, Rows, Scores, Vectors
from index.errors import StoreBrokenError, one_line
from index.types import Level

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 200, "max_neighbors": 16}


# Beyond, a graph of all sentences takes more memory (1.7 kB each) and more time to make (0.7 ms
# each) than it is worth: Chroma holds the passages, and sentences are found by these. That changed
# the rank of the evidence for none of 1,686 questions (`benchmarks/results.md`).
_GRAPH_SENTENCES = 20_000


def has_graph(level: Level, rows: int) -> bool:
    """Whether Chroma holds the vectors of a level of which a segment has so many rows."""
    return level == "passages" or rows <= _GRAPH_SENTENCES


def _open_client(folder: Path) -> ClientAPI:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    except BaseException:
        # Chroma keeps a client that it could not start, and would give it out the next time.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


def write_collections(folder: Path, vectors: Mapping[Level, Vectors]) -> None:
    """Write one collection per level that has a graph; a row's id is its number.

    Raises `OSError`.
    """
    folder.mkdir(parents=True)
    with _translate_errors(OSError), closing(_open_client(folder)) as client:
        batch = client.get_max_batch_size()
        for level, rows in vectors.items():
            if not has_graph(level, len(rows)):
                continue
            collection = client.create_collection(
                level, configuration={"hnsw": _HNSW}, embedding_function=None
            )
            for start in range(0, len(rows), batch):
                block = np.ascontiguousarray(rows[start : start + batch])
                ids = [str(row) for row in range(start, start + len(block))]
                collection.add(ids=ids, embeddings=block)
            if collection.count() != len(rows):
                raise OSError(f"Chroma stored {collection.count()} of {len(rows)} {level}")


@contextmanager
def _translate_errors(kind: type[Exception]) -> Iterator[None]:
    """Raise what Chroma raises as an error of our own kind."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, ValueError) as error:
        raise kind(f"Chroma failed: {one_line(str(error))[:200]}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of its Rust part; it has no other name
            raise
        raise kind("Chroma failed: it panicked") from error


class Collections:
    """A segment's Chroma store, opened when it is first asked; safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client: ClientAPI | None = None
        self._collections: dict[Level, Any] = {}
        self._lock = Lock()
        # The last search, for it is often asked again for fewer; put in place in one step.
        self._last: tuple[object, int, Rows, Scores] = None, 0, NO_ROWS, NO_SCORES

    def nearest(self, level: Level, vector: Vectors, count: int) -> tuple[Rows, Scores]:
        """Return up to `count` rows nearest to a vector, shape (d,), and their cosines."""
        asked = level, vector.tobytes()
        known, most, rows, cosines = self._last
        if known == asked and count <= most:
            return rows[:count], cosines[:count]
        with _translate_errors(StoreBrokenError):
            result = self._collection(level).query(
                query_embeddings=vector[None, :], n_results=count, include=["distances"]
            )
        rows = np.array([int(row) for row in result["ids"][0]], np.int64)
        cosines = 1 - np.array(result["distances"][0], np.float32)
        self._last = asked, count, rows, cosines
        return rows, cosines

    def count(self, level: Level) -> int:
        """Return the number of rows that Chroma holds at a level."""
        with _translate_errors(StoreBrokenError):
            return int(self._collection(level).count())

    def read(self, level: Level, rows: Rows) -> Vectors:
        """Return the vectors that Chroma holds of given rows, shape (found, d), by row."""
        ids = [str(row) for row in rows]
        with _translate_errors(StoreBrokenError):
            result = self._collection(level).get(ids=ids, include=["embeddings"])
        vectors = np.asarray(result["embeddings"], np.float32)
        return vectors[np.argsort([int(row) for row in result["ids"]])]

    def _collection(self, level: Level) -> Any:
        with self._lock:
            if self._client is None:
                self._client = _open_client(self._folder)
            if level not in self._collections:
                self._collections[level] = self._client.get_collection(
                    level, embedding_function=None
                )
            return self._collections[level]

    def close(self) -> None:
        """Let go of the store's files."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None
            self._collections.clear()
