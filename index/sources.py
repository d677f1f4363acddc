"""Paths given by a user -> the files to index."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.documents import known_suffixes, read_bytes
from index.errors import DocumentError, SourceError
from index.types import Failure


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index: `path` as it is to be shown, `source` its absolute path."""

    path: str
    source: str
    sha256: str
    size: int

    def read(self) -> bytes:
        """Read the file again. Raises a `DocumentError`."""
        return read_bytes(Path(self.source), self.path)


@dataclass(frozen=True, slots=True)
class Scan:
    """What the given paths hold: `failed` maps the absolute path of each unreadable file."""

    roots: tuple[str, ...]
    files: tuple[SourceFile, ...]
    failed: dict[str, Failure]

    def covers(self, source: str) -> bool:
        """Whether a file, present or not, belongs to the paths that were scanned."""
        return any(source == root or source.startswith(_as_prefix(root)) for root in self.roots)


def _as_prefix(root: str) -> str:
    return root.rstrip(os.sep) + os.sep


def scan_paths(paths: Sequence[str | Path]) -> Scan:
    """Find and hash the files below the given paths.

    Hidden files and folders, and links that lead out of their folder, are left out. Raises
    `SourceError` when a path is missing or nothing is found.
    """
    for path in paths:
        if not Path(path).exists():
            raise SourceError(f"{path} does not exist", "check the path")
    files: dict[str, SourceFile] = {}
    failed: dict[str, Failure] = {}
    for path in paths:
        for file in _walk(Path(path)):
            source = os.path.abspath(file)  # noqa: PTH100 - a link keeps its own name
            if source in files or source in failed:
                continue
            shown = file.as_posix()
            try:
                data = read_bytes(file, shown)
            except DocumentError as error:
                failed[source] = error.as_failure()
            else:
                digest = hashlib.sha256(data).hexdigest()
                files[source] = SourceFile(shown, source, digest, len(data))
    if not files:
        raise _nothing_found(paths, failed)
    roots = tuple(os.path.abspath(path) for path in paths)  # noqa: PTH100
    return Scan(roots, tuple(files.values()), failed)


def _nothing_found(paths: Sequence[str | Path], failed: dict[str, Failure]) -> SourceError:
    names = ", ".join(str(path) for path in paths)
    if len(failed) == 1:
        (failure,) = failed.values()
        return SourceError(f"nothing to index: {failure.path} {failure.reason}")
    if failed:
        first = next(iter(failed.values()))
        return SourceError(
            f"none of the {len(failed)} files in {names} can be indexed",
            f"the first, {first.path}, {first.reason}",
        )
    return SourceError(f"{names} holds no documents", f"add files ({known_suffixes()})")


def _walk(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    inside = root.resolve()
    for folder, folders, names in os.walk(root, onerror=_raise_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            if name.startswith(".") or not file.is_file():
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(inside):
                continue
            yield file


def _raise_unreadable(error: OSError) -> None:
    # Passing over a folder would look as if its documents had been removed.
    raise SourceError(
        f"{error.filename} cannot be read ({error.strerror})", "check its permissions"
    ) from error
