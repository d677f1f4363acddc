"""Indexed documents as people speak of them: by name, by page, by the state of their files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from index import FORMATS, Document, DocumentRecord, Failure, is_changed
from rag.errors import UnknownDocumentError

__all__ = ["choose_documents", "file_status", "is_indexable", "page_at", "sort_out_failures"]


_COMPARED = 1_000  # documents: among more, looking for a similar name takes seconds
_NAMED = 5  # documents of one name that an error lists


def choose_documents(
    records: Sequence[DocumentRecord], names: Iterable[str]
) -> tuple[DocumentRecord, ...]:
    """Return the document of each path, absolute path, or name if only one has it.

    Raises `UnknownDocumentError`.
    """
    exact: dict[str, DocumentRecord] = {}
    for record in records:
        exact.setdefault(record.path, record)
    for record in records:
        exact.setdefault(record.source, record)
    by_name: defaultdict[str, list[DocumentRecord]] = defaultdict(list)
    chosen: list[DocumentRecord] = []
    for name in dict.fromkeys(names):
        # A link keeps its own name.
        found = exact.get(name) or exact.get(os.path.abspath(name))  # noqa: PTH100
        if found is None:
            if not by_name:
                for record in records:
                    by_name[os.path.basename(record.path)].append(record)  # noqa: PTH119 - quick
            found = _choose_named(name, by_name.get(name, []), records)
        chosen.append(found)
    return tuple(chosen)


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
    hint = f"did you mean {close[0]}?" if close else "`rag documents` lists what is"
    raise UnknownDocumentError(f"{name} is not indexed", hint)


def is_indexable(name: str) -> bool:
    """Whether a file of this name has a format that can be read."""
    return Path(name).suffix.lower() in FORMATS


def sort_out_failures(
    added: Sequence[str], failures: Sequence[Failure]
) -> tuple[tuple[str, ...], tuple[Failure, ...]]:
    """Return which of the files that a rebuild would add are new, and which failures still hold.

    A file that failed counts as new once it has another content. One whose content was not to
    blame is tried by every rebuild, but until then it has failed.
    """
    sources = {os.path.abspath(path): path for path in added}  # noqa: PTH100 - as in the index
    held = tuple(f for f in failures if not f.sha256 or f.source not in sources)
    failed = {failure.source for failure in held}
    return tuple(path for source, path in sources.items() if source not in failed), held


def file_status(record: DocumentRecord) -> Literal["indexed", "changed", "gone"]:
    """Return whether a document's file is still as it was indexed."""
    changed = is_changed(record)
    if changed is None:
        return "gone"
    return "changed" if changed else "indexed"


def page_at(document: Document, offset: int) -> int | None:
    """Return the number of the page that holds a character; None where there are no pages."""
    pages = [part for part in document.parts if part.kind == "page" and part.start <= offset]
    return pages[-1].number if pages else None
