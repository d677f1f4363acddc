"""Reading an indexed document as a whole: its headings, its text in portions, and search in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

from index import Block, Document, DocumentRecord, split_readable

_PORTION_CHARACTERS = 6_000  # about three printed pages
_PORTION_BLOCKS = 100
_MOST_HITS = 10_000
_LONGEST_QUERY = 200  # characters
_KEPT = 16  # searches
_BETWEEN_WORDS = r"[\s|*_`~]+"  # white space, cells of a table, and marks of emphasis
_ALIKE = {"'": "['\u2019\u2018]", '"': '["\u201c\u201d\u201e]', "-": "[-\u2010\u2011\u2013]"}

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document of the published snapshot, with its record."""

    record: DocumentRecord
    document: Document

    @property
    def version(self) -> str:
        """What changes with the document's file."""
        return self.record.sha256[:16]


@dataclass(frozen=True, slots=True)
class Portion:
    """Consecutive blocks of a document: numbers `first` to `last`, exclusive."""

    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. The levels of a document count from 1."""

    level: int
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Hits:
    """Where a query stands in a document; `more` tells that only the first hits are listed."""

    spans: tuple[Span, ...]
    more: bool

    def between(self, start: int, end: int) -> Sequence[Span]:
        """Return the hits that begin between two offsets."""
        first = bisect_right(self.spans, (start, -1))
        return self.spans[first : bisect_right(self.spans, (end, -1))]


class TextSearch:
    """Finds words in documents. The last searches are kept. Safe to use from many threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], Hits] = OrderedDict()
        self._lock = Lock()

    def find(self, opened: OpenDocument, query: str) -> Hits:
        """Return the hits of a query. Capitals and white space do not count, nor does markup."""
        query = " ".join(query[:_LONGEST_QUERY].split())
        key = opened.record.path, opened.version, query
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = _find(opened.document, query)
            with self._lock:
                self._kept[key] = found
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found


def cut_portions(document: Document) -> list[Portion]:
    """Cut a document into portions of about the same length."""
    portions: list[Portion] = []
    first = 0
    for number, block in enumerate(document.blocks, 1):
        start = document.blocks[first].start
        full = block.end - start >= _PORTION_CHARACTERS or number - first >= _PORTION_BLOCKS
        if full or number == len(document.blocks):
            portions.append(Portion(first, number, start, block.end))
            first = number
    return portions


def list_headings(document: Document) -> list[Heading]:
    """Return the headings of a document in order."""
    found = [block for block in document.blocks if block.kind == "heading"]
    top = min((block.level for block in found), default=1)
    texts = (split_readable(_text(document, block), (), document.format)[0] for block in found)
    return [
        Heading(block.level - top + 1, " ".join(text.split()), block.start)
        for block, text in zip(found, texts, strict=True)
    ]


def _text(document: Document, block: Block) -> str:
    return document.text[block.start : block.end]


def _find(document: Document, query: str) -> Hits:
    if not query:
        return Hits((), more=False)
    words = ("".join(_ALIKE.get(sign, re.escape(sign)) for sign in word) for word in query.split())
    pattern = re.compile(_BETWEEN_WORDS.join(words), re.IGNORECASE)
    spans: list[Span] = []
    for span in _search(document, pattern):
        if len(spans) == _MOST_HITS:
            return Hits(tuple(spans), more=True)
        spans.append(span)
    return Hits(tuple(spans), more=False)


def _search(document: Document, pattern: re.Pattern[str]) -> Iterator[Span]:
    """Yield the spans of a pattern, without those that a reader does not see."""
    for block in document.blocks:
        spans = [found.span() for found in pattern.finditer(document.text, block.start, block.end)]
        if not spans:
            continue
        cuts = [edge - block.start for span in spans for edge in span]
        shown = split_readable(_text(document, block), cuts, document.format)
        for (start, end), piece in zip(spans, shown[1::2], strict=True):
            if piece.strip():
                yield start, end
