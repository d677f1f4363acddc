"""Renders a printed page as HTML: its picture, and over it the text, which can be selected."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from rag.library.library import PageLayout, join_lines
from rag.library.reading import OpenDocument
from ui.views.html import render
from ui.views.marks import Mark, cut_span
from ui.views.wording import ENGLISH, Wording


@dataclass(frozen=True, slots=True)
class _Placed:
    """A piece of a line, which starts at offset `at` of the document's text.

    `box` are its edges in percent of the page. `kinds` are the classes of its marks. `ends` tells
    whether a block ends with it.
    """

    text: str
    box: str
    kinds: str
    at: int
    ends: bool


def render_sheet(
    opened: OpenDocument, layout: PageLayout, marks: Sequence[Mark] = (), say: Wording = ENGLISH
) -> str:
    """Return a page with marks."""
    fields = {
        "document": opened.record.path,
        "version": opened.version,
        "page": str(layout.number),
    }
    return render(
        "sheet.html",
        say,
        layout=layout,
        image=f"reader/image?{urlencode(fields)}",
        pieces=_place(opened, layout, marks),
    )


def _place(opened: OpenDocument, layout: PageLayout, marks: Sequence[Mark]) -> Iterator[_Placed]:
    """Yield the pieces of a page in the order of reading. Each has the white space after it."""
    text = opened.document.text
    lines = list(join_lines(layout))
    starts = [*(line.start for line in lines[1:]), lines[-1].end if lines else 0]
    for line, following in zip(lines, starts, strict=True):
        cuts = cut_span(line.start, line.end, marks)
        for cut in cuts:
            until = max(following, line.end) if cut is cuts[-1] else cut.end
            shown = text[cut.start : until]
            box = _surround(layout, cut.start, cut.end)
            if box and not shown.isspace():
                ends = "\n" in shown[len(shown.rstrip()) :]
                yield _Placed(" ".join(shown.split("\n")), box, cut.kinds, cut.start, ends)


def _surround(layout: PageLayout, start: int, end: int) -> str:
    """Return the edges of the box around characters of one line, in percent; "" around none."""
    first, last = (bisect_left(layout.offsets, offset) for offset in (start, end))
    boxes = layout.boxes[first:last]
    if not boxes:
        return ""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    edges = min(lefts), min(tops), max(rights), max(bottoms)
    return " ".join(f"{100 * edge:.2f}" for edge in edges)
