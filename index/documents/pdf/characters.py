"""The characters of a PDF's page in pdfium's order, each with its box and direction."""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)  # surrogates
_FIRST_LETTER, _LAST_LETTER = ord("."), ord("~")  # codes of visible characters and no hyphen
SOFT_HYPHEN = "\u00ad"
_HYPHENS = "-\u0002\ufffe"  # pdfium's codes for a hyphen, which may be a soft one
UNKNOWN = "\ufffd"  # a character that is drawn, but of which the file does not say what it is
_STRAIGHT = math.radians(5)  # text that is turned by less is read as if it were not
_DESCENT = 0.22  # of the font's size: how far letters go below their line
OBLIQUE = -1  # the turn of text at any other angle, such as a watermark

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points from the lower left corner of the page."""


class Character(NamedTuple):
    """A character of a page.

    `number` is pdfium's. `box` is None for what is not drawn, such as a space that pdfium inserted.
    `turn` counts the quarter turns to the left of the line that the character stands on: 0 for
    most text, 1 for text that runs upwards, 3 for text that runs downwards, or `OBLIQUE`.
    """

    number: int
    text: str
    box: Box | None
    turn: int


def read_characters(text_page: pdfium.PdfTextPage, first: int = 0) -> Iterator[Character]:
    r"""Yield the characters of a page from number `first` on, in pdfium's order.

    This is the order of reading, also for text from right to left. Line ends are ``\r`` and
    ``\n``. A hyphen that splits a word is a `SOFT_HYPHEN` without a box. pdfium gives two
    surrogates, each with its own number, for a character outside the basic multilingual plane.
    They are one character here, with the number of the first.
    """
    # All this runs for each character: no detours, and one rectangle for all of them.
    raw = text_page.raw
    get_unicode, is_hyphen = pdfium_c.FPDFText_GetUnicode, pdfium_c.FPDFText_IsHyphen
    get_angle, get_box = pdfium_c.FPDFText_GetCharAngle, pdfium_c.FPDFText_GetLooseCharBox
    rectangle = pdfium_c.FS_RECTF()
    place = ctypes.byref(rectangle)
    count = text_page.count_chars()
    numbers = iter(range(first, count))
    for number in numbers:
        code = get_unicode(raw, number)
        if _FIRST_LETTER <= code <= _LAST_LETTER:
            text = chr(code)
        else:
            if code in _HIGH and number + 1 < count:
                low = get_unicode(raw, number + 1)
                if low in _LOW:
                    code = 0x10000 + ((code - _HIGH.start) << 10) + (low - _LOW.start)
                    next(numbers)
            text = chr(code) if code <= sys.maxunicode else UNKNOWN
            if text == SOFT_HYPHEN or (text in _HYPHENS and is_hyphen(raw, number) == 1):
                yield Character(number, SOFT_HYPHEN, None, 0)
                continue
            if text.isspace():
                yield Character(number, text, None, 0)
                continue
            text = UNKNOWN if _is_unknown(code) else text
        angle = get_angle(raw, number)
        turn = _find_turn(angle) if angle else 0
        box: Box | None = None
        if turn == 0 and get_box(raw, number, place):
            left, right = rectangle.left, rectangle.right
            bottom, top = rectangle.bottom, rectangle.top
            box = (left, bottom, right, top) if right > left and top > bottom else None
        yield Character(number, text, box or _read_ink(raw, number, turn), turn)


def _is_unknown(code: int) -> bool:
    """Whether a code means nothing: a control character, or one for private use."""
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xE000 <= code < 0xF900 or 0xFFF0 <= code <= 0xFFFF


def _find_turn(angle: float) -> int:
    quarters = round(angle / (math.pi / 2))  # clockwise
    return -quarters % 4 if abs(angle - quarters * math.pi / 2) < _STRAIGHT else OBLIQUE


def _read_ink(text_page: pdfium_c.FPDF_TEXTPAGE, number: int, turn: int) -> Box | None:
    """Return the box of the ink of a character; on a straight line, as high as its font."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium_c.FPDFText_GetCharBox(text_page, number, left, right, bottom, top):
        return None
    ink = left.value, bottom.value, right.value, top.value
    if ink[2] > ink[0] and ink[3] > ink[1] and turn == OBLIQUE:
        return ink
    return _surround(text_page, number, turn, ink)


def _surround(text_page: pdfium_c.FPDF_TEXTPAGE, number: int, turn: int, ink: Box) -> Box:
    """Return the box of ink widened to the height of the font.

    A comma and a capital on one line then have boxes of the same height. Some characters, such as
    accents, have no ink box; theirs begins at their origin.
    """
    left, _, right, _ = to_frame(ink, turn)
    start, bottom, top = FontHeights(text_page).read(number, turn)
    if right <= left:
        left, right = start, start + (top - bottom) / 10
    return from_frame((left, bottom, right, top), turn)


class FontHeights:
    """How high the fonts of characters are, whatever their letters look like."""

    def __init__(self, text_page: pdfium_c.FPDF_TEXTPAGE) -> None:
        self._text_page = text_page
        self._origin = ctypes.c_double(), ctypes.c_double()
        self._matrix = pdfium_c.FS_MATRIX()
        self._place = ctypes.byref(self._matrix)

    def read(self, number: int, turn: int) -> tuple[float, float, float]:
        """Return where a character starts, and the bottom and top of its font.

        The distance of bottom and top is the size of the font. The values are those of the page
        turned such that the character is upright.
        """
        x = y = scale = 0.0
        if pdfium_c.FPDFText_GetCharOrigin(self._text_page, number, *self._origin):
            x, y = self._origin[0].value, self._origin[1].value
        if pdfium_c.FPDFText_GetMatrix(self._text_page, number, self._place):
            scale = math.hypot(self._matrix.c, self._matrix.d)
        size = abs(pdfium_c.FPDFText_GetFontSize(self._text_page, number)) * scale or 1.0
        start, base, _, _ = to_frame((x, y, x, y), turn)
        return start, base - _DESCENT * size, base + (1 - _DESCENT) * size


def to_frame(box: Box, turn: int) -> Box:
    """Return a box as if the page had been turned until text with this `turn` is upright."""
    if turn <= 0:
        return box
    left, bottom, right, top = box
    if turn == 1:
        return bottom, -right, top, -left
    return (-right, -top, -left, -bottom) if turn == 2 else (-top, left, -bottom, right)


def from_frame(box: Box, turn: int) -> Box:
    """Undo `to_frame`."""
    return to_frame(box, (4 - turn) % 4) if turn > 0 else box
