"""Archives (.zip): the documents in them, each under its name. Nothing is written to the disk."""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from index.documents.archives import open_archive
from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.formats import FORMATS
from index.documents.inner import add_inner

_MAX_DOCUMENTS = 1_000
_MAX_UNPACKED = 200 * 2**20  # bytes of all documents


def load(data: bytes, name: str) -> Content:
    """Parse a .zip file. Archives in it, hidden files and unknown formats are omitted."""
    builder = ContentBuilder()
    read = size = 0
    with open_archive(data, ".zip") as archive:
        members = sorted(archive.infolist(), key=lambda member: member.filename)
        wanted = [member for member in members if _is_document(member)]
        if any(member.flag_bits & 1 for member in wanted):
            raise ContentError("is encrypted", "unpack it")
        for member in wanted:
            size += member.file_size
            if read == _MAX_DOCUMENTS or size > _MAX_UNPACKED:
                limit = f"{_MAX_DOCUMENTS} documents or {_MAX_UNPACKED // 2**20} MiB"
                raise ContentError(f"holds more than {limit}", "unpack it and index the folder")
            read += _add_member(builder, archive, member)
    if not read:
        remedy = builder.remark() or "unpack it and look at its files"
        raise ContentError("holds no document that can be read", remedy, builder.needs)
    _note_left_out(builder, [member for member in members if not _is_document(member)])
    return builder.build(PurePosixPath(name).stem)


def _is_document(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    kind = FORMATS.get(path.suffix.lower())
    return not (member.is_dir() or _is_hidden(path) or kind is None or kind == "zip")


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _add_member(builder: ContentBuilder, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Append a document of the archive; return whether it has text."""
    try:
        data = archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
        builder.note(f"{member.filename} is damaged: pack it again")
        return False
    name = PurePosixPath(member.filename).name
    return bool(data.strip()) and add_inner(builder, data, name, member.filename, 1)


def _note_left_out(builder: ContentBuilder, members: Iterable[zipfile.ZipInfo]) -> None:
    """Note how many files are no documents, by suffix, the most frequent first."""
    paths = (PurePosixPath(member.filename) for member in members if not member.is_dir())
    counts = Counter(path.suffix.lower() or "no suffix" for path in paths if not _is_hidden(path))
    if counts:
        shown = ", ".join(f"{count} with {suffix}" for suffix, count in counts.most_common(10))
        builder.note(f"files in it that are not read: {shown}")
