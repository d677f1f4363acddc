"""The file that names the snapshot which readers of a folder open."""

from __future__ import annotations

from pathlib import Path

from index.errors import StoreBrokenError
from index.layout import StoreLayout, write_atomically


def current_id(store: Path) -> str | None:
    """Return the id of the published snapshot, or None where there is none.

    Raises `StoreBrokenError` when the folder cannot be read.
    """
    try:
        return StoreLayout(store).current.read_text("utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreBrokenError(
            f"the index at {store} cannot be read ({type(error).__name__})",
            "check the permissions of the folder",
        ) from error


def set_current(store: Path, snapshot: str) -> None:
    """Make a snapshot that is on disk the one that readers open, in one atomic step."""
    write_atomically(StoreLayout(store).current, f"{snapshot}\n".encode())
