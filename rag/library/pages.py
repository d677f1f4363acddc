"""The pages of documents as they are printed: PDFs, and pictures whose text was recognised."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

from index import (
    Document,
    DocumentRecord,
    FootnoteError,
    PageLayout,
    PageReader,
    find_kept,
    is_address,
    leave_behind,
    watch_forks,
)

log = logging.getLogger(__name__)

_KEPT = 64  # layouts; each takes about 300 kB
Read = TypeVar("Read")


class PrintedPages:
    """Draws pages of indexed documents, and extracts members of e-mails and archives.

    Safe to use from many threads, which wait for each other.

    The methods return None if there is nothing to be had: the format has no pages, or the file has
    changed or is gone. Pages count from 1.
    """

    def __init__(self, store: Path) -> None:
        self._store = store
        self._reader = PageReader()
        self._lock = Lock()
        self._layouts: OrderedDict[tuple[str, str, int], PageLayout] = OrderedDict()
        watch_forks(self)

    def renew_after_fork(self) -> None:
        """Replace the process that draws, which belongs to the parent process."""
        leave_behind(self._reader)
        self._reader, self._lock = PageReader(), Lock()

    def draw(self, record: DocumentRecord, page: int) -> bytes | None:
        """Return a picture of a page, as JPEG."""
        copy = self._find_copy(record)
        return self._read_page(record, lambda: self._reader.draw(record, page, copy))

    def lay_out(self, record: DocumentRecord, document: Document, page: int) -> PageLayout | None:
        """Return where the text of a page stands."""
        key = record.path, record.sha256, page
        with self._lock:
            found = self._layouts.get(key)
        if found is not None:
            return found
        copy = self._find_copy(record)
        found = self._read_page(record, lambda: self._reader.lay_out(record, document, page, copy))
        if found is not None:
            with self._lock:
                self._layouts[key] = found
                if len(self._layouts) > _KEPT:
                    self._layouts.popitem(last=False)
        return found

    def extract(self, record: DocumentRecord) -> bytes | None:
        """Return the bytes of a member of an e-mail or archive."""
        copy = self._find_copy(record)
        return self._read(lambda: self._reader.extract(record, copy))

    def _find_copy(self, record: DocumentRecord) -> str:
        copy = find_kept(self._store, record.file) if is_address(record.file) else None
        return str(copy.absolute()) if copy else ""

    def _read_page(self, record: DocumentRecord, read: Callable[[], Read]) -> Read | None:
        return self._read(read) if record.format in ("pdf", "picture") else None

    def _read(self, read: Callable[[], Read]) -> Read | None:
        try:
            with self._lock:
                return read()
        except FootnoteError as error:
            log.info("%s", error)
            return None

    def close(self) -> None:
        """End the process that draws."""
        with self._lock:
            self._reader.parser.close()
