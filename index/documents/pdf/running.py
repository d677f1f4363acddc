"""Finds the headers, footers and page numbers that are repeated on a PDF's pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from index.documents.pdf.lines import Line
from index.documents.pdf.page import Page

_EDGE_LINES = 3  # this many lines at the top and at the bottom may be running headers or footers
_PAGES = 3  # a line on at least this many pages, at the same height, is a running line
_SHARE = 0.25  # and on at least this fraction of all pages
_CHAPTER = 0.4  # or of the pages from the first of them to the last, if it belongs to a chapter
_TITLE = 1.2  # times the usual size of its page: a larger line may be the title of several slides
_SPACE = 1.6  # times the font's height: a larger distance separates a running line
_NUMBERED_WORDS = 8  # a line of more words has a page number only at its begin or end
_NUMBER = r"(?:\d+|\b[ivxlc]+\b)"
_NUMBERS = re.compile(_NUMBER)
_OUTER_NUMBER = re.compile(rf"^{_NUMBER}(?=\s)|(?<=\s){_NUMBER}$")

_Mark = tuple[str, int]


def drop_running(pages: Sequence[Page]) -> list[Page]:
    """Return the pages without running lines. A page on which nothing else stands keeps them."""
    running = _find_running(pages)
    return [_drop(page, running) for page in pages]


def _find_running(pages: Sequence[Page]) -> set[_Mark]:
    """Return the marks of running lines. Those of a chapter stand only on its pages."""
    places: defaultdict[_Mark, set[int]] = defaultdict(set)
    titles = set()
    for number, page in enumerate(pages):
        sizes = [item.size for item in page.items if isinstance(item, Line)]
        for line in _edges(page):
            places[_mark(line)].add(number)
            if line.size > _TITLE * median(sizes):
                titles.add(_mark(line))
    running = set()
    for mark, numbers in places.items():
        everywhere = len(numbers) >= _SHARE * len(pages)
        dense = len(numbers) >= _CHAPTER * (max(numbers) - min(numbers) + 1)
        if len(numbers) >= _PAGES and (everywhere or (dense and mark not in titles)):
            running.add(mark)
    return running


def _drop(page: Page, running: set[_Mark]) -> Page:
    edges = {id(line) for line in _edges(page) if _mark(line) in running}
    kept = tuple(item for item in page.items if id(item) not in edges)
    return replace(page, items=kept) if kept else page


def _mark(line: Line) -> _Mark:
    """Return the text and height of a line, which are the same for a header on every page.

    Numbers that may be page numbers are replaced by ``#``.
    """
    text = line.text.casefold()
    numbered = len(text.split()) <= _NUMBERED_WORDS
    pattern = _NUMBERS if numbered else _OUTER_NUMBER
    return pattern.sub("#", text), round(line.middle / 3)


def _edges(page: Page) -> Iterator[Line]:
    """Yield the lines at the top and at the bottom that a wide space separates from the body.

    Without the space they may be the first or last lines of a text that is repeated on each page,
    such as a form.
    """
    lines = sorted(
        (item for item in page.items if isinstance(item, Line)), key=lambda line: -line.middle
    )
    for ordered in (lines, lines[::-1]):
        for at, (line, after) in enumerate(pairwise(ordered[: _EDGE_LINES + 1])):
            separate = abs(line.middle - after.middle) > _SPACE * max(line.size, after.size)
            if separate:
                yield from ordered[: at + 1]
            if separate and not line.text.isdecimal():
                break
