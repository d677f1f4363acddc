"""Joins the characters of a page to the lines that a reader sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.page_text import PageBox, PageLayout, PageLine, ScannedWord
from index.types import Document

_LOOSE = 2  # heights of a line: characters that are farther apart are not joined


def list_runs(document: Document, page: int) -> list[tuple[int, tuple[int, ...]]]:
    """Return the runs of text on a page.

    Each is the number of its first page character, and the offsets of its visible characters in the
    document's text.
    """
    ends = [*(run.start for run in document.runs[1:]), len(document.text)]
    return [
        (run.first, tuple(at for at in range(run.start, end) if not document.text[at].isspace()))
        for run, end in zip(document.runs, ends, strict=True)
        if run.page == page
    ]


def count_characters(document: Document, page: int) -> list[tuple[int, int]]:
    """Return the first page character and the number of visible characters of each run on a page.

    There are none on a page that was recognised: where its words stand is known.
    """
    if _find_words(document, page):
        return []
    return [(first, len(offsets)) for first, offsets in list_runs(document, page)]


def lay_out(
    document: Document,
    page: int,
    count: int,
    size: tuple[float, float],
    boxes: Sequence[Sequence[PageBox]],
) -> PageLayout:
    """Return where the text of a page stands, from the boxes of the runs of `count_characters`.

    `count` is the number of pages; `size` are the width and height of this one, in points.
    """
    runs = list_runs(document, page)
    words = _find_words(document, page)
    if words:
        placed_words = place_words(words)
        boxes = [placed_words[first:] for first, _ in runs]
    placed = [
        (offset, box)
        for (_, offsets), found in zip(runs, boxes, strict=True)
        for offset, box in zip(offsets, found, strict=False)
    ]
    offsets = tuple(offset for offset, _ in placed)
    return PageLayout(page, count, *size, offsets, tuple(box for _, box in placed))


def _find_words(document: Document, page: int) -> Sequence[ScannedWord]:
    return next((scan.words for scan in document.scans if scan.page == page), ())


def place_words(words: Sequence[ScannedWord]) -> list[PageBox]:
    """Return the boxes of the characters of recognised words, each as wide as the others."""
    boxes = []
    for count, left, top, right, bottom in words:
        width = (right - left) / max(count, 1)
        boxes += [(left + at * width, top, left + (at + 1) * width, bottom) for at in range(count)]
    return boxes


def join_lines(
    layout: PageLayout, start: int | None = None, end: int | None = None
) -> Iterator[PageLine]:
    """Yield the lines of a page, or those parts of them that are between two offsets."""
    line: PageLine | None = None
    for offset, box in zip(layout.offsets, layout.boxes, strict=True):
        if (start is not None and offset < start) or (end is not None and offset >= end):
            continue
        if line is not None and _continues(layout, line, offset, box):
            left, top, right, bottom = line.box
            whole = left, min(top, box[1]), max(right, box[2]), max(bottom, box[3])
            line = PageLine(line.start, offset + 1, whole)
            continue
        if line is not None:
            yield line
        line = PageLine(offset, offset + 1, box)
    if line is not None:
        yield line


def _continues(layout: PageLayout, line: PageLine, offset: int, box: PageBox) -> bool:
    _, top, right, bottom = line.box
    height = bottom - top
    gap = (box[0] - right) * layout.width / layout.height  # in heights of the page
    level = abs(bottom - box[3]) < height / 2
    return offset >= line.end and level and -height < gap < _LOOSE * height
