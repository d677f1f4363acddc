"""The index on a Chroma server that a folder is a copy of: fetched, published, tidied.

What is on the server::

    footnote-published-<n>            names the published snapshot; see `index.chroma.pointer`
    footnote-writer-<n>               held by the one writer; see `index.chroma.writer_lease`
    footnote-snapshot-<id>            the manifest
    footnote-files-<segment>          a segment's files: text, tables, postings, flat vectors
    footnote-passages-<segment>       the vectors that are searched, and so for sentences
    footnote-sentences-<segment>

Segments never change, so a machine fetches each once. Text and postings are read from the copy,
and what the server does not answer is searched there too.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.chroma.blobs import hash_file as hash_pieces
from index.chroma.blobs import write_file
from index.chroma.client import connect
from index.chroma.collections import are_written, delete_collections, write_collections
from index.chroma.download import FILES, MANIFEST, SNAPSHOT, fetch_manifest, fetch_segment
from index.chroma.pointer import Pointer, forget_pointers, move_pointer, read_pointer
from index.chroma.replica import Replica, find_replica
from index.chroma.writer_lease import Lease, hold_lease
from index.errors import (
    StoreBrokenError,
    StoreBusyError,
    StoreNotWritableError,
    StoreOutdatedError,
    StoreUnreachableError,
)
from index.files.current import current_id, set_current
from index.files.file_locks import lock_file
from index.files.layout import StoreLayout, hash_file, make_folder
from index.files.manifest import Manifest
from index.files.snapshot_locks import share_reader_lock
from index.types import OnWait

log = logging.getLogger(__name__)

_VECTORS = ("footnote-passages-", "footnote-sentences-")


@dataclass(slots=True)
class _Writing:
    """What makes this process a store's writer.

    `base` is what was published then, or what it has published since: what it writes is made of
    that, even if the copy is brought up to date meanwhile.
    """

    lease: Lease
    base: Pointer | None


_writing: dict[Path, _Writing] = {}  # by the folder of the copy


class Origin:
    """The server's side of a copy."""

    def __init__(self, store: Path, replica: Replica) -> None:
        self._layout = StoreLayout(store)
        self._replica = replica
        self._connection = connect(replica.server)

    def pull(self) -> Pointer | None:
        """Make the copy that of the published snapshot, and return that; None if there is none.

        Raises `StoreUnreachableError`, `StoreBrokenError` and `StoreNotWritableError`.
        """
        for _ in range(10):
            pointer = read_pointer(self._connection)
            if pointer is None or pointer.snapshot == current_id(self._layout.root):
                return pointer
            try:
                if self.fetch(pointer.snapshot, point=True):
                    return pointer
            except OSError as error:
                raise StoreNotWritableError(
                    f"the copy at {self._layout.root} could not be written "
                    f"({error.strerror or error})",
                    "make room; nothing indexed is lost",
                ) from error
        raise StoreBrokenError(
            f"the index on {self._replica.server} is not whole", "run `rag doctor --repair`"
        )

    def fetch(self, snapshot: str, *, point: bool = False) -> bool:
        """Fetch what the copy lacks of a snapshot; False if it was replaced and tidied away.

        With `point` it becomes the one that the copy's readers open. Raises as `pull` does, and
        `OSError`.
        """
        layout = self._layout
        for folder in (layout.snapshots, layout.segments):
            make_folder(folder)
        with (layout.root / "fetching.lock").open("a") as lock:
            lock_file(lock, wait=True)
            shutil.rmtree(layout.fetching, ignore_errors=True)  # of a process that was killed
            manifest = self.fetch_manifest(snapshot)
            lease = share_reader_lock(layout.root, snapshot) if manifest else None
            if manifest is None or lease is None:
                return False
            with lease:  # or what is fetched would be garbage until it is published
                missing = [n for n in manifest.segments if not layout.segment(n).root.exists()]
                for number, name in enumerate(missing, 1):
                    log.warning("fetching segment %d of %d of the index", number, len(missing))
                    if not self.fetch_segment(name):
                        return False
                if point and current_id(layout.root) != snapshot:
                    set_current(layout.root, snapshot)
        return True

    def fetch_manifest(self, snapshot: str) -> Manifest | None:
        """Return a manifest, fetched if the copy lacks it; None if the server has it no more."""
        return fetch_manifest(self._connection, self._layout, snapshot)

    def fetch_segment(self, name: str) -> bool:
        """Fetch a segment, in place of what the copy has of it; False if the server has it no more.

        Raises as `pull` does, and `OSError`.
        """
        return fetch_segment(self._connection, self._layout, name)

    def push(self, name: str) -> None:
        """Write to the server what it lacks of a segment. Raises `OSError` and `StoreError`."""
        layout = self._layout.segment(name)
        if not are_written(layout):
            delete_collections(layout)
            write_collections(layout)
        collection = self._connection.find(FILES + name)
        if collection is not None and (collection.metadata or {}).get("complete"):
            return
        self._connection.delete(FILES + name)
        collection = self._connection.create(FILES + name)
        with self._connection.talk():
            for file, path in (*layout.list_files(), (layout.checksums.name, layout.checksums)):
                write_file(collection, file, path)
            collection.modify(metadata={"complete": True})

    def push_again(self, name: str) -> None:
        """Write a segment to the server anew."""
        delete_collections(self._layout.segment(name))
        self._connection.delete(FILES + name)
        self.push(name)

    def publish(self, snapshot: str) -> None:
        """Publish a snapshot of the copy on the server, in one atomic step at the end.

        Raises `OSError`, `StoreUnreachableError`, and `StoreBusyError` if another writer was
        quicker.
        """
        writing = _writing[self._layout.root]
        before = writing.base
        if read_pointer(self._connection) != before:
            raise self._too_late()
        file = self._layout.manifest(snapshot)
        for name in Manifest.from_json(file.read_bytes()).segments:
            self.push(name)
        self._push_manifest(snapshot, file)
        if before and before.snapshot == snapshot:
            return
        try:
            moved = move_pointer(self._connection, before, snapshot)
        except StoreUnreachableError:  # the answer may be all that was lost
            now = read_pointer(self._connection)
            moved = now is not None and now.snapshot == snapshot
            if not moved:
                raise
        if not moved:
            raise self._too_late()
        writing.base = Pointer(before.number + 1 if before else 1, snapshot)

    def _push_manifest(self, snapshot: str, file: Path) -> None:
        collection = self._connection.find(SNAPSHOT + snapshot)
        if collection is not None and self._is_same(collection, MANIFEST, file):
            return  # a state that is gone back to; it is never missing, not even for a moment
        self._connection.delete(SNAPSHOT + snapshot)
        collection = self._connection.create(SNAPSHOT + snapshot)
        with self._connection.talk():
            write_file(collection, MANIFEST, file)

    def _is_same(self, collection: Any, name: str, file: Path) -> bool:
        try:
            with self._connection.talk():
                return hash_pieces(collection, name) == hash_file(file)
        except StoreBrokenError:
            return False

    def _too_late(self) -> StoreBusyError:
        return StoreBusyError(
            f"another process has published to {self._replica.server} meanwhile",
            "run the command again; what was embedded is kept",
        )

    def check(self, name: str) -> list[str]:
        """Return what is wrong with the server's files of a segment, a line each."""
        collection = self._connection.find(FILES + name)
        if collection is None:
            return [f"{name}: the server has lost its files"]
        layout = self._layout.segment(name)
        return [
            f"{name}: {file} on the server is not as it was written"
            for file, path in layout.list_files()
            if not self._is_same(collection, file, path)
        ]

    def collect_garbage(self, kept: set[str], segments: set[str]) -> None:
        """Remove from the server what no kept snapshot names; for the writer only.

        A writer that was paused may no longer be it. What its successor has written since is not
        in the list that was made before it was looked whether there is one.
        """
        listed = [
            (name, name.removeprefix(prefix) in named)
            for prefix, named in (
                (SNAPSHOT, kept),
                *((each, segments) for each in (FILES, *_VECTORS)),
            )
            for name in self._connection.list_names(prefix)
        ]
        base = _writing[self._layout.root].base
        if base is None or base.snapshot not in kept or read_pointer(self._connection) != base:
            return
        lease = _writing[self._layout.root].lease
        for name, is_named in listed:
            if not is_named:
                if not lease.is_held():
                    return
                self._connection.delete(name)
        forget_pointers(self._connection, base)

    @contextmanager
    def writing(self, on_wait: OnWait | None) -> Iterator[bool]:
        """Be the one writer, of a copy that is up to date; yields whether it had to wait.

        A server that has lost everything is given what the copy holds. Raises `StoreError`.
        """
        with hold_lease(self._connection, self._replica.name, on_wait) as lease:
            current = current_id(self._layout.root)
            try:
                pointer = self.pull()
            except StoreOutdatedError:  # this writer will replace it
                pointer = read_pointer(self._connection)
            _writing[self._layout.root] = _Writing(lease, pointer)
            try:
                if pointer is None and current is not None:
                    log.warning("the server holds no index; it is given that of the copy")
                    self.publish(current)
                yield lease.waited
            finally:
                del _writing[self._layout.root]


def find_origin(store: Path) -> Origin | None:
    """Return the server's side of a folder; None if the folder is an index of its own."""
    replica = find_replica(store)
    return None if replica is None else Origin(store, replica)
