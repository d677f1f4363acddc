"""The seal of a segment: size, modification time and sha256 of each of its files.

When a segment is opened, the sizes and times of its files are compared with the seal. A file is
hashed only if it is small or has another time, as in a copied folder. If its hash matches, its
time is set to that in the seal, so it is hashed only once. `rag doctor` hashes all files
(`find_damaged_files`). It also finds a changed file that has the same size and time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from index.documents.codec import open_line, seal_line
from index.errors import StoreBrokenError
from index.files.layout import SegmentLayout, hash_file

_SMALL = 1 << 16  # bytes; smaller files are hashed at every opening, about 50 microseconds each
_SECOND = 1_000_000_000  # nanoseconds

# Files with another time whose hash matched, as (path, size, time). Their time cannot always be
# set: the folder may be read-only.
_verified: set[tuple[Path, int, int]] = set()


@dataclass(frozen=True, slots=True)
class FileSeal:
    """A file as it was written: bytes, modification time in nanoseconds since 1970, hex hash."""

    size: int
    modified: int
    sha256: str


def write_seal(layout: SegmentLayout) -> None:
    """Write the seal of a segment that is complete. Raises `OSError`."""
    files = {}
    for name, file in layout.list_all_files():
        found = file.stat()
        files[name] = astuple(FileSeal(found.st_size, found.st_mtime_ns, hash_file(file)))
    layout.seal.write_bytes(seal_line([layout.root.name, files]))


def read_seal(layout: SegmentLayout) -> dict[str, FileSeal]:
    """Return the seals of a segment's files by name. Raises `StoreBrokenError`."""
    try:
        segment, files = open_line(layout.seal.read_bytes())
        if segment != layout.root.name:
            raise ValueError("the seal belongs to another segment")
        return {name: FileSeal(*fields) for name, fields in files.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _broken(layout, layout.seal.name) from error


def check_seal(layout: SegmentLayout, *, chroma: bool) -> None:
    """Raise `StoreBrokenError` if a file is missing or changed, by the quick check.

    With `chroma`, only Chroma's files are checked, before its native library opens them. Without
    it, all others are checked.
    """
    folder = f"{layout.chroma.name}/"
    for name, seal in read_seal(layout).items():
        if name.startswith(folder) == chroma and not _seems_unchanged(layout.root / name, seal):
            raise _broken(layout, name)


def find_damaged_files(layout: SegmentLayout) -> list[str]:
    """Return the names of a segment's files that are missing or changed; hashes every file.

    If the seal itself is damaged, returns only the name of the seal.
    """
    try:
        seals = read_seal(layout)
    except StoreBrokenError:
        return [layout.seal.name]
    return [name for name, seal in seals.items() if not _is_unchanged(layout.root / name, seal)]


def _seems_unchanged(file: Path, seal: FileSeal) -> bool:
    try:
        found = file.stat()
    except OSError:
        return False
    if found.st_size != seal.size:
        return False
    # Archives store times in whole seconds.
    same_time = found.st_mtime_ns in (seal.modified, seal.modified // _SECOND * _SECOND)
    if same_time and seal.size > _SMALL:
        return True
    key = file, found.st_size, found.st_mtime_ns
    if key in _verified:
        return True
    if not _is_unchanged(file, seal):
        return False
    if not same_time:
        with suppress(OSError):  # the folder may be read-only
            os.utime(file, ns=(found.st_atime_ns, seal.modified))
        _verified.add(key)
    return True


def _is_unchanged(file: Path, seal: FileSeal) -> bool:
    try:
        return file.stat().st_size == seal.size and hash_file(file) == seal.sha256
    except OSError:
        return False


def _broken(layout: SegmentLayout, name: str) -> StoreBrokenError:
    return StoreBrokenError(
        f"{layout.root.name}: {name} is missing or damaged", "run `rag doctor --repair`"
    )
