"""Vector search on a Chroma server: two collections per segment, written once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from index.chroma.client import MOST_RECORDS, QUERY_SECONDS, Connection, Server, connect
from index.chroma.collections import HNSW, Collections, add_rows, load_vectors
from index.errors import StoreBrokenError
from index.files.layout import SegmentLayout
from index.types import LEVELS, Level


class ServerVectors:
    """The vectors of all segments in a database; implements `SharedVectors`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def push(self, layout: SegmentLayout) -> None:
        """Upload the vectors of a segment, unless the server has the same number at each level.

        Raises `StoreError`.
        """
        if self._is_complete(layout):
            return
        self.delete(layout)
        connection = connect(self._server)
        for level, rows in load_vectors(layout).items():
            collection = connection.create(_name(layout, level), configuration={"hnsw": HNSW})
            with connection.talk() as client:
                add_rows(collection, rows, min(client.get_max_batch_size(), MOST_RECORDS))

    def _is_complete(self, layout: SegmentLayout) -> bool:
        connection = connect(self._server)
        for level, rows in load_vectors(layout).items():
            collection = connection.find(_name(layout, level))
            if collection is None:
                return False
            with connection.talk():
                if collection.count() != len(rows):
                    return False
        return True

    def delete(self, layout: SegmentLayout) -> None:
        """Delete the vectors of a segment. Raises `StoreError`."""
        for level in LEVELS:
            connect(self._server).delete(_name(layout, level))

    def open(self, layout: SegmentLayout) -> ServerCollections:
        """Return the search of a segment's vectors; nothing is sent yet."""
        return ServerCollections(layout, self._server)


def _name(layout: SegmentLayout, level: Level) -> str:
    return f"footnote-{level}-{layout.root.name}"


class ServerCollections(Collections):
    """A segment's collections on a server.

    Requests time out after `QUERY_SECONDS`.
    """

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
                name = _name(self._layout, level)
                collection = self._connection.find(name)
                if collection is None:
                    raise StoreBrokenError(
                        f"the server has lost {name}", "run `rag doctor --repair`"
                    )
                self._collections[level] = collection
            try:
                yield collection
            except BaseException:  # it may have been replaced: look it up again next time
                self._collections.pop(level, None)
                raise

    def close(self) -> None:
        """Forget the collections. The connection stays open for others."""
        self._collections.clear()
