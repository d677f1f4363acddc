"""File -> Document. Each format has a module here; `formats.py` chooses it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

from index.documents.content import ContentError, shorten_title
from index.documents.enumerations import split_enumerations
from index.documents.formats import FORMATS, known_suffixes, load_content
from index.documents.input_files import open_regular
from index.documents.members import NamedMembers, name_members
from index.documents.ocr.extra import NAME as OCR
from index.documents.ocr.extra import REMEDY as OCR_REMEDY
from index.documents.ocr.extra import is_installed
from index.documents.titles import find_opening, list_titles, title_from_name
from index.errors import (
    EmptyDocumentError,
    UnknownFormatError,
    UnreadableDocumentError,
)
from index.text.languages import detect_language
from index.text.markup import readable
from index.types import Document

MAX_BYTES = 200 * 1024 * 1024
_SURROGATES = re.compile("[\ud800-\udfff]")


def read_bytes(file: Path, path: str) -> bytes:
    """Return the bytes of a file of a known format. `path` is the file's name in errors.

    Raises `UnknownFormatError`, `UnreadableDocumentError` or `EmptyDocumentError`.
    """
    require_format(path, file.suffix)
    try:
        with open_regular(file) as stream:
            small = os.fstat(stream.fileno()).st_size <= MAX_BYTES
            data = stream.read(MAX_BYTES + 1) if small else b""  # the file may have grown
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise UnreadableDocumentError(path, reason, "check its permissions") from error
    if not small or len(data) > MAX_BYTES:
        raise UnreadableDocumentError(path, f"is larger than {MAX_BYTES // 2**20} MiB", "split it")
    require_content(path, data)
    return data


def require_format(path: str, suffix: str) -> None:
    """Raise `UnknownFormatError` if no file with this suffix can be read here."""
    kind = FORMATS.get(suffix.lower())
    if kind is None:
        reason = f"has an unknown format ({suffix})" if suffix else "has no file suffix"
        raise UnknownFormatError(path, reason, f"convert it to one of {known_suffixes()}")
    if kind == "picture" and not is_installed(OCR):
        raise UnknownFormatError(path, "is a picture", OCR_REMEDY, OCR)


def require_content(path: str, data: bytes) -> None:
    """Raise `EmptyDocumentError` if a file is empty."""
    if not data.strip():
        raise EmptyDocumentError(path, "is empty", "fill or remove it")


def load_document(data: bytes, path: str, name: str = "") -> Document:
    """Parse a file's bytes. The suffix of `name` and the first bytes select the format.

    `path` is the path or address to show; without a `name` its last part is the file's name.
    Raises a `DocumentError` that names `path`, whatever error the parser raises.
    """
    return load_with_members(data, path, name)[0]


def load_with_members(data: bytes, path: str, name: str = "") -> tuple[Document, NamedMembers]:
    """Parse a file as `load_document` does; also return its members, which are not parsed yet."""
    name = name or Path(path).name
    try:
        format_name, content = load_content(data, name)
    except ContentError as error:
        raise UnreadableDocumentError(path, error.problem, error.remedy, error.needs) from error
    except Exception as error:
        named = FORMATS[Path(name).suffix.lower()]
        reason = f"is not a readable {named} file ({type(error).__name__})"
        raise UnreadableDocumentError(path, reason, "open and save it again") from error
    text = _replace_surrogates(content.text)
    words = "".join(text[block.start : block.end] for block in content.blocks)
    if not any(map(str.isalnum, words)):
        raise EmptyDocumentError(path, "holds no text", content.empty_remedy, content.needs)
    titles = tuple(map(_replace_surrogates, list_titles(content, format_name)))
    document = Document(
        path=path,
        title=titles[0] if titles else title_from_name(path),
        format=format_name,
        text=text,
        blocks=tuple(split_enumerations(text, content.blocks)),
        parts=tuple(
            replace(part, name=_replace_surrogates(shorten_title(part.name)))
            for part in content.parts
        ),
        runs=content.runs,
        language=detect_language(text, content.blocks),
        titles=titles,
        opening=find_opening(text, content.blocks, format_name),
        scans=content.scans,
        remark=_replace_surrogates(content.remark),
        needs=content.needs,
        messages=content.messages,
    )
    return document, name_members(content.members)


def _replace_surrogates(text: str) -> str:
    """Return the text with lone surrogates replaced by U+FFFD, so that it can be UTF-8 encoded.

    Offsets do not change.
    """
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


__all__ = [
    "FORMATS",
    "is_installed",
    "known_suffixes",
    "load_document",
    "load_with_members",
    "read_bytes",
    "readable",
    "require_content",
    "require_format",
]
