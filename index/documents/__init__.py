"""File -> Document: one small module per format, chosen by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from index.documents.content import Content, ContentError
from index.errors import (
    EmptyDocumentError,
    UnknownFormatError,
    UnreadableDocumentError,
)
from index.types import Document

MAX_BYTES = 200 * 1024 * 1024

# suffix -> (format, module). The module is imported when the first such file is read, and has
# `load(data: bytes) -> Content`, which raises `ContentError` for what it cannot read.
FORMATS: dict[str, tuple[str, str]] = {
    ".txt": ("text", "index.documents.text"),
    ".md": ("markdown", "index.documents.markdown"),
    ".markdown": ("markdown", "index.documents.markdown"),
    ".html": ("html", "index.documents.html"),
    ".htm": ("html", "index.documents.html"),
    ".pdf": ("pdf", "index.documents.pdf"),
    ".docx": ("docx", "index.documents.docx"),
}


def known_suffixes() -> str:
    """Return the readable suffixes as text for messages."""
    return ", ".join(sorted(FORMATS))


def read_bytes(file: Path, path: str) -> bytes:
    """Read a file, naming it as `path` in errors.

    Raises `UnknownFormatError`, `UnreadableDocumentError` or `EmptyDocumentError`.
    """
    if file.suffix.lower() not in FORMATS:
        kind = f"has an unknown format ({file.suffix})" if file.suffix else "has no file suffix"
        raise UnknownFormatError(path, kind, f"convert it to one of {known_suffixes()}")
    try:
        if file.stat().st_size > MAX_BYTES:
            limit = f"{MAX_BYTES // 2**20} MiB"
            raise UnreadableDocumentError(path, f"is larger than {limit}", "split it")
        data = file.read_bytes()
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise UnreadableDocumentError(path, reason, "check its permissions") from error
    if not data.strip():
        raise EmptyDocumentError(path, "is empty", "fill or remove it")
    return data


def load_document(data: bytes, path: str) -> Document:
    """Make a `Document` of a file's bytes; its format follows from the suffix of `path`.

    Raises a `DocumentError` that names `path`, whatever is wrong with the bytes.
    """
    format_name, module = FORMATS[Path(path).suffix.lower()]
    load: Callable[[bytes], Content] = import_module(module).load
    try:
        content = load(data)
    except ContentError as error:
        raise UnreadableDocumentError(path, error.problem, error.remedy) from error
    except Exception as error:
        reason = f"is not a readable {format_name} file ({type(error).__name__})"
        raise UnreadableDocumentError(path, reason, "open and save it again") from error
    words = "".join(content.text[block.start : block.end] for block in content.blocks)
    if not any(map(str.isalnum, words)):
        raise EmptyDocumentError(path, "holds no text", content.empty_remedy)
    return Document(
        path=path,
        title=content.title or title_from_name(path),
        format=format_name,
        text=content.text,
        blocks=content.blocks,
        pages=content.pages,
    )


def title_from_name(path: str) -> str:
    """Return a readable title made of a file's name."""
    stem = Path(path).stem
    return " ".join(stem.replace("_", " ").replace("-", " ").split()) or stem


__all__ = ["FORMATS", "known_suffixes", "load_document", "read_bytes"]
