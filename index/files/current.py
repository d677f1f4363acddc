"""The file that names the snapshot which readers of a folder open."""

from __future__ import annotations

from pathlib import Path

from index.errors import StoreBrokenError
from index.files.layout import StoreLayout, write_atomically
from index.files.manifest import is_id


def current_id(store: Path) -> str | None:
    """Return the id of the published snapshot, or None where there is none.

    Without the pointer the only snapshot is meant: a first build that was killed may have written
    it. Raises `StoreBrokenError` when the folder or the pointer cannot be read, and when the
    pointer is lost and there are several snapshots.
    """
    pointer = read_pointer(store)
    layout = StoreLayout(store)
    if pointer is not None or layout.server.exists():  # of a copy, the server knows
        return pointer
    snapshots = [file.stem for file in layout.snapshots.glob("*.json")]
    if len(snapshots) > 1:
        raise _broken(store, "has lost CURRENT, which names its newest state")
    return snapshots[0] if snapshots else None


def read_pointer(store: Path) -> str | None:
    """Return what the pointer names, or None if it is lost or empty.

    Of a server's copy, a damaged one is as good as lost. Raises as `current_id`.
    """
    layout = StoreLayout(store)
    try:
        content = layout.current.read_text("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreBrokenError(
            f"the index at {store} cannot be read ({type(error).__name__})",
            "check the permissions of the folder",
        ) from error
    name = content.removesuffix("\n")
    if not content.strip("\n\0"):
        return None
    if content != f"{name}\n" or not is_id(name):
        if layout.server.exists():
            return None
        raise _broken(store, "has a damaged CURRENT")
    return name


def mend_pointer(store: Path, snapshot: str) -> None:
    """Name the snapshot that is used in place of a lost pointer, for the writer only."""
    if read_pointer(store) is None:
        set_current(store, snapshot)


def set_current(store: Path, snapshot: str) -> None:
    """Make a snapshot that is on disk the one that readers open, in one atomic step."""
    write_atomically(StoreLayout(store).current, f"{snapshot}\n".encode())


def _broken(store: Path, problem: str) -> StoreBrokenError:
    return StoreBrokenError(
        f"the index at {store} {problem}",
        "run `rag doctor --repair`, or `rag index --full` to start over",
    )
