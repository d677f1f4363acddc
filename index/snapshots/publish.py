"""Which snapshot is the published one: read it, move to another."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from index.chroma.remote import find_origin
from index.chroma.replica import name_store
from index.errors import StoreBrokenError, StoreMissingError, StoreOutdatedError
from index.files.current import current_id, set_current
from index.files.layout import StoreLayout, write_atomically
from index.files.manifest import Manifest
from index.snapshots.follow import refresh

_REMEDY = "run `rag doctor --repair`, or `rag index --full` to start over"


def read_manifest(store: Path, snapshot: str) -> Manifest:
    """Read the manifest of a snapshot. Raises `FileNotFoundError` or `StoreBrokenError`."""
    try:
        manifest = Manifest.from_json(StoreLayout(store).manifest(snapshot).read_bytes())
        if manifest.id != snapshot:
            raise ValueError("it is another snapshot's")
        return manifest
    except StoreOutdatedError as error:
        raise StoreOutdatedError(
            f"the index at {store} was made by an earlier version of Footnote", error.remedy
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBrokenError(
            f"the index at {store} was made by another version or is damaged",
            _REMEDY,
        ) from error


def read_current(store: Path) -> Manifest | None:
    """Read the manifest of the published snapshot, or return None where there is none.

    A copy of a server's index is brought up to date before.
    """
    refresh(store)
    snapshot = current_id(store)
    while snapshot is not None:
        try:
            return read_manifest(store, snapshot)
        except FileNotFoundError as error:
            now = current_id(store)
            if now == snapshot:
                raise StoreBrokenError(
                    f"the index at {store} has lost the manifest {snapshot}",
                    _REMEDY,
                ) from error
            snapshot = now  # it was replaced and collected since its name was read
    return None


def list_roots(store: Path) -> tuple[str, ...]:
    """Return what the index was made of, also if another version made it or it is damaged.

    Empty if nothing tells.
    """
    return _list_paths(store, "roots")


def list_excluded(store: Path) -> tuple[str, ...]:
    """Return what was removed from the index on purpose, as `list_roots` does."""
    return _list_paths(store, "excluded")


def _list_paths(store: Path, field: str) -> tuple[str, ...]:
    with suppress(StoreOutdatedError):
        refresh(store)
    newest = sorted(StoreLayout(store).snapshots.glob("*.json"), reverse=True)
    with suppress(StoreBrokenError):
        newest.insert(0, StoreLayout(store).manifest(current_id(store) or "none"))
    for file in newest:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return tuple(map(str, json.loads(file.read_bytes())[field]))
    return ()


def require_current(store: Path) -> Manifest:
    """Read the manifest of the published snapshot. Raises `StoreMissingError` without one."""
    manifest = read_current(store)
    if manifest is None:
        raise StoreMissingError(
            f"there is no index at {name_store(store)}", "run `rag index` first"
        )
    return manifest


def publish(store: Path, manifest: Manifest) -> None:
    """Make a snapshot, whose segments are on disk, the current one, in one atomic step."""
    layout = StoreLayout(store)
    layout.reader_lock(manifest.id).touch()
    write_atomically(layout.manifest(manifest.id), manifest.to_json())
    point_to(store, manifest.id)


def point_to(store: Path, snapshot: str) -> None:
    """Make a snapshot that is on disk the current one, in one atomic step.

    If the store is a copy of a server's, the step is made there, and then here.
    """
    origin = find_origin(store)
    if origin is not None:
        origin.publish(snapshot)
    set_current(store, snapshot)
