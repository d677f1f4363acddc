"""Files of the user: what they are is looked at before they are read.

A pipe or a device may stand where a document was, and reading it would never end.
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
    """Open a regular file for reading. Raises `OSError` when it is none, or cannot be opened."""
    _require_regular(file, file.stat())  # first: opening some devices already does something
    # A pipe put in its place meanwhile must not be waited for.
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
    """Return what changes whenever a file's content does, as git's index has it.

    The time of the last change of the inode cannot be set by programs.
    """
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def is_changed(record: DocumentRecord) -> bool | None:
    """Return whether a document's file differs from what was indexed; None when it is gone.

    It is read only if it has the size that it had, but was touched since.
    """
    file = Path(record.source)
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


def is_utf8(path: str) -> bool:
    """Whether the bytes of a path are UTF-8; only such a path can be written down and sent."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def show_path(path: str) -> str:
    r"""Return a path as UTF-8 text; bytes that are none become escapes such as ``\xff``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
