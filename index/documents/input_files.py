"""Opens the user's files and detects changes in them.

Only regular files are read. A pipe or a device may have taken the place of a document, and
reading it would never end.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path

from index.types import DocumentRecord


def open_regular(file: Path) -> BufferedReader:
    """Open a regular file for reading. Raises `OSError`, also if it is not a regular file."""
    _require_regular(file, file.stat())  # before opening, which has side effects on some devices
    # Non-blocking, because a pipe may have replaced the file since.
    stream = os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    try:
        _require_regular(file, os.fstat(stream.fileno()))
    except OSError:
        stream.close()
        raise
    return stream


def _require_regular(file: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(file))


def make_stamp(status: os.stat_result) -> str:
    """Return a string that changes whenever the file's content changes, as git's index does.

    It contains the inode's change time, which programs cannot set.
    """
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def is_changed(record: DocumentRecord) -> bool | None:
    """Return whether a document's file has changed since it was indexed; None if it is gone.

    Not for web pages: only their site knows.
    The file is only read if its size is the same and its stamp is not.
    """
    file = Path(record.file)
    try:
        with open_regular(file) as stream:
            status = os.fstat(stream.fileno())
            if status.st_size != record.size:
                return True
            if record.stamp and make_stamp(status) == record.stamp:
                return False
            return hashlib.file_digest(stream, "sha256").hexdigest() != record.sha256
    except OSError:
        return None


def read_unchanged(record: DocumentRecord) -> bytes | None:
    """Return the bytes of a document's file; None if it has changed or is gone.

    Of a member of an e-mail or archive, these are the bytes of that file.

    So nothing is returned that was not indexed, whatever has taken the place of the file.
    """
    try:
        with open_regular(Path(record.file)) as stream:
            if os.fstat(stream.fileno()).st_size != record.size:
                return None
            data = stream.read(record.size)
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == record.sha256 else None


def is_utf8(path: str) -> bool:
    """Whether the bytes of a path are UTF-8. Other paths cannot be stored as JSON or displayed."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def show_path(path: str) -> str:
    r"""Return a path as text. Bytes that are not UTF-8 become escapes such as ``\xff``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
