"""Paths given by a user -> the files to index."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pathspec import GitIgnoreSpec

from index.documents import known_suffixes, read_bytes
from index.errors import DocumentError, SourceError
from index.layout import STORE_FILES, STORE_FOLDERS, is_store
from index.types import DocumentRecord, Failure

_TICK = 2 * 10**9  # nanoseconds; some file systems count in seconds

IGNORE_FILE = ".ragignore"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index: `path` as it is to be shown, `source` its absolute path.

    `stamp` is what the file system says of it, empty where that cannot be relied on.
    """

    path: str
    source: str
    sha256: str
    size: int
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the given paths hold: `failed` maps the absolute path of each unreadable file."""

    roots: tuple[str, ...]
    files: tuple[SourceFile, ...]
    failed: dict[str, Failure]

    def names(self, source: str) -> bool:
        """Whether a file was given by its own name, not by a folder's."""
        return source in self.roots

    def covers(self, source: str) -> bool:
        """Whether a file, present or not, belongs to the paths that were scanned."""
        return any(source == root or source.startswith(_as_prefix(root)) for root in self.roots)


def _as_prefix(root: str) -> str:
    return root.rstrip(os.sep) + os.sep


def scan_paths(paths: Sequence[str | Path], documents: Iterable[DocumentRecord] = ()) -> Scan:
    """Find and hash the files below the given paths; not those that are as they were indexed.

    Indexes, hidden files and folders, links that lead out of their folder, and what a `.ragignore`
    file of a folder names, in gitignore's syntax, are left out. Raises `SourceError` when a path is
    missing or nothing is found.
    """
    for path in paths:
        if not Path(path).exists():
            raise SourceError(f"{path} does not exist", "check the path")
    known = {record.source: record for record in documents if record.stamp}
    files: dict[str, SourceFile] = {}
    failed: dict[str, Failure] = {}
    for path in paths:
        for file in _walk(Path(path)):
            source = os.path.abspath(file)  # noqa: PTH100 - a link keeps its own name
            if source in files or source in failed:
                continue
            shown, stamp = file.as_posix(), _stamp(file)
            record = known.get(source)
            if record is not None and record.stamp == stamp:
                files[source] = SourceFile(shown, source, record.sha256, record.size, stamp)
                continue
            try:
                data = read_bytes(file, shown)
            except DocumentError as error:
                failed[source] = replace(error.as_failure(), source=source)
            else:
                digest = hashlib.sha256(data).hexdigest()
                files[source] = SourceFile(shown, source, digest, len(data), stamp)
    if not files:
        raise _nothing_found(paths, failed)
    roots = tuple(os.path.abspath(path) for path in paths)  # noqa: PTH100
    return Scan(roots, tuple(files.values()), failed)


def _stamp(file: Path) -> str:
    """Return what changes whenever a file's content does, as git's index has it.

    The time of the last change of the inode cannot be set by programs. But a file that has just
    changed may change again within the same tick of that clock.
    """
    try:
        status = file.stat()
    except OSError:
        return ""
    if time.time_ns() - status.st_ctime_ns < _TICK:
        return ""
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


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
    rules: dict[str, tuple[_Rules, ...]] = {}  # of a folder: its own and those above it
    for folder, folders, names in os.walk(root, onerror=_raise_unreadable):
        above = rules.get(os.path.dirname(folder), ())  # noqa: PTH120 - as os.walk spells it
        applying = rules[folder] = (*_read_rules(Path(folder)), *above)
        if is_store(Path(folder), folders):
            if Path(folder) != root:
                folders.clear()
                continue
            folders[:] = [name for name in folders if name not in STORE_FOLDERS]
            names = [name for name in names if name not in STORE_FILES]
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not _is_ignored(Path(folder, name), applying, "/")
        )
        for name in sorted(names):
            file = Path(folder) / name
            if name.startswith(".") or not file.is_file() or _is_ignored(file, applying):
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(inside):
                continue
            yield file


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a folder's ignore file says."""

    folder: Path
    spec: GitIgnoreSpec


def _read_rules(folder: Path) -> Iterator[_Rules]:
    file = folder / IGNORE_FILE
    try:
        yield _Rules(folder, GitIgnoreSpec.from_lines(file.read_text("utf-8").splitlines()))
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{file} cannot be read ({type(error).__name__})", "mend it or take it away"
        ) from error


def _is_ignored(file: Path, rules: Sequence[_Rules], mark: str = "") -> bool:
    """Whether the nearest rule for a file ignores it; a folder's `mark` is a slash."""
    for each in rules:
        verdict = each.spec.check_file(file.relative_to(each.folder).as_posix() + mark).include
        if verdict is not None:
            return verdict
    return False


def _raise_unreadable(error: OSError) -> None:
    # Passing over a folder would look as if its documents had been removed.
    raise SourceError(
        f"{error.filename} cannot be read ({error.strerror})", "check its permissions"
    ) from error
