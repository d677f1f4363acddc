"""Offsets in a document's text -> page, slide, sheet, row and heading."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from index.documents.content import shorten_title
from index.text.markup import readable
from index.types import Block, Document, Part, PartKind, Place, PlacedBlock

_MAX_HEADING = 2_000  # characters of a heading that are processed: more than are ever shown


class Outline:
    """Lookup of the parts, headings and numbered rows of one document by offset."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._parts: dict[PartKind, list[Part]] = {}
        for part in document.parts:
            self._parts.setdefault(part.kind, []).append(part)
        self._headings = [block for block in document.blocks if block.kind == "heading"]
        self._rows = [block for block in document.blocks if block.row]

    def place_at(self, offset: int) -> Place:
        """Return the place of the character at `offset`."""
        page, slide, sheet = (self._part(kind, offset) for kind in ("page", "slide", "sheet"))
        at = bisect_right(self._rows, offset, key=lambda block: block.start) - 1
        row = self._rows[at] if at >= 0 and offset < self._rows[at].end else None
        return Place(
            page=page.number if page else None,
            slide=slide.number if slide else None,
            sheet=sheet.name if sheet else None,
            row=row.row if row else None,
            heading=self._heading(offset),
        )

    def blocks(self) -> Iterator[PlacedBlock]:
        """Yield the blocks in order, each with its place and the headings above it."""
        above: list[tuple[int, str]] = []  # the open headings: level, text
        for block in self._document.blocks:
            if block.kind == "heading":
                above = [(level, text) for level, text in above if level < block.level]
            headings = tuple(text for _, text in above)
            text = self._document.text[block.start : block.end]
            yield PlacedBlock(block, text, self.place_at(block.start), headings)
            if block.kind == "heading":
                above.append((block.level, self._heading_text(block)))

    def _part(self, kind: PartKind, offset: int) -> Part | None:
        parts = self._parts.get(kind, [])
        at = bisect_right(parts, offset, key=lambda part: part.start) - 1
        return parts[at] if at >= 0 else None

    def _heading(self, offset: int) -> str | None:
        """Return the heading above an offset."""
        at = bisect_right(self._headings, offset, key=lambda block: block.start) - 1
        return self._heading_text(self._headings[at]) if at >= 0 else None

    def _heading_text(self, heading: Block) -> str:
        end = min(heading.end, heading.start + _MAX_HEADING)
        text = readable(self._document.text[heading.start : end], self._document.format)
        return shorten_title(" ".join(text.split()))
