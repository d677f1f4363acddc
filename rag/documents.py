"""Indexed documents as people speak of them: by name, by page, by the state of their files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from index import FORMATS, Document, DocumentRecord, is_changed
from rag.errors import UnknownDocumentError

__all__ = ["choose_document", "file_status", "is_indexable", "page_at"]


def choose_document(records: Sequence[DocumentRecord], name: str) -> DocumentRecord:
    """Return the document of this path, absolute path, or name if only one has it.

    Raises `UnknownDocumentError`.
    """
    exact = [r for r in records if name in (r.path, r.source) or _is_same(name, r.source)]
    named = exact or [record for record in records if Path(record.path).name == name]
    if len(named) == 1 or exact:
        return named[0]
    if named:
        paths = ", ".join(record.path for record in named)
        raise UnknownDocumentError(f"{name} may be {paths}", "give the whole path")
    close = get_close_matches(name, [record.path for record in records], 1)
    hint = f"did you mean {close[0]}?" if close else "`rag documents` lists what is"
    raise UnknownDocumentError(f"{name} is not indexed", hint)


def is_indexable(name: str) -> bool:
    """Whether a file of this name has a format that can be read."""
    return Path(name).suffix.lower() in FORMATS


def file_status(record: DocumentRecord) -> Literal["indexed", "changed", "gone"]:
    """Return whether a document's file is still as it was indexed."""
    changed = is_changed(record.source, record.sha256)
    if changed is None:
        return "gone"
    return "changed" if changed else "indexed"


def _is_same(name: str, source: str) -> bool:
    return os.path.abspath(name) == source  # noqa: PTH100 - a link keeps its own name


def page_at(document: Document, offset: int) -> int | None:
    """Return the number of the page that holds a character; None where there are no pages."""
    pages = [part for part in document.parts if part.kind == "page" and part.start <= offset]
    return pages[-1].number if pages else None
