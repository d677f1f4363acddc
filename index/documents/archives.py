"""Opens files that are zip archives, with a limit on their unpacked size."""

from __future__ import annotations

import io
import zipfile

from index.documents.content import ContentError

# Real documents stay well below these limits. They stop zip bombs.
_MAX_UNPACKED = 1024**3
_MAX_MEMBERS = 50_000


def open_archive(data: bytes, kind: str) -> zipfile.ZipFile:
    """Open a zip archive. Raises `ContentError`. `kind` is the format's name in errors."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise ContentError(f"is not a readable {kind} file", "open and save it again") from error
    members = archive.infolist()
    if len(members) > _MAX_MEMBERS or sum(item.file_size for item in members) > _MAX_UNPACKED:
        raise ContentError("unpacks to more than 1 GiB", "split it")
    return archive
