"""The index on a Chroma server that a folder is a copy of: fetched, published, tidied.

What is on the server::

    footnote-published-<n>            the pointer: names the published snapshot (`index.pointer`)
    footnote-writer-<n>               held by the one process that writes (`index.lease`)
    footnote-snapshot-<id>            the manifest
    footnote-files-<segment>          a segment's files: text, tables, postings, flat vectors
    footnote-passages-<segment>       the vectors that are searched, and so for sentences
    footnote-sentences-<segment>

Segments never change, so a machine fetches each once. Text and postings are read from the copy,
and what the server does not answer is searched there too.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import portalocker

from index.current import current_id, set_current
from index.errors import (
    StoreBrokenError,
    StoreBusyError,
    StoreNotWritableError,
    StoreOutdatedError,
    StoreUnreachableError,
)
from index.layout import (
    SegmentLayout,
    StoreLayout,
    hash_file,
    sync_folder,
    sync_tree,
    write_atomically,
)
from index.lease import hold_lease
from index.manifest import Manifest
from index.pieces import hash_file as hash_pieces
from index.pieces import read_file, write_file
from index.pointer import Pointer, forget_pointers, move_pointer, read_pointer
from index.readers import share_reader_lock
from index.replica import Replica, find_replica
from index.seal import write_seal
from index.server import connect
from index.types import OnWait
from index.vectors import are_written, delete_collections, write_collections

log = logging.getLogger(__name__)

_SNAPSHOT, _FILES = "footnote-snapshot-", "footnote-files-"
_VECTORS = ("footnote-passages-", "footnote-sentences-")
_MANIFEST = "manifest.json"

# What was published when this process became a store's writer: what it writes is made of that, even
# if the copy is brought up to date meanwhile.
_bases: dict[Path, Pointer | None] = {}


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
            folder.mkdir(parents=True, exist_ok=True)
        with (layout.root / "fetching.lock").open("a") as lock:
            portalocker.lock(lock, portalocker.LockFlags.EXCLUSIVE)
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
        file = self._layout.manifest(snapshot)
        if not file.exists():
            collection = self._connection.find(_SNAPSHOT + snapshot)
            if collection is None:
                return None
            stream = BytesIO()
            with self._connection.talk():
                read_file(collection, _MANIFEST, stream)
            self._layout.reader_lock(snapshot).touch()
            write_atomically(file, stream.getvalue())
        try:
            return Manifest.from_json(file.read_bytes())
        except (ValueError, KeyError, TypeError) as error:
            raise StoreBrokenError(
                f"the index on {self._replica.server} was made by another version or is damaged",
                "run `rag index --full` to start over",
            ) from error

    def fetch_segment(self, name: str) -> bool:
        """Fetch a segment, in place of what the copy has of it; False if the server has it no more.

        Raises as `pull` does, and `OSError`.
        """
        collection = self._connection.find(_FILES + name)
        if collection is None or not (collection.metadata or {}).get("complete"):
            return False
        draft = self._layout.fetching / name
        layout = SegmentLayout(draft)
        try:
            _fetch_file(self._connection, collection, layout.checksums.name, layout.checksums)
            hashes: dict[str, str] = json.loads(layout.checksums.read_bytes())
            for file, expected in hashes.items():
                target = draft / file
                if not target.resolve().is_relative_to(draft.resolve()):
                    raise StoreBrokenError(f"the server holds a segment that is none ({name})")
                _fetch_file(self._connection, collection, file, target)
                if hash_file(target) != expected:
                    raise StoreBrokenError(
                        f"{name}: {file} on {self._replica.server} is not as it was written",
                        "run `rag doctor --repair` on a machine that has a copy",
                    )
            write_seal(layout)
            sync_tree(draft)
            segment = self._layout.segment(name).root
            if segment.exists():
                segment.rename(self._layout.fetching / f"{name}.old")
            draft.rename(segment)
            sync_folder(self._layout.segments)
        except ValueError as error:
            raise StoreBrokenError(f"the server holds a segment that is none ({name})") from error
        finally:
            shutil.rmtree(self._layout.fetching, ignore_errors=True)
        return True

    def push(self, name: str) -> None:
        """Write to the server what it lacks of a segment. Raises `OSError` and `StoreError`."""
        layout = self._layout.segment(name)
        if not are_written(layout):
            delete_collections(layout)
            write_collections(layout)
        collection = self._connection.find(_FILES + name)
        if collection is not None and (collection.metadata or {}).get("complete"):
            return
        self._connection.delete(_FILES + name)
        collection = self._connection.create(_FILES + name)
        with self._connection.talk():
            for file, path in (*layout.list_files(), (layout.checksums.name, layout.checksums)):
                write_file(collection, file, path)
            collection.modify(metadata={"complete": True})

    def push_again(self, name: str) -> None:
        """Write a segment to the server anew."""
        delete_collections(self._layout.segment(name))
        self._connection.delete(_FILES + name)
        self.push(name)

    def publish(self, snapshot: str) -> None:
        """Publish a snapshot of the copy on the server, in one atomic step at the end.

        Raises `OSError`, `StoreUnreachableError`, and `StoreBusyError` if another writer was
        quicker.
        """
        before = _bases[self._layout.root]
        if read_pointer(self._connection) != before:
            raise self._too_late()
        file = self._layout.manifest(snapshot)
        for name in Manifest.from_json(file.read_bytes()).segments:
            self.push(name)
        self._connection.delete(_SNAPSHOT + snapshot)
        collection = self._connection.create(_SNAPSHOT + snapshot)
        with self._connection.talk():
            write_file(collection, _MANIFEST, file)
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
        _bases[self._layout.root] = Pointer(before.number + 1 if before else 1, snapshot)

    def _too_late(self) -> StoreBusyError:
        return StoreBusyError(
            f"another process has published to {self._replica.server} meanwhile",
            "run the command again; what was embedded is kept",
        )

    def check(self, name: str) -> list[str]:
        """Return what is wrong with the server's files of a segment, a line each."""
        collection = self._connection.find(_FILES + name)
        if collection is None:
            return [f"{name}: the server has lost its files"]
        layout = self._layout.segment(name)
        faults = []
        for file, path in layout.list_files():
            try:
                with self._connection.talk():
                    same = hash_pieces(collection, file) == hash_file(path)
            except (StoreBrokenError, ValueError):
                same = False
            if not same:
                faults.append(f"{name}: {file} on the server is not as it was written")
        return faults

    def collect_garbage(self, kept: set[str], segments: set[str]) -> None:
        """Remove from the server what no kept snapshot names; for the writer only."""
        pointer = read_pointer(self._connection)
        if pointer is None:
            return
        forget_pointers(self._connection, pointer)
        for prefix, named in (
            (_SNAPSHOT, kept),
            *((each, segments) for each in (_FILES, *_VECTORS)),
        ):
            for name in self._connection.list_names(prefix):
                if name.removeprefix(prefix) not in named:
                    self._connection.delete(name)

    @contextmanager
    def writing(self, on_wait: OnWait | None) -> Iterator[bool]:
        """Be the one writer, of a copy that is up to date; yields whether it had to wait.

        A server that has lost everything is given what the copy holds. Raises `StoreError`.
        """
        with hold_lease(self._connection, self._replica.name, on_wait) as waited:
            current = current_id(self._layout.root)
            try:
                pointer = self.pull()
            except StoreOutdatedError:  # this writer will replace it
                pointer = read_pointer(self._connection)
            _bases[self._layout.root] = pointer
            try:
                if pointer is None and current is not None:
                    log.warning("the server holds no index; it is given that of the copy")
                    self.publish(current)
                yield waited
            finally:
                del _bases[self._layout.root]


def _fetch_file(connection: Any, collection: Any, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream, connection.talk():
        read_file(collection, name, stream)


def find_origin(store: Path) -> Origin | None:
    """Return the server's side of a folder; None if the folder is an index of its own."""
    replica = find_replica(store)
    return None if replica is None else Origin(store, replica)
