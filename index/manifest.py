"""What a snapshot is: which documents are live and in which segments they are stored."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from index.encoder import ModelIdentity
from index.errors import StoreBrokenError, StoreMissingError
from index.layout import StoreLayout, write_atomically
from index.types import DocumentRecord, Failure

FORMAT = 3
_REMEDY = "run `rag doctor --repair`, or `rag index --full` to start over"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One published state of the index.

    `roots` are the absolute paths that it was brought up to date with, `token_budget` the length
    of its passages, `previous` the snapshot that it replaced, `failures` the files that could not
    be read, `excluded` the absolute paths of those that were removed from the index on purpose.
    """

    id: str
    created: str
    model: ModelIdentity
    token_budget: int
    roots: tuple[str, ...]
    segments: tuple[str, ...]
    documents: tuple[DocumentRecord, ...]
    previous: str | None = None
    failures: tuple[Failure, ...] = ()
    excluded: tuple[str, ...] = ()
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Return the manifest as a file's content."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read a manifest. Raises `ValueError`, `KeyError` or `TypeError` when it is none."""
        fields = json.loads(data)
        if fields.get("format") != FORMAT:
            raise ValueError(f"format {fields.get('format')}")
        fields["model"] = ModelIdentity(**fields["model"])
        fields["roots"] = tuple(fields["roots"])
        fields["segments"] = tuple(fields["segments"])
        fields["failures"] = tuple(Failure(**failure) for failure in fields["failures"])
        fields["excluded"] = tuple(fields["excluded"])
        fields["documents"] = tuple(DocumentRecord(**record) for record in fields["documents"])
        return cls(**fields)


def new_id() -> str:
    """Return a name for a snapshot or segment; later ones sort behind earlier ones."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"


def now() -> str:
    """Return the present time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def current_id(store: Path) -> str | None:
    """Return the id of the published snapshot, or None where there is none."""
    try:
        return StoreLayout(store).current.read_text("utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreBrokenError(
            f"the index at {store} cannot be read ({type(error).__name__})",
            "check the permissions of the folder",
        ) from error


def read_manifest(store: Path, snapshot: str) -> Manifest:
    """Read the manifest of a snapshot. Raises `FileNotFoundError` or `StoreBrokenError`."""
    try:
        return Manifest.from_json(StoreLayout(store).manifest(snapshot).read_bytes())
    except (ValueError, KeyError, TypeError) as error:
        raise StoreBrokenError(
            f"the index at {store} was made by another version or is damaged",
            _REMEDY,
        ) from error


def read_current(store: Path) -> Manifest | None:
    """Read the manifest of the published snapshot, or return None where there is none."""
    snapshot = current_id(store)
    if snapshot is None:
        return None
    try:
        return read_manifest(store, snapshot)
    except FileNotFoundError as error:
        raise StoreBrokenError(
            f"the index at {store} has lost the manifest {snapshot}",
            _REMEDY,
        ) from error


def list_roots(store: Path) -> tuple[str, ...]:
    """Return what the index was made of, also if another version made it or it is damaged.

    Empty if nothing tells.
    """
    newest = sorted(StoreLayout(store).snapshots.glob("*.json"), reverse=True)
    with suppress(StoreBrokenError):
        newest.insert(0, StoreLayout(store).manifest(current_id(store) or "none"))
    for file in newest:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return tuple(map(str, json.loads(file.read_bytes())["roots"]))
    return ()


def require_current(store: Path) -> Manifest:
    """Read the manifest of the published snapshot. Raises `StoreMissingError` without one."""
    manifest = read_current(store)
    if manifest is None:
        raise StoreMissingError(f"there is no index at {store}", "run `rag index` first")
    return manifest


def publish(store: Path, manifest: Manifest) -> None:
    """Make a snapshot, whose segments are on disk, the current one, in one atomic step."""
    layout = StoreLayout(store)
    layout.reader_lock(manifest.id).touch()
    write_atomically(layout.manifest(manifest.id), manifest.to_json())
    point_to(store, manifest.id)


def point_to(store: Path, snapshot: str) -> None:
    """Make a snapshot that is on disk the current one, in one atomic step."""
    write_atomically(StoreLayout(store).current, f"{snapshot}\n".encode())
