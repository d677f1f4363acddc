"""What a store must be able to do so that several machines can share an index in it.

The protocols here are all that a new kind of store implements. The rest is built on them once,
in `index.remote.shared_index`: the published pointer, the writer lease, uploads, downloads with
checks, and garbage collection. A new kind is also added to `index.remote.opening.OPENERS`.

A store holds *entries*. An entry has a name, a little data, and any number of files. Names that
begin with `footnote-` belong to this program::

    footnote-published-<n>            names the published snapshot; see `index.remote.pointer`
    footnote-writer-<n>               held by the one writer; see `index.remote.writer_lease`
    footnote-snapshot-<id>            a manifest
    footnote-files-<segment>          a segment's files: text, tables, postings, vectors
    footnote-passages-<segment>       vectors that the store itself searches, if it does
    footnote-sentences-<segment>

Names are ASCII letters, digits and hyphens, at most 128 characters. Data maps short names to
strings of at most 256 characters and to booleans. File names are paths with `/` inside a segment.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from index.arrays import Rows, Scores, Vectors
from index.files.layout import SegmentLayout
from index.types import LEVELS, Level

OWN = "footnote-"
SNAPSHOT, FILES = "footnote-snapshot-", "footnote-files-"
VECTORS = tuple(f"footnote-{level}-" for level in LEVELS)
"""How the names of entries begin that hold a manifest, a segment's files, and its vectors."""

Data = Mapping[str, str | bool]


class Sink(Protocol):
    """Takes the bytes of a file, piece by piece: an open file, or a hash."""

    def write(self, data: bytes, /) -> object:
        """Take the next piece."""


class Entry(Protocol):
    """One entry of a store. Its methods raise `StoreError` and, for local files, `OSError`."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The entry's data when it was looked up. Untrusted: anybody may have written it."""

    def change(self, data: Data) -> None:
        """Replace the data. Raises `StoreBrokenError` if the entry was deleted."""

    def write(self, name: str, file: Path) -> None:
        """Add a copy of a file. The caller adds each name only once."""

    def read(self, name: str, sink: Sink) -> None:
        """Write a file's content to `sink`.

        Raises `StoreBrokenError` if the file or a part of it is missing. The caller checks the
        content.
        """


class SharedStore(Protocol):
    """A place for entries that all machines see the same way.

    What one machine has written, every machine can read at once. Methods raise
    `StoreUnreachableError` and `StoreBrokenError`.
    """

    @property
    def url(self) -> str:
        """The address, as error messages show it."""

    @property
    def label(self) -> str:
        """What people know the index by: the address, and which of its databases it is."""

    @property
    def vectors(self) -> SharedVectors | None:
        """The store's vector search; None if it only keeps entries.

        If it is None, every copy has a local Chroma store and searches that.
        """

    def create(self, name: str, data: Data) -> Entry | None:
        """Make an entry without files and return it; None if there is one of this name.

        Atomic: if several machines create the same name, exactly one of them gets an entry. The
        published pointer and the writer lease depend on this.
        """

    def find(self, name: str) -> Entry | None:
        """Return an entry; None if there is none of this name."""

    def list_entries(self, prefix: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the names that begin with `prefix`, each with its entry's data."""

    def delete(self, name: str) -> None:
        """Delete an entry with its data and files, if it is there."""


class SharedVectors(Protocol):
    """The vector search of a store."""

    def push(self, layout: SegmentLayout) -> None:
        """Upload the vectors of a segment, unless the store holds as many. Raises `StoreError`."""

    def delete(self, layout: SegmentLayout) -> None:
        """Delete the vectors of a segment. Raises `StoreError`."""

    def open(self, layout: SegmentLayout) -> VectorSearch:
        """Return the search of a segment's vectors. Nothing is sent before the first search."""


class VectorSearch(Protocol):
    """Searches the vectors of one segment; safe to use from many threads.

    Methods raise `StoreError`. A row is the number of a passage or sentence in the segment.
    """

    def nearest(self, level: Level, vector: Vectors, count: int) -> tuple[Rows, Scores]:
        """Return up to `count` rows nearest to a vector, shape (d,), and their cosines."""

    def count(self, level: Level) -> int:
        """Return the number of vectors that are stored at a level."""

    def read(self, level: Level, rows: Rows) -> Vectors:
        """Return the stored vectors of the given rows, shape (found, d), ordered by row."""

    def close(self) -> None:
        """Release what is open."""
