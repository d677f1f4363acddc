"""Files given to the window -> files in a folder of the store."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from rag.errors import FootnoteError
from rag.library.documents import is_indexable
from rag.library.library import Library, known_suffixes
from ui.state.quotas import MB, DiskQuota, size_on_disk

MAX_FILES = 500  # of one upload
_adding = Lock()  # or what is added at once would find the same room


def choose_folder(library: Library) -> Path:
    """Return the folder of the store that documents are added to, made if need be.

    The folders that were indexed are the user's own, and are never written. Raises `FootnoteError`.
    """
    folder = library.uploads
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise FootnoteError(
            f"{folder} cannot be made ({error.strerror})", "check the permissions of the store"
        ) from error
    return folder


def check_origin(files: Sequence[str | Path], uploads: Path) -> None:
    """Raise `FootnoteError` for a file that was not uploaded: a client may name any path."""
    for file in files:
        try:
            ours = Path(file).resolve().is_relative_to(uploads.resolve())
        except (OSError, ValueError):  # no file has such a name
            ours = False
        if not ours:
            raise FootnoteError(f"{Path(file).name} was not uploaded", "upload it first")


def store_uploads(
    files: Sequence[str | Path], folder: Path, most: int
) -> tuple[list[str], list[str]]:
    """Copy uploaded files into a folder; return the names stored, and why others were not.

    The folder holds `most` bytes at most: what would be too much is refused.

    Only a file's name counts, never the path that it claims. A file that is there already, with
    the same content, is left alone; one with other content gets a new name beside it.
    """
    stored: list[str] = []
    refused: list[str] = []
    if len(files) > MAX_FILES:
        raise FootnoteError(
            f"{len(files)} files were given at once",
            f"give {MAX_FILES} at most, or use `rag index`",
        )
    with _adding:
        space = DiskQuota(folder, most)
        for file in map(Path, files):
            name = file.name.lstrip(".")
            if not name or not is_indexable(name):
                refused.append(f"{file.name} has an unknown format (known: {known_suffixes()})")
                continue
            try:
                target = _free_name(folder / name, file)
                if not target.exists():
                    size = size_on_disk(file.stat().st_size)
                    if not space.has_room(size):
                        refused.append(
                            f"{file.name} finds no room: what is added here may take "
                            f"{most // MB:,} MB (RAG_UPLOADS_MB)"
                        )
                        continue
                    shutil.copyfile(file, target)
                    space.note(size)
            except OSError as error:
                raise FootnoteError(
                    f"{folder} cannot be written ({error.strerror})", "check its permissions"
                ) from error
            stored.append(target.name)
    return stored, refused


def _free_name(wanted: Path, file: Path) -> Path:
    target, number = wanted, 2
    while target.exists() and not filecmp.cmp(target, file, shallow=False):
        target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
        number += 1
    return target
