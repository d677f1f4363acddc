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
from index.documents.input_files import is_utf8, make_stamp, open_regular, show_path
from index.errors import DocumentError, SourceError
from index.files.layout import STORE_FILES, STORE_FOLDERS, UPLOADS, is_store
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
    """What the given paths hold: `failed` maps the absolute path of each unreadable file.

    `uploads` are the folders of uploads in stores that were passed over, as absolute paths.
    """

    roots: tuple[str, ...]
    files: tuple[SourceFile, ...]
    failed: dict[str, Failure]
    uploads: tuple[str, ...] = ()

    def names(self, source: str) -> bool:
        """Whether a file was given by its own name, not by a folder's."""
        return source in self.roots

    def covers(self, source: str) -> bool:
        """Whether a file, present or not, belongs to the paths that were scanned.

        What a scan of a folder passes over may have been given by its own name before.
        """
        return any(self._reaches(root, source) for root in self.roots)

    def _reaches(self, root: str, source: str) -> bool:
        if not source.startswith(_as_prefix(root)):
            return source == root
        passed_over = any(
            source.startswith(_as_prefix(folder)) and folder.startswith(_as_prefix(root))
            for folder in self.uploads
        )
        inside = Path(source.removeprefix(_as_prefix(root)))
        return not passed_over and not any(name.startswith(".") for name in inside.parts)


def _as_prefix(root: str) -> str:
    return root.rstrip(os.sep) + os.sep


def scan_paths(paths: Sequence[str | Path], documents: Iterable[DocumentRecord] = ()) -> Scan:
    """Find and hash the files below the given paths; not those that are as they were indexed.

    Indexes, hidden files and folders, links that lead out of their folder, and what a `.ragignore`
    file of a folder names, in gitignore's syntax, are left out. Raises `SourceError` when a path is
    missing or nothing is found.
    """
    for path in paths:
        _require_path(path)
    known = {record.source: record for record in documents if record.stamp}
    files: dict[str, SourceFile] = {}
    failed: dict[str, Failure] = {}
    stores: list[Path] = []
    for path in paths:
        for file in _walk(Path(path), stores):
            source = os.path.abspath(file)  # noqa: PTH100 - a link keeps its own name
            if source in files or source in failed:
                continue
            if not is_utf8(source):
                failure = _name_failure(file, source)
                failed[failure.source] = failure
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
    uploads = tuple(os.path.abspath(store / UPLOADS) for store in stores)  # noqa: PTH100
    return Scan(roots, tuple(files.values()), failed, uploads)


def _require_path(path: str | Path) -> None:
    shown = show_path(str(path))
    try:
        found = Path(path).exists()
    except OSError as error:
        raise SourceError(
            f"{shown} cannot be read ({error.strerror})", "check its permissions"
        ) from error
    if not found:
        raise SourceError(f"{shown} does not exist", "check the path")
    if not is_utf8(os.path.abspath(path)):  # noqa: PTH100
        raise SourceError(f"{shown} has a name that is not UTF-8", "rename it")


def _name_failure(file: Path, source: str) -> Failure:
    """Return why a file is left out whose name, or a folder's of it, is not UTF-8.

    The slash at the end of its source keeps it apart from a file that really has the shown name.
    """
    reason = "has a name that is not UTF-8: rename it"
    return Failure(show_path(file.as_posix()), reason, f"{show_path(source)}/")


def _stamp(file: Path) -> str:
    """Return a file's stamp; nothing if it has just changed.

    It may change again within the same tick of the file system's clock.
    """
    try:
        status = file.stat()
    except OSError:
        return ""
    if time.time_ns() - status.st_ctime_ns < _TICK:
        return ""
    return make_stamp(status)


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


def _walk(root: Path, stores: list[Path]) -> Iterator[Path]:
    """Yield the files below a path; append the stores within it, which are passed over."""
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
                stores.append(Path(folder))
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
            if name.startswith(".") or not _is_file(file) or _is_ignored(file, applying):
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(inside):
                continue
            yield file


def _is_file(file: Path) -> bool:
    """Whether a path is that of a file; also if that cannot be told, so that it gets named."""
    try:
        return file.is_file()
    except OSError:
        return True


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a folder's ignore file says."""

    folder: Path
    spec: GitIgnoreSpec


def _read_rules(folder: Path) -> Iterator[_Rules]:
    file = folder / IGNORE_FILE
    try:
        with open_regular(file) as stream:
            lines = stream.read().decode("utf-8").splitlines()
        yield _Rules(folder, GitIgnoreSpec.from_lines(lines))
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise SourceError(
            f"{show_path(str(file))} cannot be read ({reason})", "mend it or take it away"
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
        f"{show_path(error.filename)} cannot be read ({error.strerror})", "check its permissions"
    ) from error
