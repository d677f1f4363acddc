"""A segment's files and a manifest, as a server sends them, made files of a copy.

Nothing that a server says is trusted: names are those that this program makes, so that they lead
nowhere but into the copy, and files are as their hashes say, or are thrown away.
"""

from __future__ import annotations

import json
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from index.chroma.blobs import read_file
from index.chroma.client import Connection
from index.errors import StoreBrokenError
from index.files.layout import (
    SegmentLayout,
    StoreLayout,
    hash_file,
    make_folder,
    sync_folder,
    sync_tree,
    write_atomically,
)
from index.files.manifest import Manifest
from index.files.names import check_hashes, check_id
from index.files.seals import write_seal

SNAPSHOT, FILES = "footnote-snapshot-", "footnote-files-"
"""How the names of the collections begin that hold a manifest and a segment's files."""

MANIFEST = "manifest.json"


def fetch_manifest(connection: Connection, layout: StoreLayout, snapshot: str) -> Manifest | None:
    """Return a manifest, fetched if the copy lacks it; None if the server has it no more.

    Raises `StoreBrokenError`, `StoreUnreachableError` and `OSError`.
    """
    file = layout.manifest(check_id(snapshot))
    if file.exists():
        return _read_manifest(connection, file.read_bytes(), snapshot)
    collection = connection.find(SNAPSHOT + snapshot)
    if collection is None:
        return None
    stream = BytesIO()
    _read(connection, collection, MANIFEST, stream)
    manifest = _read_manifest(connection, stream.getvalue(), snapshot)
    layout.reader_lock(snapshot).touch()
    write_atomically(file, stream.getvalue())
    return manifest


def _read_manifest(connection: Connection, data: bytes, snapshot: str) -> Manifest:
    try:
        manifest = Manifest.from_json(data)
        inside = {record.segment for record in manifest.documents} <= {*manifest.segments}
        if check_id(manifest.id) != snapshot or not inside:
            raise ValueError("another snapshot's")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreBrokenError(
            f"the index on {connection.server} was made by another version or is damaged",
            "run `rag index --full` to start over",
        ) from error
    for name in (*manifest.segments, *filter(None, [manifest.previous])):
        check_id(name)
    return manifest


def fetch_segment(connection: Connection, layout: StoreLayout, name: str) -> bool:
    """Fetch a segment, in place of what the copy has of it; False if the server has it no more.

    Raises `StoreBrokenError`, `StoreUnreachableError` and `OSError`.
    """
    collection = connection.find(FILES + check_id(name))
    if collection is None or not (collection.metadata or {}).get("complete"):
        return False
    draft = SegmentLayout(layout.fetching / name)
    try:
        make_folder(draft.root)
        with draft.checksums.open("wb") as stream:
            _read(connection, collection, draft.checksums.name, stream)
        for file, expected in _read_hashes(draft.checksums, name).items():
            target = draft.root / file
            make_folder(target.parent)
            with target.open("wb") as stream:
                _read(connection, collection, file, stream)
            if hash_file(target) != expected:
                raise StoreBrokenError(
                    f"{name}: {file} on {connection.server} is not as it was written",
                    "run `rag doctor --repair` on a machine that has a copy",
                )
        write_seal(draft)
        sync_tree(draft.root)
        segment = layout.segment(name).root
        if segment.exists():
            segment.rename(layout.fetching / f"{name}.old")
        draft.root.rename(segment)
        sync_folder(layout.segments)
    finally:
        shutil.rmtree(layout.fetching, ignore_errors=True)
    return True


def _read_hashes(file: Path, segment: str) -> dict[str, str]:
    try:
        return check_hashes(json.loads(file.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise StoreBrokenError(f"the server holds a segment that is none ({segment})") from error


def _read(connection: Connection, collection: Any, name: str, stream: BinaryIO) -> None:
    with connection.talk():
        read_file(collection, name, stream)
