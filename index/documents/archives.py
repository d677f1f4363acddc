"""Formats that are zip archives: opened with an eye on what they unpack to."""

from __future__ import annotations

import io
import zipfile

from index.documents.content import ContentError

# Real documents stay well below this; an archive made to fill the memory does not.
_MAX_UNPACKED = 1024**3
_MAX_MEMBERS = 50_000


def open_archive(data: bytes, kind: str) -> zipfile.ZipFile:
    """Open a zip archive. Raises `ContentError`, naming the file's `kind`."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise ContentError(f"is not a readable {kind} file", "open and save it again") from error
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS or sum(item.file_size for item in members) > _MAX_UNPACKED:
        raise ContentError("unpacks to more than 1 GiB", "split it")
    return archive
