"""Copies uploaded files into a folder of the store."""

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

MAX_FILES = 500  # per upload
_adding = Lock()  # otherwise parallel uploads would all use the same free space


def choose_folder(library: Library) -> Path:
    """Return the store's folder for added documents; create it if necessary.

    Added documents are never written to the user's own folders. Raises `FootnoteError` if the
    folder cannot be created.
    """
    folder = library.uploads
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise FootnoteError(
            f"{folder} cannot be created ({error.strerror})", "check the permissions of the store"
        ) from error
    return folder


def check_origin(files: Sequence[str | Path], uploads: Path) -> None:
    """Raise `FootnoteError` for a file outside `uploads`: a client may send any path."""
    for file in files:
        try:
            ours = Path(file).resolve().is_relative_to(uploads.resolve())
        except (OSError, ValueError):  # the name is not valid
            ours = False
        if not ours:
            raise FootnoteError(f"{Path(file).name} was not uploaded", "upload it first")


def store_uploads(
    files: Sequence[str | Path], folder: Path, most: int
) -> tuple[list[str], list[str]]:
    """Copy uploaded files into a folder; return the stored names and the messages of refused files.

    A file is refused if its format is unknown, or if the folder would be larger than `most` bytes.
    Only the last part of an uploaded path is used as the name. If a file with the same name and
    content exists, nothing is copied. If the content differs, the new file gets a number in its
    name. Raises `FootnoteError` for too many files, or if the folder cannot be written.
    """
    stored: list[str] = []
    refused: list[str] = []
    if len(files) > MAX_FILES:
        raise FootnoteError(
            f"{len(files)} files are too many for one upload",
            f"upload at most {MAX_FILES}, or use `rag index`",
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
                            f"{file.name} does not fit: added documents may take at most "
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
