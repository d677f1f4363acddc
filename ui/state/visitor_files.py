"""Files that belong to visitors: a folder for each visitor, with limits on disk and ageing.

The folder's name is a hash, so it does not tell who the visitor is. A key that is not random never
becomes part of a path.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import portalocker

from ui.state.conversation import is_key
from ui.state.quotas import BLOCK, DiskQuota, size_on_disk

log = logging.getLogger(__name__)

_DAY = 24 * 3600
Fields = Mapping[str, Any]
"""The JSON values of a file."""


class VisitorFiles:
    """JSON files in a folder for each visitor. Safe for several processes at the same time.

    `kind` names one file in log messages. `total` is the maximum bytes on disk for all visitors.
    Files that did not change for `days` are deleted. Without a folder, nothing is stored.
    """

    def __init__(self, folder: Path | None, kind: str, total: int, days: int) -> None:
        self.folder = folder
        self._kind = kind
        self._days = days
        self._space = DiskQuota(folder or Path(), total, self.forget_old)

    def has_room(self, size: int = 1) -> bool:
        """Return whether `size` more bytes may be stored."""
        return self.folder is not None and self._space.has_room(size)

    def list_files(self, visitor: str) -> list[Path]:
        """Return the files of a visitor, in no order."""
        if self.folder is None:
            return []
        return list((self.folder / _name_folder(visitor)).glob("*.json"))

    def find(self, visitor: str, key: object) -> Path | None:
        """Return the path of a visitor's file; None if `key` is not a key. It may not exist."""
        if self.folder is None or not is_key(key):
            return None
        return self.folder / _name_folder(visitor) / f"{key}.json"

    def measure(self, visitor: str) -> int:
        """Return how many bytes the files of a visitor take on disk."""
        return sum(map(_measure, self.list_files(visitor)))

    def change(self, visitor: str, key: object, change: Callable[[Path], Fields | None]) -> bool:
        """Write what `change` returns for a file's path; with None, delete the file.

        The visitor's folder is locked meanwhile. If that fails, a warning is logged and the result
        is False.
        """
        file = self.find(visitor, key)
        if file is None:
            return False
        if not file.parent.exists():
            self._space.note(2 * BLOCK)  # the folder and its lock
        try:
            with _locked(file.parent):
                fields, before = change(file), _measure(file)
                if fields is None:
                    file.unlink(missing_ok=True)
                else:
                    _write(file, fields)
                self._space.note(_measure(file) - before)
        except (OSError, portalocker.LockException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            log.warning("%s could not be stored (%s)", self._kind, reason)
            return False
        return True

    def forget_oldest(self, visitor: str, key: object, most: int, count: int) -> None:
        """Delete a visitor's oldest files above `most` bytes or `count`, but never `key`."""
        kept = self.find(visitor, key)
        try:
            left = most
            found = sorted(self.list_files(visitor), key=_changed_at, reverse=True)
            for number, file in enumerate(found, 1):
                left -= _measure(file)
                if (left < 0 or number > count) and file != kept:
                    self._space.note(-_measure(file))
                    file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("old files could not be deleted (%s)", error.strerror)

    def forget_old(self) -> None:
        """Delete files that did not change for `days`, and old empty folders."""
        oldest = time.time() - self._days * _DAY
        for folder in self.folder.glob("*/") if self.folder is not None else ():
            try:
                with _locked(folder):
                    for file in folder.glob("*.json"):
                        if _changed_at(file) < oldest:
                            file.unlink(missing_ok=True)
                    if _changed_at(folder) < oldest and not any(folder.glob("*.json")):
                        (folder / "lock").unlink()
                        folder.rmdir()
            except (OSError, portalocker.LockException) as error:  # gone, or in use
                log.debug("old files were not deleted (%s)", type(error).__name__)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a visitor's folder, and create it if necessary. Several windows may write to it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a") as lock:
        portalocker.lock(lock, portalocker.LockFlags.EXCLUSIVE)
        yield


def _measure(file: Path) -> int:
    """Return the bytes that a file takes on disk; 0 if there is no file."""
    try:
        return size_on_disk(file.stat().st_size)
    except FileNotFoundError:
        return 0


def _changed_at(file: Path) -> float:
    """Return a file's modification time in seconds since 1970; 0 if there is no file."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _name_folder(visitor: str) -> str:
    return hashlib.sha256(visitor.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _write(file: Path, fields: Fields) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(fields, ensure_ascii=False), "utf-8")
    draft.chmod(0o600)
    os.replace(draft, file)  # noqa: PTH105 - atomic: readers see the old or the new file
