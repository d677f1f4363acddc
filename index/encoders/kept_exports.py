"""Exported models in the user's cache folder: written once, atomically, and checked by hash."""

from __future__ import annotations

import json
import logging
import platform
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeVar

from platformdirs import user_cache_path

from index.encoders.model_files import hash_files

log = logging.getLogger(__name__)

_VERSION = 2  # of what the exports write
_NOTE = "export.json"
_HASH = "sha256"  # in the note: of the export's files

Opened = TypeVar("Opened")


def place_export(sha256: str, settings: str) -> Path:
    """Return the folder for the export of the weights and settings with these hashes."""
    # An export that agreed on one kind of processor, or with one torch, may not on another.
    machine = f"{platform.machine()}-torch{version('torch')}"
    name = f"{sha256[:16]}-{settings[:16]}-{machine}-{_VERSION}"
    return user_cache_path("footnote") / "models" / name


def find_kept(
    folder: Path, open_export: Callable[[Path, dict[str, Any]], Opened]
) -> Opened | Literal["unfit"] | None:
    """Open the export in a folder; None if there is none, or if it is damaged."""
    try:
        note = json.loads((folder / _NOTE).read_text("utf-8"))
        if "unfit" in note:
            return "unfit"
        exported = note.pop(_HASH)
        with ThreadPoolExecutor(1) as other:  # hashed while ONNX Runtime reads it
            found = other.submit(_hash_export, folder)
            opened = open_export(folder, note)
            if found.result() != exported:
                raise ValueError("it is not what was exported")
        return opened
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:  # noqa: BLE001 - ONNX Runtime raises many kinds
        log.warning(
            "what was exported of a model is damaged (%s), so it is exported again",
            type(error).__name__,
        )
        shutil.rmtree(folder, ignore_errors=True)
        return None


def keep_export(target: Path, write: Callable[[Path], dict[str, Any]]) -> None:
    """Let `write` fill a temporary folder and return the export's note; rename it to `target`.

    Raises `OSError` and what `write` raises.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as made:
        folder = Path(made, "export")
        folder.mkdir()
        note = write(folder)
        if "unfit" not in note:
            note[_HASH] = _hash_export(folder)
        (folder / _NOTE).write_text(json.dumps(note, indent=2), "utf-8")
        try:
            folder.rename(target)
        except OSError:
            if not target.exists():  # another process may have been quicker
                raise


def open_or_write(
    target: Path,
    write: Callable[[Path], dict[str, Any]],
    open_export: Callable[[Path, dict[str, Any]], Opened],
    level: int = logging.WARNING,
) -> Opened | None:
    """Open the export in `target`, which `write` makes if there is none, as for `keep_export`.

    Returns None where it cannot be stored, which is logged at `level`. Raises what `write` raises,
    but for `OSError`.
    """
    found = find_kept(target, open_export)
    if found is None:
        try:
            keep_export(target, write)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            log.log(
                level,
                "what is made of a model could not be stored in %s (%s): it is made again for "
                "each use",
                target.parent,
                reason,
            )
            return None
        found = find_kept(target, open_export)
    return None if isinstance(found, str) else found


def _hash_export(folder: Path) -> str:
    return hash_files(*sorted(file for file in folder.iterdir() if file.name != _NOTE))
