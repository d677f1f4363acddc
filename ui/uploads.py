"""Files given to the window -> files in the documents folder."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Sequence
from pathlib import Path

from rag.documents import is_indexable
from rag.errors import FootnoteError
from rag.library import known_suffixes


def store_uploads(files: Sequence[str | Path], folder: Path) -> tuple[list[str], list[str]]:
    """Copy uploaded files into a folder; return the names stored, and why others were not.

    Only a file's name counts, never the path that it claims. A file that is there already, with
    the same content, is left alone; one with other content gets a new name beside it.
    """
    stored: list[str] = []
    refused: list[str] = []
    for file in map(Path, files):
        name = file.name.lstrip(".")
        if not name or not is_indexable(name):
            refused.append(f"{file.name} has an unknown format (known: {known_suffixes()})")
            continue
        try:
            target = _free_name(folder / name, file)
            if not target.exists():
                shutil.copyfile(file, target)
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
