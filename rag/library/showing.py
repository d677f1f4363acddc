"""A document as it was read, block by block: an indexed one, or a file that is not indexed."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index import (
    Document,
    DocumentParser,
    Outline,
    PlacedBlock,
    SourceError,
    StoreMissingError,
    StoreOutdatedError,
)
from rag.errors import UnknownDocumentError
from rag.library.library import Library
from rag.library.reading import OpenDocument

__all__ = ["PlacedBlock", "ShownDocument", "show_document"]


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document's path, title and blocks in reading order.

    `remark` says what could not be read, or not well. `confidences` pairs the numbers of pages that
    were recognised in pictures with the confidence, 0 to 1. `answered` names the message that an
    e-mail replies to, if that one is indexed.
    """

    document: str
    title: str
    blocks: tuple[PlacedBlock, ...]
    remark: str = ""
    confidences: tuple[tuple[int, float], ...] = ()
    answered: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values.

        The rows of a table that name its columns are rows as well. A place that the format does
        not have is None.
        """
        blocks = []
        for placed in self.blocks:
            block, place = placed.block, asdict(placed.place)
            del place["heading"]  # the last one of all headings
            fields = {
                "kind": "row" if block.kind == "header" else block.kind,
                "text": placed.text,
                "start": block.start,
                "end": block.end,
                "heading": list(placed.headings),
            }
            blocks.append(fields | place)
        shown = {"document": self.document, "title": self.title, "blocks": blocks}
        if self.answered:
            shown["in_reply_to"] = self.answered
        if self.confidences or self.remark:
            pages = [{"page": page, "confidence": value} for page, value in self.confidences]
            return shown | {"remark": self.remark, "recognised": pages}
        return shown


def show_document(library: Library, name: str) -> ShownDocument:
    """Return an indexed document as it was read, or else a file on disk.

    An indexed document is given by its path, absolute path or unique file name. A file that is
    not indexed is parsed in the reader's process, with its limits. Raises `DocumentError` if this
    file cannot be read, and `UnknownDocumentError` or `SourceError` if there is no such file.
    """
    opened = _find_indexed(library, name)
    document = opened.document if opened else _parse_file(name)
    return ShownDocument(
        document.path,
        document.title,
        tuple(Outline(document).blocks()),
        document.remark,
        tuple((scan.page, scan.confidence) for scan in document.scans),
        opened.record.answered if opened else "",
    )


def _find_indexed(library: Library, name: str) -> OpenDocument | None:
    # `Path.exists` raises an error if a name is too long. A member's path is below its file.
    is_file = os.path.exists(name) or any(map(os.path.isfile, Path(name).parents))  # noqa: PTH110
    try:
        return library.open_document(library.find_document(name).path)
    except StoreMissingError as error:
        if not is_file:
            problem = f"{name} does not exist, and there is no index"
            raise SourceError(problem, "check the path") from error
    except (UnknownDocumentError, StoreOutdatedError):
        if not is_file:
            raise
    return None


def _parse_file(name: str) -> Document:
    if Path(name).is_dir():
        raise SourceError(f"{name} is a folder", "name one of its files")
    with closing(DocumentParser()) as parser:
        return parser.parse_file(name)
