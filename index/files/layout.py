"""The names of all files of a store, written once.

::

    <store>/
      CURRENT                   the id of the published snapshot; replaced atomically
      writer.lock               held by the one process that writes; names it
      snapshots/<id>.json       manifest: which documents of which segments are live
      snapshots/<id>.lock       held, shared, by every reader of that snapshot
      segments/<id>/            immutable once a manifest names it
        documents.jsonl         text, blocks and pages, a line per document
        documents.npy           (documents + 1, 3): byte offset, first sentence, first passage
        sentences.npy           (sentences, 5): document, start, end, passage, role
        passages.npy            (passages, 3): document, first sentence, last sentence
        vectors/<level>.npy     (rows, dimension), float32
        lexical/<level>/        postings
        chroma/                 a Chroma store with one collection per level
        checksums.json          the sha256 of every file but Chroma's; the same on a server
        seal.json               size, time and sha256 of every file, as written here
      uploads/                  documents that were added in the window
      unpublished/              vectors of an interrupted build: index.ingest.embedding_cache

A copy of a shared index (`index.remote.shared_index`) has no chroma/ in its segments if the shared
store searches vectors itself, and it has::

      server.json               of which shared index this is a copy: index.files.attachment
      fetching/                 segments that are being downloaded

A new document makes a new, small segment; nothing that a reader may have open is written again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from index.files.names import check_part
from index.types import Level

UPLOADS = "uploads"
"""The folder of a store that holds documents: those that were added in the window."""

STORE_FOLDERS = ("snapshots", "segments", "unpublished", "fetching", "servers", "conversations")
STORE_FILES = ("CURRENT", "writer.lock", "fetching.lock", "server.json", "feedback.jsonl")
"""What this program keeps in a store: none of it is a document."""


def is_store(folder: Path, folders: Collection[str]) -> bool:
    """Whether a folder, with these folders in it, is a store, or holds copies of a server's."""
    if {"snapshots", "segments"} <= {*folders}:
        return any((folder / name).is_file() for name in ("writer.lock", "server.json"))
    return "servers" in folders and any((folder / "servers").glob("*/server.json"))


@dataclass(frozen=True, slots=True)
class SegmentLayout:
    """The files of one segment."""

    root: Path

    @property
    def store(self) -> Path:
        """The store that the segment is part of."""
        return self.root.parent.parent

    @property
    def texts(self) -> Path:
        """Text, blocks and pages of the documents."""
        return self.root / "documents.jsonl"

    @property
    def documents(self) -> Path:
        """The table of documents."""
        return self.root / "documents.npy"

    @property
    def checksums(self) -> Path:
        """The hashes of the other files."""
        return self.root / "checksums.json"

    @property
    def seal(self) -> Path:
        """What every other file was when it was written here; see `index.files.seals`."""
        return self.root / "seal.json"

    @property
    def chroma(self) -> Path:
        """The Chroma store."""
        return self.root / "chroma"

    def list_files(self) -> list[tuple[str, Path]]:
        """Return the files that are the same on every machine, each with its name in the segment.

        Not the checksums, which are of these.
        """
        return [
            (name, file)
            for name, file in self.list_all_files()
            if file != self.checksums and self.chroma not in file.parents
        ]

    def list_all_files(self) -> list[tuple[str, Path]]:
        """Return all files but the seal, each with its name in the segment."""
        files = sorted(f for f in self.root.rglob("*") if f.is_file() and f != self.seal)
        return [(file.relative_to(self.root).as_posix(), file) for file in files]

    def table(self, level: Level) -> Path:
        """Return the table of sentences or passages."""
        return self.root / f"{level}.npy"

    def vectors(self, level: Level) -> Path:
        """Return the vectors of a level."""
        return self.root / "vectors" / f"{level}.npy"

    def lexical(self, level: Level) -> Path:
        """Return the folder of a level's postings."""
        return self.root / "lexical" / level


@dataclass(frozen=True, slots=True)
class StoreLayout:
    """The files of a store."""

    root: Path

    @property
    def current(self) -> Path:
        """The pointer to the published snapshot."""
        return self.root / "CURRENT"

    @property
    def writer_lock(self) -> Path:
        """The lock of the one writer."""
        return self.root / "writer.lock"

    @property
    def server(self) -> Path:
        """Says of which server's index this is a copy; not there if it is none."""
        return self.root / "server.json"

    @property
    def fetching(self) -> Path:
        """The folder of segments that are on their way from the server."""
        return self.root / "fetching"

    @property
    def snapshots(self) -> Path:
        """The folder of manifests."""
        return self.root / "snapshots"

    @property
    def segments(self) -> Path:
        """The folder of segments."""
        return self.root / "segments"

    @property
    def unpublished(self) -> Path:
        """The folder of vectors that no snapshot holds yet."""
        return self.root / "unpublished"

    def manifest(self, snapshot: str) -> Path:
        """Return the manifest of a snapshot. Raises `StoreBrokenError` for a name that is none."""
        return self.snapshots / f"{check_part(snapshot)}.json"

    def reader_lock(self, snapshot: str) -> Path:
        """Return the lock that readers of a snapshot share."""
        return self.snapshots / f"{check_part(snapshot)}.lock"

    def segment(self, segment: str) -> SegmentLayout:
        """Return the files of a segment."""
        return SegmentLayout(self.segments / check_part(segment))


def make_folder(folder: Path) -> None:
    """Make a folder with those above it, for this user only. Raises `OSError`."""
    for missing in reversed((folder, *folder.parents)):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)


def write_atomically(file: Path, data: bytes) -> None:
    """Replace a file so that a crash leaves the old content or the new, on disk either way.

    It can be read by this user only.
    """
    # Random: in containers every process has the same number.
    draft = file.with_name(f".{file.name}.{token_hex(8)}.draft")
    try:
        with open(draft, "xb", opener=_open_private) as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def _open_private(file: str, flags: int) -> int:
    return os.open(file, flags, 0o600)


def hash_file(file: Path) -> str:
    """Return the sha256 of a file's content, in hexadecimal. Raises `OSError`."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below `folder`, and itself, to disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with (Path(parent) / name).open("rb") as stream:
                os.fsync(stream.fileno())
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
