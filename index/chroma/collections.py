"""Vectors in Chroma: nearest rows of a segment, in its own store or on a server.

A segment's Chroma store is written once, before its segment is published, and only read after:
Chroma's local store survives neither a killed writer nor two processes that write. On a server a
segment has collections of its own, which are as little changed.
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
from index.chroma.client import MOST_RECORDS, QUERY_SECONDS, Connection, Server, connect
from index.chroma.immutable_stores import LEAST, finish_database, plan_batches
from index.chroma.replica import find_replica
from index.errors import StoreBrokenError, StoreUnreachableError, one_line
from index.files.layout import SegmentLayout
from index.files.seals import check_seal
from index.forking import leave_behind, watch_forks
from index.types import LEVELS, Level

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


_process: int | None = None  # in which Chroma's threads run


def _open_client(folder: Path) -> ClientAPI:
    global _process
    _process = _process or os.getpid()
    if _process != os.getpid():
        # They are one set for all clients, and who asks them waits: nothing makes others.
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
        # Chroma keeps a client that it could not start, and would give it out the next time.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


def write_collections(layout: SegmentLayout) -> None:
    """Write one collection per level that has a graph; a row's id is its number.

    The vectors are those of the segment's files. A local store is written such that Chroma changes
    none of its files when it opens it. Raises `OSError`, for a server `StoreError`.
    """
    server = _find_server(layout)
    if server is not None:
        connection = connect(server)
        for level, rows in _load_vectors(layout).items():
            collection = connection.create(
                _name_on_server(layout, level), configuration={"hnsw": _HNSW}
            )
            with connection.talk() as client:
                _fill(collection, rows, min(client.get_max_batch_size(), MOST_RECORDS))
        return
    layout.chroma.mkdir(parents=True)
    with _translate_errors(OSError), closing(_open_client(layout.chroma)) as client:
        for level, rows in _load_vectors(layout).items():
            size, sync = plan_batches(len(rows), client.get_max_batch_size())
            collection = client.create_collection(
                level,
                configuration={"hnsw": _HNSW | {"sync_threshold": sync, "batch_size": sync}},
                embedding_function=None,
            )
            _fill(collection, rows, size)
            if len(rows) < LEAST:  # the same row again: the second makes it written
                collection.upsert(ids=["0"], embeddings=np.ascontiguousarray(rows))
            if collection.count() != len(rows):
                raise OSError(f"Chroma stored {collection.count()} of {len(rows)} {level}")
    finish_database(layout.chroma / "chroma.sqlite3")


def _fill(collection: Any, rows: Vectors, batch: int) -> None:
    for start in range(0, len(rows), batch):
        block = np.ascontiguousarray(rows[start : start + batch])
        ids = [str(row) for row in range(start, start + len(block))]
        collection.add(ids=ids, embeddings=block)


def are_written(layout: SegmentLayout) -> bool:
    """Whether a server holds as many vectors of a segment as it should."""
    server = _find_server(layout)
    if server is None:
        return True
    connection = connect(server)
    for level, rows in _load_vectors(layout).items():
        collection = connection.find(_name_on_server(layout, level))
        if collection is None:
            return False
        with connection.talk():
            if collection.count() != len(rows):
                return False
    return True


def delete_collections(layout: SegmentLayout) -> None:
    """Remove what a server holds of a segment's vectors."""
    server = _find_server(layout)
    if server is not None:
        for level in LEVELS:
            connect(server).delete(_name_on_server(layout, level))


def _load_vectors(layout: SegmentLayout) -> dict[Level, Vectors]:
    """Return the vectors of the levels that have a graph; mapped, not loaded."""
    vectors = {lv: map_array(layout.vectors(lv), np.float32, None) for lv in LEVELS}
    return {level: rows for level, rows in vectors.items() if has_graph(level, len(rows))}


def _find_server(layout: SegmentLayout) -> Server | None:
    replica = find_replica(layout.store)
    return None if replica is None else replica.server


def _name_on_server(layout: SegmentLayout, level: Level) -> str:
    return f"footnote-{level}-{layout.root.name}"


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


class Collections(ABC):
    """What Chroma holds of a segment, asked for when it is needed; safe to use from many threads.

    What Chroma cannot do is a `StoreError`.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._collections: dict[Level, Any] = {}
        watch_forks(self)
        # The last search, for it is often asked again for fewer; put in place in one step.
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
        """Return the number of rows that Chroma holds at a level."""
        with self._use(level) as collection:
            return int(collection.count())

    def read(self, level: Level, rows: Rows) -> Vectors:
        """Return the vectors that Chroma holds of given rows, shape (found, d), by row."""
        found: list[tuple[int, Any]] = []
        for start in range(0, len(rows), MOST_RECORDS):
            ids = [str(row) for row in rows[start : start + MOST_RECORDS]]
            with self._use(level) as collection:
                result = collection.get(ids=ids, include=["embeddings"])
            found += zip(map(int, result["ids"]), result["embeddings"], strict=True)
        return np.array([vector for _, vector in sorted(found, key=lambda x: x[0])], np.float32)

    def renew_after_fork(self) -> None:
        """Let go of what is another process's."""
        leave_behind(self._collections)
        self._lock, self._collections = Lock(), {}

    @abstractmethod
    def _use(self, level: Level, *, patient: bool = True) -> AbstractContextManager[Any]:
        """Return a context in which a level's collection is used.

        Without patience a server that has just not answered is not asked.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open."""


class LocalCollections(Collections):
    """A segment's own Chroma store.

    A page of it that is damaged would end the process, so its files are looked at before.
    """

    def __init__(self, layout: SegmentLayout) -> None:
        super().__init__()
        self._layout = layout
        self._client: ClientAPI | None = None

    def renew_after_fork(self) -> None:
        """Let go of the client; `_open_client` says why there is no other."""
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
        """Let go of the store's files."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None
            self._collections.clear()


class ServerCollections(Collections):
    """A segment's collections on a server."""

    def __init__(self, layout: SegmentLayout, server: Server) -> None:
        super().__init__()
        self._layout = layout
        self._server = server

    @property
    def _connection(self) -> Connection:
        return connect(self._server, QUERY_SECONDS)

    @contextmanager
    def _use(self, level: Level, *, patient: bool = True) -> Iterator[Any]:
        with self._connection.talk(patient=patient):
            collection = self._collections.get(level)
            if collection is None:
                name = _name_on_server(self._layout, level)
                collection = self._connection.find(name)
                if collection is None:
                    raise StoreBrokenError(
                        f"the server has lost {name}", "run `rag doctor --repair`"
                    )
                self._collections[level] = collection
            try:
                yield collection
            except BaseException:  # it may have been made anew since
                self._collections.pop(level, None)
                raise

    def close(self) -> None:
        """Forget the collections; the connection is everybody's."""
        self._collections.clear()


def open_collections(layout: SegmentLayout) -> Collections:
    """Return what Chroma holds of a segment, wherever that is."""
    server = _find_server(layout)
    if server is None:
        return LocalCollections(layout)
    return ServerCollections(layout, server)
