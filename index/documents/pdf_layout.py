"""A page of a PDF -> its lines in reading order, one column after the other."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_COLUMN_GAP = 1.5  # times the line height: a wider space may be a gutter
_MIN_COLUMN_LINES = 4
_MIN_FILL = 0.55  # the median line of prose fills more than this fraction of its column
_SAME_LINE = 0.5  # times the line height: pieces whose middles are closer are on one line
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)  # surrogates
SOFT_HYPHEN = "\u00ad"
_SOFT_HYPHENS = "\u00ad\u0002\ufffe"  # pdfium's codes for a hyphen that splits a word

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or the part of a line within one column.

    `runs` pairs offsets in `text` with pdfium's number of the page character at that offset.
    Positions are in points from the lower left corner of the page. `column` numbers the columns
    in reading order.
    """

    text: str
    runs: tuple[tuple[int, int], ...]
    left: float
    bottom: float
    right: float
    top: float
    column: int = 0

    @property
    def height(self) -> float:
        """The distance of `top` and `bottom`, in points."""
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        """The vertical middle, in points."""
        return (self.top + self.bottom) / 2


def read_lines(text_page: pdfium.PdfTextPage) -> list[Line]:
    """Return the lines of a page in reading order."""
    pieces = list(_read_pieces(text_page))
    lines: list[Line] = []
    for number, column in enumerate(_order_columns(pieces)):
        lines += _join_pieces(column, number)
    return lines


def _read_pieces(text_page: pdfium.PdfTextPage) -> Iterator[Line]:
    """Yield pieces of lines: runs of characters without a wide space or line break."""
    run: list[str] = []
    first, box, gap = 0, (0.0, 0.0, 0.0, 0.0), False
    for number, character, place in read_characters(text_page):
        if character in _SOFT_HYPHENS and run:
            run.append(SOFT_HYPHEN)
            continue
        if place is None or character.isspace():
            gap = True
            continue
        if run and _is_apart(box, place):
            yield Line("".join(run), ((0, first),), *box)
            run = []
        if not run:
            first, box = number, place
        elif gap:
            run.append(" ")
        run.append(character)
        box = (
            min(box[0], place[0]),
            min(box[1], place[1]),
            max(box[2], place[2]),
            max(box[3], place[3]),
        )
        gap = False
    if run:
        yield Line("".join(run), ((0, first),), *box)


def _is_apart(before: Box, after: Box) -> bool:
    """Whether a wide space or line break is between a run and the next character."""
    height = max(before[3] - before[1], after[3] - after[1])
    beside = after[0] - before[2] > _COLUMN_GAP * height or after[0] < before[2] - height
    return beside or abs(before[1] + before[3] - after[1] - after[3]) > height


def read_characters(
    text_page: pdfium.PdfTextPage, first: int = 0
) -> Iterator[tuple[int, str, Box | None]]:
    """Yield the number, text and box of each character from number `first` on.

    The box is None for a character that is not drawn, such as a space that pdfium inserted.
    pdfium gives two surrogates, each with its own number, for a character outside the basic
    multilingual plane. They are yielded as one character with the number of the first.
    """
    box = pdfium_c.FS_RECTF()
    count = text_page.count_chars()
    numbers = iter(range(first, count))
    for number in numbers:
        code = pdfium_c.FPDFText_GetUnicode(text_page, number)
        if code in _HIGH and number + 1 < count:
            low = pdfium_c.FPDFText_GetUnicode(text_page, number + 1)
            if low in _LOW:
                code = 0x10000 + ((code - _HIGH.start) << 10) + (low - _LOW.start)
                next(numbers)
        character = chr(code)
        found = pdfium_c.FPDFText_GetLooseCharBox(text_page, number, ctypes.byref(box))
        drawn = found and box.right > box.left and box.top > box.bottom
        yield number, character, (box.left, box.bottom, box.right, box.top) if drawn else None


def _order_columns(pieces: list[Line]) -> Iterator[list[Line]]:
    """Yield the pieces of each column in reading order.

    The gutter is the vertical line that the fewest pieces cross and that has prose on both sides.
    A piece that crosses it, such as a title over both columns, divides the page into bands that
    are read one after the other.
    """
    gutter = _find_gutter(pieces)
    if gutter is None:
        yield pieces
        return
    crossing = sorted((p for p in pieces if p.left < gutter < p.right), key=lambda p: -p.middle)
    rest = [p for p in pieces if not p.left < gutter < p.right]
    for divider in crossing:
        above = [piece for piece in rest if piece.middle > divider.middle]
        rest = [piece for piece in rest if piece.middle <= divider.middle]
        yield from _order_band(above, gutter)
        yield [divider]
    yield from _order_band(rest, gutter)


def _order_band(pieces: list[Line], gutter: float) -> Iterator[list[Line]]:
    for side in (
        [piece for piece in pieces if piece.right <= gutter],
        [piece for piece in pieces if piece.right > gutter],
    ):
        if side:
            yield from _order_columns(side)


def _find_gutter(pieces: Sequence[Line]) -> float | None:
    """Return the horizontal position of the gutter, or None if there is only one column."""
    if len(pieces) < 2 * _MIN_COLUMN_LINES:
        return None
    gap = median(piece.height for piece in pieces) / 2
    best: tuple[int, float] | None = None
    for edge in sorted({round(piece.left, 1) for piece in pieces}):
        gutter = edge - gap
        left = [piece for piece in pieces if piece.right <= gutter]
        right = [piece for piece in pieces if piece.left >= gutter]
        crossing = len(pieces) - len(left) - len(right)
        if 4 * crossing > len(pieces) or (best is not None and crossing >= best[0]):
            continue
        if _is_prose(left) and _is_prose(right) and _stand_side_by_side(left, right):
            best = crossing, gutter
    return None if best is None else best[1]


def _is_prose(pieces: Sequence[Line]) -> bool:
    if len(pieces) < _MIN_COLUMN_LINES:
        return False
    width = max(piece.right for piece in pieces) - min(piece.left for piece in pieces)
    return median(piece.right - piece.left for piece in pieces) > _MIN_FILL * width


def _stand_side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    top = min(max(piece.top for piece in side) for side in (left, right))
    bottom = max(min(piece.bottom for piece in side) for side in (left, right))
    return top - bottom > _MIN_COLUMN_LINES / 2 * median(piece.height for piece in left)


def _join_pieces(pieces: list[Line], column: int) -> Iterator[Line]:
    """Yield the lines of a column from top to bottom; pieces beside each other are joined.

    The order of the pieces in the file is not used. Usually it differs only for labels of figures.
    """
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.middle):
        if rows and abs(rows[-1][0].middle - piece.middle) < _SAME_LINE * min(
            piece.height, rows[-1][0].height
        ):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        row.sort(key=lambda piece: piece.left)
        runs: list[tuple[int, int]] = []
        length = 0
        for piece in row:
            runs.append((length, piece.runs[0][1]))
            length += len(piece.text) + 1
        yield Line(
            " ".join(piece.text for piece in row),
            tuple(runs),
            min(piece.left for piece in row),
            min(piece.bottom for piece in row),
            max(piece.right for piece in row),
            max(piece.top for piece in row),
            column,
        )
