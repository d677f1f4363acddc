"""The structure of a document: sections, paragraphs, lists, tables, and sentences announcing them.

Sentences are numbered from 0 within their document, in the order in which the index stores them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from index.text.markup import readable
from index.types import Block, Document, Sentence, Unit

_MAX_CONTEXT = 160  # characters of headings that are put before a passage's text
_ANNOUNCES = re.compile(r"[::]\W*$")
_MARKER = re.compile(r"(?<!\w)(\w{1,3}(?:\.\w{1,3})*[.)])\s+$")
_CELL_END = re.compile(r"(?<!\\)\|")
_TABLE = ("header", "row")


class Structure:
    """The structure of one document, computed from its blocks and sentences."""

    def __init__(self, document: Document, sentences: Sequence[Sentence]) -> None:
        self._document = document
        self._sentences = sentences
        starts = [block.start for block in document.blocks]
        self._block_of = [bisect_right(starts, s.start) - 1 for s in sentences]
        self._blocks = document.blocks
        self._first_in: dict[int, int] = {}
        self._last_in: dict[int, int] = {}
        for number, block in enumerate(self._block_of):
            self._first_in.setdefault(block, number)
            self._last_in[block] = number
        self._headings = [n for n in range(len(sentences)) if self.block(n).kind == "heading"]
        self.groups = tuple(self._find_groups())
        self._group_starts = [group.first for group in self.groups]

    def __len__(self) -> int:
        return len(self._sentences)

    def block(self, number: int) -> Block:
        """Return the block that contains a sentence."""
        return self._blocks[self._block_of[number]]

    def readable(self, number: int) -> str:
        """Return a sentence without markup. In a table row each cell follows its column's name."""
        sentence = self._sentences[number]
        text = readable(self._document.text[sentence.start : sentence.end], self._document.format)
        if self.block(number).kind != "row":
            return text
        group = self.group(number)
        names = self.name_columns(group) if group else []
        return _name_cells(names, text)

    def name_columns(self, table: Unit) -> list[str]:
        """Return the names of a table's columns; empty if it has no header.

        If there are several header rows, a cell of an upper row names its column and the empty
        ones at its right.
        """
        headers = takewhile(
            lambda number: self.block(number).kind == "header", range(table.first, table.last + 1)
        )
        names: list[str] = []
        for cells in reversed([_split_cells(self.readable(number)) for number in headers]):
            if not names:
                names = cells
            elif len(cells) == len(names):
                names = [
                    f"{above} {name}".strip()
                    for above, name in zip(_spread(cells, names), names, strict=True)
                ]
        return names

    def path(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the headings above a sentence, outermost first.

        A heading is not among the headings above itself.
        """
        found: list[int] = []
        level = 7
        at = bisect_right(self._headings, number) - 1
        if at >= 0 and self._headings[at] == number:
            level = self.block(number).level
            at -= 1
        while at >= 0 and level > 1:
            heading = self._headings[at]
            if self.block(heading).level < level:
                level = self.block(heading).level
                found.append(heading)
            at -= 1
        return tuple(reversed(found))

    def section(self, number: int) -> tuple[int, int]:
        """Return the first and last sentence of the section that contains a sentence.

        A section begins with a heading and ends before the next heading of the same or a higher
        level. A heading belongs to the section that it begins. The sentences before the first
        heading are a section, too.
        """
        at = bisect_right(self._headings, number) - 1
        if at < 0:
            end = self._headings[0] if self._headings else len(self)
            return 0, end - 1
        first = self._headings[at]
        level = self.block(first).level
        end = next((h for h in self._headings[at + 1 :] if self.block(h).level <= level), len(self))
        return first, end - 1

    def paragraph(self, number: int) -> tuple[int, int]:
        """Return the first and last sentence of the block that contains a sentence."""
        block = self._block_of[number]
        return self._first_in[block], self._last_in[block]

    def marker(self, number: int) -> str:
        """Return the number before a sentence that begins an item of a numbered list: "2." or "b)".

        It is as the document writes it; empty for other sentences, and if no number is written.
        """
        block = self.block(number)
        if block.kind != "item" or not block.ordered or self.paragraph(number)[0] != number:
            return ""
        start, text = self._sentences[number].start, self._document.text
        found = _MARKER.search(text[text.rfind("\n", 0, start) + 1 : start])
        return found[1] if found else ""

    def group(self, number: int) -> Unit | None:
        """Return the list, table or code that contains a sentence; None if there is none."""
        at = bisect_right(self._group_starts, number) - 1
        if at >= 0 and number <= self.groups[at].last:
            return self.groups[at]
        return None

    def announced_by(self, number: int) -> Unit | None:
        """Return the list, table or code directly after a sentence; None if there is none."""
        at = bisect_right(self._group_starts, number)
        if at < len(self.groups) and self.groups[at].first == number + 1:
            return self.groups[at]
        return None

    def item(self, number: int) -> tuple[int, int]:
        """Return the first and last sentence of the list item that contains a sentence.

        Nested lists are part of the item. Outside of lists, as `paragraph`.
        """
        group = self.group(number)
        if group is None or group.kind != "list":
            return self.paragraph(number)
        first = number
        depth = max(self.block(number).depth, 1)  # 0 for the caption of a picture between items
        while first > group.first and not (
            self.block(first).kind == "item" and self.block(first).depth <= depth
        ):
            first -= 1
        first = self.paragraph(first)[0]
        depth = self.block(first).depth
        last = number
        for other in range(number + 1, group.last + 1):
            block = self.block(other)
            if block.depth < depth or (
                block.depth == depth
                and block.kind == "item"
                and self._first_in[self._block_of[other]] == other
            ):
                break
            last = other
        return first, last

    def headings(self, number: int) -> tuple[str, ...]:
        """Return the texts of the headings above a sentence, outermost first."""
        return tuple(" ".join(self.readable(heading).split()) for heading in self.path(number))

    def context(self, number: int) -> str:
        """Return the headings above a sentence joined with ``>``, the last 160 characters."""
        return " > ".join(self.headings(number))[-_MAX_CONTEXT:]

    def _find_groups(self) -> Iterator[Unit]:
        """Yield the lists, tables and code of the document in order."""
        numbers = range(len(self._sentences))
        kinds = [self._group_kind(n) for n in numbers]
        for kind, run in groupby(numbers, key=lambda n: kinds[n]):
            members = list(run)
            if kind is None:
                continue
            first, last = members[0], members[-1]
            while kind == "list" and kinds[last] == "list" and self.block(last).depth == 0:
                last -= 1  # a picture after the last item
            header = first if self.block(first).kind == "header" else None
            lead = first - 1 if first and self._may_announce(first - 1, first) else None
            starts = tuple(n for n in range(first, last + 1) if self._begins_item(n, first))
            yield Unit(kind, first, last, starts, lead, header)

    def _group_kind(self, number: int) -> str | None:
        block = self.block(number)
        if block.depth or self._between_items(number):
            return "list"
        if block.kind in _TABLE:
            return "table"
        return "code" if block.kind == "code" else None

    def _between_items(self, number: int) -> bool:
        """Whether the sentence is the caption of a picture between two items of a list."""
        at = self._block_of[number]
        if self._blocks[at].kind != "caption":
            return False
        around = self._blocks[max(at - 1, 0)], self._blocks[min(at + 1, len(self._blocks) - 1)]
        return all(block.depth > 0 for block in around)

    def _may_announce(self, number: int, first: int) -> bool:
        """Whether the sentence before a unit is prose, so that it may announce the unit.

        `first` is the first sentence of the unit. An item may announce a list nested in it.
        """
        kind = self.block(number).kind
        return kind in ("paragraph", "caption") or (
            kind == "item" and self.block(first).depth > self.block(number).depth
        )

    def _begins_item(self, number: int, first: int) -> bool:
        block = self.block(number)
        if block.kind == "item":
            return self._first_in[self._block_of[number]] == number
        return block.kind == "row" or number == first


def announces(text: str) -> bool:
    """Whether a sentence ends with a colon, and so announces the text after it."""
    return bool(_ANNOUNCES.search(text.rstrip("*_ ")))


def _split_cells(row: str) -> list[str]:
    return [cell.strip() for cell in _CELL_END.split(row)]


def _spread(above: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Yield for each column the cell of an upper header row that stands over it."""
    last = ""
    for cell, name in zip(above, names, strict=True):
        if cell:
            last = cell if name else ""  # over no name, it names only its own column
            yield cell
        else:
            yield last if name else ""


def _name_cells(names: Sequence[str], row: str) -> str:
    """Return a row as ``name: cell | name: cell``; unchanged if the cell counts differ."""
    cells = _split_cells(row)
    if len(names) != len(cells):
        return row
    return " | ".join(
        f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True) if cell
    )
