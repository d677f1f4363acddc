"""Cuts the text of a block where marks begin and end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.library.library import Block, Document, split_readable

CITED = "fn-cited"  # the citation that was chosen
ALSO = "fn-also"  # another one
FOUND = "fn-found"  # what a search in the document found


@dataclass(frozen=True, slots=True)
class Mark:
    """The span `start` to `end` of a document's text, marked as `kind`, which is a CSS class."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text. `kinds` are the CSS classes of its marks, separated by spaces.

    `at` is the offset at which a mark begins with this piece; None if none does.
    """

    text: str
    kinds: str = ""
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The span `start` to `end` of a document's text, and what marks it as in `Piece`."""

    start: int
    end: int
    kinds: str
    at: int | None


def cut_span(start: int, end: int, marks: Iterable[Mark], edges: Iterable[int] = ()) -> list[Cut]:
    """Return a span cut at the edges of the marks that touch it, and at further edges."""
    inside = [mark for mark in marks if mark.start < end and mark.end > start]
    bounds = {start, end, *edges}
    for mark in inside:
        bounds |= {max(mark.start, start), min(mark.end, end)}
    cuts = []
    for first, last in pairwise(sorted(bounds)):
        covering = [mark for mark in inside if mark.start <= first and mark.end >= last]
        kinds = " ".join(dict.fromkeys(mark.kind for mark in covering))
        begins = any(mark.start == first for mark in covering)
        cuts.append(Cut(first, last, kinds, first if begins else None))
    return cuts


def cut_block(
    document: Document, block: Block, marks: Sequence[Mark], edges: Sequence[int] = ()
) -> Iterator[tuple[Cut, Piece]]:
    """Yield the pieces of a block, as they are read, each with its place in the document.

    Of a table row, all cells are marked: a citation may be of the first cell only.
    """
    whole = [_widen(mark, block) for mark in marks] if block.kind == "row" else marks
    cuts = cut_span(block.start, block.end, whole, edges)
    text = document.text[block.start : block.end]
    shown = split_readable(text, [cut.start - block.start for cut in cuts[1:]], document.format)
    for cut, piece in zip(cuts, shown, strict=True):
        yield cut, Piece(piece, cut.kinds, cut.at)


def _widen(mark: Mark, block: Block) -> Mark:
    """Return a mark of a citation in a row as one of the whole row."""
    if mark.kind == FOUND or mark.end <= block.start or mark.start >= block.end:
        return mark
    return Mark(min(mark.start, block.start), max(mark.end, block.end), mark.kind)
