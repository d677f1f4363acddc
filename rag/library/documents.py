"""Finds indexed documents by name, and the state and pages of their files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from index import (
    FORMATS,
    Document,
    DocumentRecord,
    Failure,
    SourceError,
    is_address,
    is_changed,
    readable,
    split_sources,
)
from rag.errors import UnknownDocumentError

__all__ = [
    "choose_documents",
    "file_status",
    "is_indexable",
    "list_suffixes",
    "page_at",
    "show_sentence",
    "sort_out_failures",
]


_COMPARED = 1_000  # documents; with more, the search for a similar name takes seconds
_NAMED = 5  # documents with the same name that an error lists


def choose_documents(
    records: Sequence[DocumentRecord], names: Iterable[str]
) -> tuple[DocumentRecord, ...]:
    """Return the document for each path, absolute path, address or unique file name.

    Raises `UnknownDocumentError` if no document, or more than one, matches a name.
    """
    exact: dict[str, DocumentRecord] = {}
    for record in records:
        exact.setdefault(record.path, record)
    for record in records:
        exact.setdefault(record.source, record)
    by_name: defaultdict[str, list[DocumentRecord]] = defaultdict(list)
    chosen: list[DocumentRecord] = []
    for name in dict.fromkeys(names):
        found = exact.get(name) or exact.get(_identify(name))
        if found is None:
            if not by_name:
                for record in records:
                    by_name[os.path.basename(record.path)].append(record)  # noqa: PTH119 - faster than Path
            found = _choose_named(name, by_name.get(name, []), records)
        chosen.append(found)
    return tuple(chosen)


def _identify(name: str) -> str:
    """Return the source that a path or an address stands for."""
    if is_address(name):
        with suppress(SourceError):
            return split_sources([name]).addresses[0]
    # `abspath` does not resolve links, so a link is found by its own name.
    return os.path.abspath(name)  # noqa: PTH100


def _choose_named(
    name: str, named: Sequence[DocumentRecord], records: Sequence[DocumentRecord]
) -> DocumentRecord:
    if len(named) == 1:
        return named[0]
    if named:
        paths = ", ".join(record.path for record in named[:_NAMED])
        more = f" or {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        raise UnknownDocumentError(f"{name} may be {paths}{more}", "give the whole path")
    few = len(records) <= _COMPARED
    close = get_close_matches(name, [record.path for record in records], 1) if few else []
    hint = f"did you mean {close[0]}?" if close else "`rag documents` lists the indexed documents"
    raise UnknownDocumentError(f"{name} is not indexed", hint)


def show_sentence(document: str, sentence: str) -> str:
    """Return a sentence of a document, given by path, in one line and without markup."""
    name = FORMATS.get(Path(document).suffix.lower(), "")
    return " ".join(readable(sentence, name).split())


def is_indexable(name: str) -> bool:
    """Whether the suffix of a file name is that of a supported format."""
    return Path(name).suffix.lower() in FORMATS


def list_suffixes() -> list[str]:
    """Return the suffixes of all supported formats, such as ``.pdf``, in order."""
    return sorted(FORMATS)


def sort_out_failures(
    added: Sequence[str], failures: Sequence[Failure]
) -> tuple[tuple[str, ...], tuple[Failure, ...]]:
    """Return the new files among those that a rebuild would add, and the failures that still hold.

    A failed file counts as new if its content has changed. A file whose failure did not depend on
    its content is tried again by each rebuild, and counts as failed until then.
    """
    sources = {_identify(path): path for path in added}
    held = tuple(f for f in failures if not f.sha256 or f.source not in sources)
    failed = {failure.source for failure in held}
    return tuple(path for source, path in sources.items() if source not in failed), held


def file_status(record: DocumentRecord) -> Literal["indexed", "changed", "gone"]:
    """Return whether a document's file has changed or is gone since it was indexed.

    A web page counts as unchanged until an update asks its site. Of a member of an e-mail or
    archive, it is the status of that file.
    """
    if is_address(record.file):
        return "indexed"
    changed = is_changed(record)
    if changed is None:
        return "gone"
    return "changed" if changed else "indexed"


def page_at(document: Document, offset: int) -> int | None:
    """Return the page number of a character offset; None if the document has no pages."""
    pages = [part for part in document.parts if part.kind == "page" and part.start <= offset]
    return pages[-1].number if pages else None
