"""Vectors in Chroma collections: the nearest rows of a segment, from a local Chroma store.

A segment's Chroma store is written once, before the segment is published, and only read after
that. Chroma's local store survives neither a writer that is killed nor two processes that write.
The collections on a server are in `index.chroma.server_vectors`.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from index.arrays import NO_ROWS, NO_SCORES, Rows, Scores, Vectors, map_array
from index.chroma.client import MOST_RECORDS
from index.chroma.immutable_stores import LEAST, finish_database, plan_batches
from index.errors import StoreBrokenError, StoreUnreachableError, one_line
from index.files.layout import SegmentLayout
from index.files.seals import check_seal
from index.forking import leave_behind, watch_forks
from index.types import LEVELS, Level

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 200, "max_neighbors": 16}


# A graph takes 1.7 kB of memory and 0.7 ms per sentence. In a larger segment Chroma holds only the
# passages, and sentences are found through these. For none of 1,686 questions did that change the
# rank of the evidence (`benchmarks/results.md`).
_GRAPH_SENTENCES = 20_000


def has_graph(level: Level, rows: int) -> bool:
    """Whether Chroma holds the vectors of a level in a segment with this number of rows."""
    return level == "passages" or rows <= _GRAPH_SENTENCES


_process: int | None = None  # the process in which Chroma's threads run


def _open_client(folder: Path) -> ClientAPI:
    global _process
    _process = _process or os.getpid()
    if _process != os.getpid():
        # All clients share one set of threads. After a fork there are none, Chroma starts no new
        # ones, and a call would wait for them for ever.
        raise StoreUnreachableError(
            "Chroma was used before this process was forked, and does not outlive a fork",
            "start processes with multiprocessing's `spawn`, or fork before the first question",
        )
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    except BaseException:
        # Chroma caches even a client that failed to start, and would return it the next time.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


def write_collections(layout: SegmentLayout) -> None:
    """Write a segment's Chroma store from its vector files.

    There is one collection per level that has a graph; the id of a record is its row number. The
    store is written in such a way that Chroma changes none of its files when it opens it. Raises
    `OSError`.
    """
    layout.chroma.mkdir(parents=True)
    with _translate_errors(OSError), closing(_open_client(layout.chroma)) as client:
        for level, rows in load_vectors(layout).items():
            size, sync = plan_batches(len(rows), client.get_max_batch_size())
            collection = client.create_collection(
                level,
                configuration={"hnsw": HNSW | {"sync_threshold": sync, "batch_size": sync}},
                embedding_function=None,
            )
            add_rows(collection, rows, size)
            if len(rows) < LEAST:  # the same row again: Chroma writes no graph of one record
                collection.upsert(ids=["0"], embeddings=np.ascontiguousarray(rows))
            if collection.count() != len(rows):
                raise OSError(f"Chroma stored {collection.count()} of {len(rows)} {level}")
    finish_database(layout.chroma / "chroma.sqlite3")


def add_rows(collection: Any, rows: Vectors, batch: int) -> None:
    """Add vectors, shape (rows, d), to a collection, with their row numbers as ids."""
    for start in range(0, len(rows), batch):
        block = np.ascontiguousarray(rows[start : start + batch])
        ids = [str(row) for row in range(start, start + len(block))]
        collection.add(ids=ids, embeddings=block)


def load_vectors(layout: SegmentLayout) -> dict[Level, Vectors]:
    """Return the vectors of the levels that have a graph; memory-mapped, not loaded."""
    vectors = {lv: map_array(layout.vectors(lv), np.float32, None) for lv in LEVELS}
    return {level: rows for level, rows in vectors.items() if has_graph(level, len(rows))}


@contextmanager
def _translate_errors(kind: type[Exception]) -> Iterator[None]:
    """Turn what Chroma raises into an error of this kind."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, ValueError) as error:
        raise kind(f"Chroma failed: {one_line(str(error))[:200]}") from error
    except BaseException as error:
        if (
            type(error).__name__ != "PanicException"
        ):  # from Chroma's Rust code; it cannot be imported
            raise
        raise kind("Chroma failed: it panicked") from error


class Collections(ABC):
    """The vector search of one segment in Chroma; safe to use from many threads.

    Collections are opened when they are first used. If Chroma fails, methods raise `StoreError`.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._collections: dict[Level, Any] = {}
        watch_forks(self)
        # The last search, as it is often repeated with a smaller count. Replaced in one step, so
        # that no thread sees half of it.
        self._last: tuple[object, int, Rows, Scores] = None, 0, NO_ROWS, NO_SCORES

    def nearest(self, level: Level, vector: Vectors, count: int) -> tuple[Rows, Scores]:
        """Return up to `count` rows nearest to a vector, shape (d,), and their cosines."""
        asked = level, vector.tobytes()
        known, most, rows, cosines = self._last
        if known == asked and count <= most:
            return rows[:count], cosines[:count]
        with self._use(level, patient=False) as collection:
            result = collection.query(
                query_embeddings=vector[None, :], n_results=count, include=["distances"]
            )
        rows = np.array([int(row) for row in result["ids"][0]], np.int64)
        cosines = 1 - np.array(result["distances"][0], np.float32)
        self._last = asked, count, rows, cosines
        return rows, cosines

    def count(self, level: Level) -> int:
        """Return the number of vectors that Chroma holds at a level."""
        with self._use(level) as collection:
            return int(collection.count())

    def read(self, level: Level, rows: Rows) -> Vectors:
        """Return the stored vectors of the given rows, shape (found, d), ordered by row."""
        found: list[tuple[int, Any]] = []
        for start in range(0, len(rows), MOST_RECORDS):
            ids = [str(row) for row in rows[start : start + MOST_RECORDS]]
            with self._use(level) as collection:
                result = collection.get(ids=ids, include=["embeddings"])
            found += zip(map(int, result["ids"]), result["embeddings"], strict=True)
        return np.array([vector for _, vector in sorted(found, key=lambda x: x[0])], np.float32)

    def renew_after_fork(self) -> None:
        """Forget what belongs to the parent process."""
        leave_behind(self._collections)
        self._lock, self._collections = Lock(), {}

    @abstractmethod
    def _use(self, level: Level, *, patient: bool = True) -> AbstractContextManager[Any]:
        """Return a context manager that yields a level's collection.

        Unless `patient`, a server that did not answer a moment ago is not asked again.
        """

    @abstractmethod
    def close(self) -> None:
        """Release what is open."""


class LocalCollections(Collections):
    """A segment's own Chroma store.

    Chroma may crash the process if a file is damaged, so the files are checked before it opens.
    """

    def __init__(self, layout: SegmentLayout) -> None:
        super().__init__()
        self._layout = layout
        self._client: ClientAPI | None = None

    def renew_after_fork(self) -> None:
        """Forget the parent's client. `_open_client` says why a new one cannot be opened."""
        super().renew_after_fork()
        leave_behind(self._client)
        self._client = None

    @contextmanager
    def _use(self, level: Level, *, patient: bool = True) -> Iterator[Any]:
        with _translate_errors(StoreBrokenError):
            with self._lock:
                if self._client is None:
                    check_seal(self._layout, chroma=True)
                    self._client = _open_client(self._layout.chroma)
                if level not in self._collections:
                    self._collections[level] = self._client.get_collection(
                        level, embedding_function=None
                    )
                collection = self._collections[level]
            yield collection

    def close(self) -> None:
        """Close the store's files."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None
            self._collections.clear()
