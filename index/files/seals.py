"""The seal of a segment: size, time and sha256 of each of its files, as they were written.

Whoever opens a segment compares sizes and times, which takes no reading, and reads through only
what is small or has another time: a copied folder has. What has the right content then gets its
time back, so it is read through once. A file that has changed while size and time have not is
seen by those who compare all of it (`find_damaged_files`), as `rag doctor` does.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from index.documents.codec import open_line, seal_line
from index.errors import StoreBrokenError
from index.files.layout import SegmentLayout, hash_file

_SMALL = 1 << 16  # bytes; up to here a file is hashed whenever it is opened: some 50 microseconds
_SECOND = 1_000_000_000  # nanoseconds

# The files whose content has proved right although their time is another, and cannot be put back.
_proved: set[tuple[Path, int, int]] = set()


@dataclass(frozen=True, slots=True)
class FileSeal:
    """What a file was when it was written: bytes, nanoseconds since 1970, hexadecimal."""

    size: int
    modified: int
    sha256: str


def write_seal(layout: SegmentLayout) -> None:
    """Seal a segment whose files will not be written again. Raises `OSError`."""
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
            raise ValueError("the seal is another segment's")
        return {name: FileSeal(*fields) for name, fields in files.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise _broken(layout, layout.seal.name) from error


def check_seal(layout: SegmentLayout, *, chroma: bool) -> None:
    """Raise `StoreBrokenError` if a file is not as it was written, as far as is quickly seen.

    Looked at are those of Chroma, which its native library is about to open, or all others.
    """
    folder = f"{layout.chroma.name}/"
    for name, seal in read_seal(layout).items():
        if name.startswith(folder) == chroma and not _seems_unchanged(layout.root / name, seal):
            raise _broken(layout, name)


def find_damaged_files(layout: SegmentLayout) -> list[str]:
    """Return the names of a segment's files that are lost or not as they were written.

    All of each file is compared. Without the seal nothing can be trusted: then it is the one
    that is named.
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
    # Archives keep whole seconds only.
    same_time = found.st_mtime_ns in (seal.modified, seal.modified // _SECOND * _SECOND)
    if same_time and seal.size > _SMALL:
        return True
    key = file, found.st_size, found.st_mtime_ns
    if key in _proved:
        return True
    if not _is_unchanged(file, seal):
        return False
    if not same_time:
        with suppress(OSError):  # a folder that may only be read
            os.utime(file, ns=(found.st_atime_ns, seal.modified))
        _proved.add(key)
    return True


def _is_unchanged(file: Path, seal: FileSeal) -> bool:
    try:
        return file.stat().st_size == seal.size and hash_file(file) == seal.sha256
    except OSError:
        return False


def _broken(layout: SegmentLayout, name: str) -> StoreBrokenError:
    return StoreBrokenError(
        f"{layout.root.name}: {name} is lost or not as it was written", "run `rag doctor --repair`"
    )
