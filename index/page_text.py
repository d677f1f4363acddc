"""How the text of a document is made of characters of its pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextRun:
    """A run of text on a page of a PDF. It begins at offset `start` and ends at the next run.

    `first` is pdfium's number of the page character that stands at `start`.
    """

    start: int
    page: int
    first: int


ScannedWord = tuple[int, float, float, float, float]
"""The number of a word's characters, and its left, upper, right and lower edge in the picture.

The edges are fractions of the picture's width and height, from its upper left corner.
"""


@dataclass(frozen=True, slots=True)
class Scan:
    """A page whose text was recognised in a picture.

    `page` is its number. `confidence` is the mean of that of its characters, 0 to 1. The text runs
    of the page count the characters of `words`, in this order.
    """

    page: int
    confidence: float
    words: tuple[ScannedWord, ...]


PageBox = tuple[float, float, float, float]
"""Left, upper, right and lower edge, as fractions of the page's width and height."""


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where the text of a page stands.

    `number` is that of the page, from 1, of the `count` pages of its file. `width` and `height` are
    in points. `offsets` are those of the page's visible characters in the document's text, in the
    order of reading. `boxes` are theirs.
    """

    number: int
    count: int
    width: float
    height: float
    offsets: tuple[int, ...]
    boxes: tuple[PageBox, ...]


@dataclass(frozen=True, slots=True)
class PageLine:
    """The characters `start` to `end` of a document's text, which stand on one line in `box`."""

    start: int
    end: int
    box: PageBox
