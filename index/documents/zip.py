"""Archives (.zip): their files are documents of their own. Nothing is written to the disk."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from functools import partial
from pathlib import PurePosixPath

from index.documents.archives import open_archive
from index.documents.content import Content, ContentBuilder, ContentError, Member
from index.documents.formats import FORMATS
from index.documents.members import clean_name

_MAX_DOCUMENTS = 1_000
_MAX_OTHERS = 1_000  # files of unknown formats that are named
_MAX_UNPACKED = 200 * 2**20  # bytes of all documents
_UTF_8 = 0x800  # the flag of a name that is said to be UTF-8
_ENCRYPTED = 1


def load(data: bytes, name: str) -> Content:
    """Read which files are in a .zip file. The text lists them. Hidden files and links are omitted.

    Files of unknown formats are members, too, so that they are counted like those of a folder.
    """
    archive = open_archive(data, ".zip")
    found = [(_decode_name(file), file) for file in archive.infolist()]
    files = [(clean_name(name), file) for name, file in found if _is_listed(name, file)]
    listed = sorted((each for each in files if each[0]), key=lambda each: each[0])
    documents = [file for name, file in listed if _is_document(name)]
    if not documents:
        raise ContentError("holds no document that can be read", "unpack it and look at its files")
    if all(file.flag_bits & _ENCRYPTED for file in documents):
        raise ContentError("is encrypted", "unpack it")
    unpacked = sum(file.file_size for file in documents)
    if len(documents) > _MAX_DOCUMENTS or unpacked > _MAX_UNPACKED:
        limit = f"{_MAX_DOCUMENTS} documents or {_MAX_UNPACKED // 2**20} MiB"
        raise ContentError(f"holds more than {limit}", "unpack it and index the folder")
    builder = ContentBuilder()
    others = 0
    for path, file in listed:
        others += not _is_document(path)
        if _is_document(path) or others <= _MAX_OTHERS:
            builder.add(path, "heading", 2)  # headings are not quoted: a name answers no question
            builder.members.append(Member(path, partial(_read, archive, file)))
    if others > _MAX_OTHERS:
        builder.note(f"files in it that are not read: {others - _MAX_OTHERS} more")
    return builder.build(PurePosixPath(name).stem)


def _decode_name(file: zipfile.ZipInfo) -> str:
    """Return the name of a file. Many programs write UTF-8 and do not say so."""
    if file.flag_bits & _UTF_8:
        return file.filename
    try:
        return file.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return file.filename


def _is_listed(name: str, file: zipfile.ZipInfo) -> bool:
    """Whether it would be found in a folder: it is a file, not hidden or outside, and no link."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return not (file.is_dir() or hidden or stat.S_ISLNK(file.external_attr >> 16))


def _is_document(name: str) -> bool:
    return FORMATS.get(PurePosixPath(name).suffix.lower(), "zip") != "zip"


def _read(archive: zipfile.ZipFile, file: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a file. Raises `ContentError`."""
    if file.flag_bits & _ENCRYPTED:
        raise ContentError("is encrypted", "unpack it")
    if file.filename.lower().endswith(".zip"):
        raise ContentError("is an archive in an archive", "unpack it")
    try:
        return archive.read(file)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise ContentError("is damaged", "pack it again") from error
    except NotImplementedError as error:
        raise ContentError("is packed in an unknown way", "unpack it") from error
