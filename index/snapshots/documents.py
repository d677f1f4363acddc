"""The documents of a snapshot, loaded from their segments on first use, and cached."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from index.documents.outline import Outline
from index.snapshots.segments import Segment
from index.text.structure import Structure
from index.types import Document, DocumentRecord, Sentence

_CACHED = 256  # documents in the cache


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with its outline and structure.

    `first` is the row of its first sentence in the segment.
    """

    document: Document
    outline: Outline
    structure: Structure
    first: int


class StoredDocuments:
    """A cache of the documents of some segments. Safe to use from many threads.

    `records` maps (number of the segment, row of the document in it) to the document's record.
    """

    def __init__(
        self, segments: Sequence[Segment], records: Mapping[tuple[int, int], DocumentRecord]
    ) -> None:
        self._segments = segments
        self._records = records
        self._cache: OrderedDict[tuple[int, int], StoredDocument] = OrderedDict()
        self._lock = Lock()

    def get(self, segment: int, row: int) -> StoredDocument:
        """Return a document from the cache or its segment. Raises `StoreBrokenError`."""
        key = segment, row
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        found = self._load(segment, row)
        with self._lock:
            self._cache[key] = found
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return found

    def _load(self, number: int, row: int) -> StoredDocument:
        segment, record = self._segments[number], self._records[number, row]
        # The file may have been moved since its text was stored, so the record's path is used.
        document = replace(segment.document(row), path=record.path, title=record.title)
        rows = segment.rows("sentences", row)
        spans = segment.tables["sentences"][rows.start : rows.stop, 1:3].tolist()
        structure = Structure(document, [Sentence(start, end) for start, end in spans])
        return StoredDocument(document, Outline(document), structure, rows.start)
