"""Renders the blocks of a document as HTML: headings, paragraphs, lists, tables, code."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.library.library import Block, Document, Part
from ui.views.html import render
from ui.views.marks import Mark, Piece, cut_block
from ui.views.wording import ENGLISH, Wording

_TAGS = {"item": "li", "code": "pre"}
_GROUPS = {"header": "table", "row": "table", "item": "list"}
_PAGE = "fn-page"  # the class of a page number within a paragraph
_CELL_END = re.compile(r" \|(?: (?!\|)|(?= \|)|$)")  # a cell may be empty
_DEEPEST = 6  # lists that are set in, one in the other


@dataclass(frozen=True, slots=True)
class _Shown:
    """A block with its HTML tag and its offset. `depth` counts the lists around it."""

    tag: str
    start: int
    pieces: tuple[Piece, ...]
    header: bool
    depth: int

    @property
    def cells(self) -> list[list[Piece]]:
        """The pieces of a table row, by cell."""
        cells: list[list[Piece]] = [[]]
        for piece in self.pieces:
            first, *others = _CELL_END.split(piece.text)
            cells[-1].append(Piece(first, piece.kinds, piece.at))
            cells += [[Piece(other, piece.kinds)] for other in others]
        return cells


@dataclass(frozen=True, slots=True)
class _Group:
    """A table, a list, or another block. `divider` names the page or slide that starts with it.

    `columns` is the row that names a table's columns, if the table began in an earlier portion.
    """

    kind: str
    divider: str
    blocks: list[_Shown]
    columns: _Shown | None = None


def render_text(
    document: Document, first: int, last: int, marks: Sequence[Mark] = (), say: Wording = ENGLISH
) -> str:
    """Return the blocks `first` to `last`, exclusive, with marks."""
    blocks = document.blocks[first:last]
    if not blocks:
        return ""
    near = [m for m in marks if m.end > blocks[0].start and m.start < blocks[-1].end]
    return render("text.html", say, groups=_group_blocks(document, first, last, near, say))


def _group_blocks(
    document: Document, first: int, last: int, marks: Sequence[Mark], say: Wording
) -> Iterator[_Group]:
    """Yield the groups: consecutive rows, consecutive items, or another block.

    A group ends where a page or slide does.
    """
    # Sheets and the files inside a file have headings.
    parts = [part for part in document.parts if part.kind in ("page", "slide")]
    group: _Group | None = None
    begun = -1  # the part of the block before
    if first:
        begun = bisect_left(parts, document.blocks[first - 1].end, key=lambda part: part.start) - 1
    for block in document.blocks[first:last]:
        kind = _GROUPS.get(block.kind, "")
        at = bisect_right(parts, block.start, key=lambda part: part.start) - 1
        divider = _name_part(parts[at], say) if at > begun else ""
        if group is None or divider or not kind or kind != group.kind:
            columns = None
            if group is not None:
                yield group
            elif block.kind == "row":
                columns = _find_columns(document, first, say)
            group = _Group(kind, divider, [], columns)
        inside = parts[at + 1 : bisect_left(parts, block.end, key=lambda part: part.start)]
        group.blocks.append(_show(document, block, marks, inside, say))
        begun = at + len(inside)
    if group is not None:
        yield group


def _find_columns(document: Document, first: int, say: Wording) -> _Shown | None:
    """Return the row that names the columns of the table to which block `first` belongs."""
    for block in reversed(document.blocks[:first]):
        if block.kind == "header":
            return _show(document, block, (), (), say)
        if block.kind != "row":
            return None
    return None


def _name_part(part: Part, say: Wording) -> str:
    return say(f"part_{part.kind}", number=part.number)


def _show(
    document: Document, block: Block, marks: Sequence[Mark], parts: Sequence[Part], say: Wording
) -> _Shown:
    """Return a block with its pieces, among them the names of the parts that begin within it."""
    named = {part.start: _name_part(part, say) for part in parts}
    pieces: list[Piece] = []
    for cut, piece in cut_block(document, block, marks, tuple(named)):
        if cut.start in named:
            pieces.append(Piece(named[cut.start], _PAGE))
        pieces.append(piece)
    depth = min(block.depth, _DEEPEST)
    return _Shown(_choose_tag(block), block.start, tuple(pieces), block.kind == "header", depth)


def _choose_tag(block: Block) -> str:
    if block.kind == "heading":
        return f"h{min(block.level + 2, 6)}"
    return _TAGS.get(block.kind, "p")
