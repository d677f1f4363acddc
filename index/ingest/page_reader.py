"""Pages of documents: their pictures, and where their text stands; read in the parser's process."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from index.documents.page_layout import count_characters, lay_out
from index.errors import UnreadableDocumentError
from index.ingest.parser import NONSENSE, DocumentParser
from index.page_text import PageBox, PageLayout
from index.types import Document, DocumentRecord

Read = TypeVar("Read")


class PageReader:
    """Draws pages of PDFs and pictures, and extracts members of e-mails and archives.

    Not thread-safe. `copy` is the file of a document from the web. Pages count from 1. The methods
    raise `UnreadableDocumentError`, also if the file has changed since it was indexed.
    """

    def __init__(self, parser: DocumentParser | None = None) -> None:
        self.parser = parser or DocumentParser()

    def draw(self, record: DocumentRecord, page: int, copy: str = "") -> bytes:
        """Return a picture of a page as JPEG."""

        def read(answer: dict[str, Any]) -> bytes:
            return base64.b64decode(answer["picture"], validate=True)

        return self._ask("draw", record, copy, read, number=page, runs=())

    def lay_out(
        self, record: DocumentRecord, document: Document, page: int, copy: str = ""
    ) -> PageLayout:
        """Return where the text of a page stands."""

        def read(answer: dict[str, Any]) -> PageLayout:
            size = max(float(answer["width"]), 1.0), max(float(answer["height"]), 1.0)
            boxes = [[_read_box(box) for box in run] for run in answer["boxes"]]
            return lay_out(document, page, int(answer["count"]), size, boxes)

        runs = count_characters(document, page)
        return self._ask("lay out", record, copy, read, number=page, runs=runs)

    def extract(self, record: DocumentRecord, copy: str = "") -> bytes:
        """Return the bytes of a member of an e-mail or archive."""

        def read(answer: dict[str, Any]) -> bytes:
            return base64.b64decode(answer["data"], validate=True)

        return self._ask("extract", record, copy, read)

    def _ask(
        self,
        task: str,
        record: DocumentRecord,
        copy: str,
        read: Callable[[dict[str, Any]], Read],
        **page: int | Sequence[tuple[int, int]],
    ) -> Read:
        details = {
            "path": record.path,
            "source": copy or record.file,
            "member": record.member,
            "sha256": record.sha256,
        }
        answer = self.parser.ask(task, details | page, record.size)
        if "problem" not in answer:
            try:
                return read(answer)
            except (KeyError, TypeError, ValueError, binascii.Error):
                answer = NONSENSE
        raise UnreadableDocumentError(record.path, answer["problem"], answer["remedy"])


def _read_box(box: Sequence[float]) -> PageBox:
    left, top, right, bottom = (min(max(float(edge), 0.0), 1.0) for edge in box)
    return left, top, right, bottom
