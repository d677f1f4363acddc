"""Renders a document with the cited sentence marked as HTML, a long one in parts."""

from __future__ import annotations

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.library.library import Block, Document, PageImage, Part, is_address, readable
from ui.views.html import render
from ui.views.wording import ENGLISH, Wording

_MAX_BLOCKS = 400  # in one part of a document
_TAGS = {"item": "li", "code": "pre"}
_GROUPS = {"header": "table", "row": "table", "item": "list"}
_PAGE = "fn-page"  # the class of a page number within a paragraph

Span = tuple[int, int]
Mark = tuple[int, int, str]
Marked = tuple[str, str]  # text, and the CSS class of its mark or ""


@dataclass(frozen=True, slots=True)
class Steps:
    """Navigation between the citations of an answer.

    `at` is the position of the current citation, from 1 to `count`. `before` and `after` are the
    numbers of the previous and next citation. `turn` is the index of the exchange; `source` is the
    list: "cite" (cited sentences) or "near" (closest passages).
    """

    turn: int
    source: str
    before: int
    after: int
    at: int
    count: int


@dataclass(frozen=True, slots=True)
class _Shown:
    """A block with its HTML tag."""

    tag: str
    pieces: tuple[Marked, ...]
    header: bool

    @property
    def cells(self) -> list[list[Marked]]:
        """The pieces of a table row, by cell."""
        cells: list[list[Marked]] = [[]]
        for text, mark in self.pieces:
            first, *others = text.split(" | ")
            cells[-1].append((first, mark))
            cells += [[(other, mark)] for other in others]
        return cells


@dataclass(frozen=True, slots=True)
class _Group:
    """A table, a list, or another block. `divider` names the page or slide that starts with it."""

    kind: str
    divider: str
    blocks: list[_Shown]


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """The blocks `first` to `last` (exclusive) of a document with `count` blocks."""

    first: int
    last: int
    count: int

    @property
    def earlier(self) -> int | None:
        """The first block of the part above; None at the beginning of the document."""
        return max(0, self.first - _MAX_BLOCKS) if self.first else None

    @property
    def later(self) -> int | None:
        """The first block of the part below; None at the end of the document."""
        return self.last if self.last < self.count else None


def render_source_hint(say: Wording = ENGLISH) -> str:
    """Return the hint that the source panel shows before a source is chosen."""
    return render("hint.html", say, hint=say("source_hint"))


def render_document(
    document: Document,
    cited: Span | None = None,
    others: Sequence[Span] = (),
    place: str = "",
    page: PageImage | None = None,
    steps: Steps | None = None,
    say: Wording = ENGLISH,
) -> str:
    """Return a document with the cited sentence marked, and other spans marked in a lighter colour.

    Of a long document, this is the part around the sentence, or the first one. `place` is the place
    of the sentence in words; `page` is an image of its page; `steps` are links to the other
    citations of the answer.
    """
    excerpt = _cut(document, 0 if cited is None else _find_block(document, cited[0]))
    return render(
        "source.html",
        say,
        document=document,
        address=document.path if is_address(document.path) else "",
        where=" · ".join(filter(None, (document.path, place))),
        place=place,
        steps=steps,
        page=page,
        picture=base64.b64encode(page.png).decode("ascii") if page else "",
        excerpt=excerpt,
        groups=_group_blocks(document, excerpt, _list_marks(cited, others), say),
    )


def render_part(
    document: Document,
    first: int,
    last: int,
    step: str,
    others: Sequence[Span] = (),
    say: Wording = ENGLISH,
) -> str:
    """Return a further part of a document: from block `first` on, at most to block `last`.

    `step` is the id of the browser's request for the part. `others` are spans to mark.
    """
    count = len(document.blocks)
    first = max(0, first)
    excerpt = _Excerpt(first, min(last, first + _MAX_BLOCKS, count), count)
    groups = _group_blocks(document, excerpt, _list_marks(None, others), say)
    return render("part.html", say, document=document, step=step, excerpt=excerpt, groups=groups)


def find_steps(turn: int, source: str, numbers: Sequence[int], current: int) -> Steps | None:
    """Return the links to the previous and the next citation; None if there is only one."""
    if len(numbers) < 2:
        return None
    at = numbers.index(current)
    before, after = numbers[at - 1], numbers[(at + 1) % len(numbers)]
    return Steps(turn, source, before, after, at + 1, len(numbers))


def _cut(document: Document, number: int) -> _Excerpt:
    """Return the part of a document around a block; if possible, half of it is above."""
    count = len(document.blocks)
    first = max(0, min(number - _MAX_BLOCKS // 2, count - _MAX_BLOCKS))
    return _Excerpt(first, min(first + _MAX_BLOCKS, count), count)


def _find_block(document: Document, offset: int) -> int:
    """Return the number of the block that holds a character, or of the next one."""
    return bisect_right(document.blocks, offset, key=lambda block: block.end)


def _list_marks(cited: Span | None, others: Sequence[Span]) -> list[Mark]:
    marks = [(*span, "fn-also") for span in others if span != cited]
    if cited is not None:
        marks.append((*cited, "fn-cited"))
    return sorted(marks)


def _group_blocks(
    document: Document, excerpt: _Excerpt, marks: Sequence[Mark], say: Wording
) -> Iterator[_Group]:
    """Yield the groups of an excerpt: consecutive rows, consecutive items, or another block.

    A group ends where a page or slide does.
    """
    parts = [
        part for part in document.parts if part.kind in ("page", "slide")
    ]  # others have headings
    group: _Group | None = None
    begun = -1  # the part of the block before
    for block in document.blocks[excerpt.first : excerpt.last]:
        kind = _GROUPS.get(block.kind, "")
        at = bisect_right(parts, block.start, key=lambda part: part.start) - 1
        divider = _name_part(parts[at], say) if at > begun else ""
        if group is None or divider or not kind or kind != group.kind:
            if group is not None:
                yield group
            group = _Group(kind, divider, [])
        inside = parts[at + 1 : bisect_left(parts, block.end, key=lambda part: part.start)]
        pieces = tuple(_mark(document, block, marks, inside, say))
        group.blocks.append(_Shown(_choose_tag(block), pieces, block.kind == "header"))
        begun = at + len(inside)
    if group is not None:
        yield group


def _name_part(part: Part, say: Wording) -> str:
    return say(f"part_{part.kind}", number=part.number)


def _choose_tag(block: Block) -> str:
    if block.kind == "heading":
        return f"h{min(block.level + 2, 6)}"
    return _TAGS.get(block.kind, "p")


def _mark(
    document: Document, block: Block, marks: Sequence[Mark], parts: Sequence[Part], say: Wording
) -> Iterator[Marked]:
    """Yield the pieces of a block, with the names of the parts that begin within it.

    Of a table row, all cells are marked: a citation may be of the first cell only.
    """
    inside = [
        (max(start, block.start), min(end, block.end), name)
        for start, end, name in marks
        if start < block.end and end > block.start
    ]
    if inside and block.kind == "row":
        name = max((name for _, _, name in inside), key="fn-cited".__eq__)
        inside = [(block.start, block.end, name)]
    breaks = [(part.start, _name_part(part, say)) for part in parts]
    position = block.start
    for start, end, name in [*inside, (block.end, block.end, "")]:
        if start < position:
            continue
        for edge, mark in ((start, ""), (end, name)):
            while breaks and breaks[0][0] < edge:
                at, told = breaks.pop(0)
                yield _show(document, position, at), mark
                yield told, _PAGE
                position = at
            yield _show(document, position, edge), mark
            position = edge


def _show(document: Document, start: int, end: int) -> str:
    piece = document.text[start:end]
    lead = piece[: len(piece) - len(piece.lstrip())]
    return lead + readable(piece[len(lead) :], document.format)
