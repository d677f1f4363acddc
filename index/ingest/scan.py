"""The paths that the user gives -> the files to index."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pathspec import GitIgnoreSpec

from index.documents import FORMATS, known_suffixes, read_bytes
from index.documents.input_files import is_utf8, make_stamp, open_regular, show_path
from index.errors import DocumentError, NoDocumentsError, SourceError
from index.files.layout import STORE_FILES, STORE_FOLDERS, UPLOADS, is_store
from index.types import DocumentRecord, Failure
from index.web.addresses import is_address

_HOLDERS = frozenset(s for s, name in FORMATS.items() if name in ("eml", "msg", "mbox", "zip"))
_TICK = 2 * 10**9  # nanoseconds; some file systems store times in whole seconds

IGNORE_FILE = ".ragignore"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index. `path` is the path to show, `source` the absolute path.

    Of a web page both are its address, and `copy` is the file that holds the page. `stamp` is the
    result of `make_stamp`; it is empty if the file changed too recently for it. `within` is that of
    `DocumentRecord`: then it is a member of the file that the other fields describe.
    """

    path: str
    source: str
    sha256: str
    size: int
    stamp: str = ""
    copy: str = ""
    within: str = ""

    @property
    def member(self) -> str:
        """The path of a member in its file; empty for other files."""
        return self.source.removeprefix(f"{self.within}/") if self.within else ""

    def inside(self, name: str) -> SourceFile:
        """Return the member of this file that has this name."""
        paths = f"{self.path}/{name}", f"{self.source}/{name}"
        return replace(self, path=paths[0], source=paths[1], within=self.within or self.source)


@dataclass(frozen=True, slots=True)
class Scan:
    """The files below the given paths. `failed` has the files that cannot be read, by path.

    `uploads` are the folders of uploads in the stores that were skipped. All paths except
    `SourceFile.path` are absolute. `listed` are the addresses that site maps name, or named before.
    """

    roots: tuple[str, ...]
    files: tuple[SourceFile, ...]
    failed: dict[str, Failure]
    uploads: tuple[str, ...] = ()
    listed: frozenset[str] = frozenset()

    def joined(self, other: Scan) -> Scan:
        """Return both scans as one."""
        return Scan(
            (*self.roots, *other.roots),
            (*self.files, *other.files),
            self.failed | other.failed,
            (*self.uploads, *other.uploads),
            self.listed | other.listed,
        )

    def names(self, source: str) -> bool:
        """Whether the user gave the path of this file itself, not only of its folder."""
        return source in self.roots

    def covers(self, source: str) -> bool:
        """Whether a scan of the given paths would find this file if it existed.

        It would not find hidden files and uploads of skipped stores. Such a file may be in the
        index because the user gave its own path in an earlier update.
        """
        if is_address(source):
            return source in self.roots or source in self.listed
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
    """Find the files below the given paths and hash those that changed since they were indexed.

    Skipped are stores, hidden files and folders, symbolic links to files outside of the given
    folder, and files that a `.ragignore` file in gitignore syntax excludes. The path of a member of
    an e-mail or archive stands for that file. Raises `SourceError` if a path is missing, and
    `NoDocumentsError` if no file is found.
    """
    places = [holder_of(Path(path)) for path in paths]
    for place in places:
        _require_path(place)
    known = {record.source: record for record in documents if record.stamp}
    files: dict[str, SourceFile] = {}
    failed: dict[str, Failure] = {}
    stores: list[Path] = []
    for place in places:
        for file in _walk(place, stores):
            source = os.path.abspath(file)  # noqa: PTH100 - resolve() would follow links
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


def holder_of(path: Path) -> Path:
    """Return the e-mail or archive of which a path names a member, else the path."""
    with suppress(OSError):
        if not path.exists():
            holders = (each for each in path.parents if each.suffix.lower() in _HOLDERS)
            return next(filter(Path.is_file, holders), path)
    return path


def _require_path(path: Path) -> None:
    shown = show_path(str(path))
    try:
        found = path.exists()
    except OSError as error:
        raise SourceError(
            f"{shown} cannot be read ({error.strerror})", "check its permissions"
        ) from error
    if not found:
        raise SourceError(f"{shown} does not exist", "check the path")
    if not is_utf8(os.path.abspath(path)):  # noqa: PTH100
        raise SourceError(f"{shown} has a name that is not UTF-8", "rename it")


def _name_failure(file: Path, source: str) -> Failure:
    """Return the failure for a file whose path is not UTF-8.

    Its source ends with a slash, so that it differs from a file that really has the shown path.
    """
    reason = "has a name that is not UTF-8: rename it"
    return Failure(show_path(file.as_posix()), reason, f"{show_path(source)}/")


def _stamp(file: Path) -> str:
    """Return a file's stamp, or an empty string if the file has just changed.

    It might change again within the same tick of the file system's clock, with the same stamp.
    """
    try:
        status = file.stat()
    except OSError:
        return ""
    if time.time_ns() - status.st_ctime_ns < _TICK:
        return ""
    return make_stamp(status)


def _nothing_found(paths: Sequence[str | Path], failed: dict[str, Failure]) -> NoDocumentsError:
    names = ", ".join(str(path) for path in paths)
    failures = tuple(failed.values())
    if len(failures) == 1:
        return NoDocumentsError.from_failures(failures)
    if failures:
        first = failures[0]
        problem = f"none of the {len(failures)} files in {names} can be indexed"
        return NoDocumentsError(problem, f"the first, {first.path}, {first.reason}", failures)
    return NoDocumentsError(f"{names} holds no documents", f"add files ({known_suffixes()})")


def _walk(root: Path, stores: list[Path]) -> Iterator[Path]:
    """Yield the files below a path. Append the stores that it skips to `stores`."""
    if not root.is_dir():
        yield root
        return
    inside = root.resolve()
    rules: dict[str, tuple[_Rules, ...]] = {}  # folder -> its own rules, then those above it
    for folder, folders, names in os.walk(root, onerror=_raise_unreadable):
        above = rules.get(os.path.dirname(folder), ())  # noqa: PTH120 - the keys are os.walk's
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
    """Whether a path is a file. True if unknown, so that reading it reports the error."""
    try:
        return file.is_file()
    except OSError:
        return True


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules of a folder's ignore file."""

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
            f"{show_path(str(file))} cannot be read ({reason})", "correct or remove it"
        ) from error


def _is_ignored(file: Path, rules: Sequence[_Rules], mark: str = "") -> bool:
    """Whether the rule of the nearest folder ignores a path. For folders `mark` is a slash."""
    for each in rules:
        verdict = each.spec.check_file(file.relative_to(each.folder).as_posix() + mark).include
        if verdict is not None:
            return verdict
    return False


def _raise_unreadable(error: OSError) -> None:
    # If the folder were skipped, its documents would count as deleted.
    raise SourceError(
        f"{show_path(error.filename)} cannot be read ({error.strerror})", "check its permissions"
    ) from error
