"""A Chroma server as a shared store: each entry is a collection.

An entry's data is the collection's metadata, its files are records (`index.chroma.blobs`). A name
can be created only once in a database, whichever client is first: that makes `create` atomic.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.chroma.blobs import read_file, write_file
from index.chroma.client import Connection, Server, connect
from index.chroma.server_vectors import ServerVectors
from index.shared_store import Data, Sink


class ServerStore:
    """A database of a Chroma server; implements `SharedStore`."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.label = f"{server.url} ({server.database})"
        self.vectors = ServerVectors(server)
        self._server = server

    @property
    def _connection(self) -> Connection:
        return connect(self._server)

    def create(self, name: str, data: Data) -> ServerEntry | None:
        """Make a collection and return it; None if there is one of this name."""
        connection = self._connection
        collection = connection.create(name, metadata=dict(data) or None)
        return None if collection is None else ServerEntry(connection, collection)

    def find(self, name: str) -> ServerEntry | None:
        """Return a collection; None if there is none of this name."""
        connection = self._connection
        collection = connection.find(name)
        return None if collection is None else ServerEntry(connection, collection)

    def list_entries(self, prefix: str) -> dict[str, Mapping[str, Any]]:
        """Return the names of collections that begin with `prefix`, each with its metadata."""
        return self._connection.list_names(prefix)

    def delete(self, name: str) -> None:
        """Delete a collection, if it is there."""
        self._connection.delete(name)


class ServerEntry:
    """One collection; implements `Entry`."""

    def __init__(self, connection: Connection, collection: Any) -> None:
        self._connection = connection
        self._collection = collection

    @property
    def data(self) -> Mapping[str, Any]:
        """The metadata when the collection was looked up."""
        return self._collection.metadata or {}

    def change(self, data: Data) -> None:
        """Replace the metadata."""
        with self._connection.talk():
            self._collection.modify(metadata=dict(data))

    def write(self, name: str, file: Path) -> None:
        """Add a copy of a file."""
        with self._connection.talk():
            write_file(self._collection, name, file)

    def read(self, name: str, sink: Sink) -> None:
        """Write a file's content to `sink`."""
        with self._connection.talk():
            read_file(self._collection, name, sink)
