"""The words of a PDF's page in pdfium's order, and the lines that consecutive words form."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.documents.pdf.characters import (
    OBLIQUE,
    SOFT_HYPHEN,
    UNKNOWN,
    Box,
    Character,
    FontHeights,
    read_characters,
    to_frame,
)
from index.text.superscripts import RAISED

_APART = 0.8  # times the font's height: a wider space ends a word even if pdfium inserted none
_BOLD = re.compile(r"bold|black|heavy|demi|medi(?:ital)?$|cmb|sfb|-bd|,b", re.IGNORECASE)
_LEADER = re.compile(r"^(?:[.·…]+|_+)$")
_FEWEST_DOTS = 4  # fewer are an ellipsis
_FORCE_BOLD = 1 << 18  # a font's flag; its weight is often wrong
_BULLET = "\u2022"
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"
_SPECIAL = re.compile(f"[{_LAM}{re.escape(''.join(map(chr, RAISED)))}]")  # not always kept as it is
_RAISED_SIZE = 0.85  # times the height of the word: a larger font is not that of a raised digit
_RAISED_BY = 0.15  # times the height of the word
_CJK = range(0x2E80, 0xFFF0)  # scripts that are also set in columns from top to bottom


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without a space between them.

    `first` is pdfium's number of the first one. `order` numbers the words of the page. `turn` is
    that of the characters, and the box is that of the page turned such that the word is upright.
    `spaced` is whether white space was before the word, `breaks` whether it was a line end.
    """

    text: str
    first: int
    order: int
    left: float
    bottom: float
    right: float
    top: float
    turn: int
    bold: bool
    spaced: bool
    breaks: bool

    @property
    def height(self) -> float:
        """The height of the font, in points."""
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        """The vertical middle, in points."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """The horizontal middle, in points."""
        return (self.left + self.right) / 2


def read_words(text_page: pdfium.PdfTextPage, visible: Box) -> list[Word]:
    """Return the words of a page. What lies outside of the box `visible` is left out."""
    fonts, heights = _Fonts(text_page.raw), FontHeights(text_page.raw)
    words: list[Word] = []
    for order, run in enumerate(_split(text_page)):
        character = run.characters[0]
        if not _overlaps(character.box, visible):
            continue
        left, right = min([box[0] for box in run.boxes]), max([box[2] for box in run.boxes])
        _, bottom, top = heights.read(character.number, character.turn)
        if run.downwards:
            bottom, top = min([box[1] for box in run.boxes]), max([box[3] for box in run.boxes])
        text = _join_characters(run.characters)
        if text == UNKNOWN and (run.breaks or not words):
            text = _BULLET  # nearly always
        bold = fonts.is_bold(character.number)
        place = left, bottom, right, top, character.turn
        words.append(Word(text, character.number, order, *place, bold, run.spaced, run.breaks))
    return words


def _join_characters(characters: Sequence[Character]) -> str:
    """Return the text of characters.

    pdfium splits the ligature of lam and alef into two characters with the same box, and gives
    them in the wrong order.
    """
    text = "".join([character.text for character in characters])
    if not _SPECIAL.search(text):
        return text
    letters = [*_raise_digits(characters)]
    for at, (first, second) in enumerate(pairwise(characters)):
        if first.text in _ALEFS and second.text == _LAM and first.box == second.box:
            letters[at : at + 2] = second.text, first.text
    return "".join(letters)


def _raise_digits(characters: Sequence[Character]) -> Iterator[str]:
    """Yield the characters' texts, raised digits as such, so that they join no number.

    A raised digit is of a smaller font and stands above the line of the word.
    """
    word: Box | None = None  # the largest character so far
    for character in characters:
        box = to_frame(character.box, character.turn) if character.box is not None else None
        height = word[3] - word[1] if word is not None else 0.0
        if box is None or word is None or box[3] - box[1] > _RAISED_SIZE * height:
            word = box or word
            yield character.text
        else:
            raised = box[1] > word[1] + _RAISED_BY * height
            yield character.text.translate(RAISED) if raised else character.text


def _overlaps(box: Box | None, other: Box) -> bool:
    return (
        box is not None
        and box[0] < other[2]
        and box[2] > other[0]
        and box[1] < other[3]
        and box[3] > other[1]
    )


@dataclass(slots=True)
class _Run:
    characters: list[Character]
    boxes: list[Box]  # of the characters that have one, as if they were upright
    spaced: bool
    breaks: bool
    downwards: bool = False  # in a column of single characters


def _split(text_page: pdfium.PdfTextPage) -> Iterator[_Run]:
    run: _Run | None = None
    spaced = breaks = False
    before: Box | None = None
    for character in read_characters(text_page):
        if character.text == SOFT_HYPHEN:
            if run is not None and not spaced:
                run.characters.append(character)
            continue
        if character.box is None:
            spaced = True
            breaks = breaks or character.text in "\r\n"
            continue
        box = to_frame(character.box, character.turn)
        if run is None or before is None or spaced or _is_apart(run, before, character, box):
            if run is not None:
                yield run
            run = _Run([character], [box], spaced, breaks)
            spaced = breaks = False
        else:
            run.characters.append(character)
            run.boxes.append(box)
        before = box
    if run is not None:
        yield run


def _is_apart(run: _Run, before: Box, character: Character, box: Box) -> bool:
    """Whether a word ends before a character, although there is no space."""
    if run.characters[0].turn != character.turn:
        return True
    left, bottom, right, top = box
    left_before, bottom_before, right_before, top_before = before
    # Text from right to left goes on at the left.
    beside = max(left - right_before, left_before - right)
    if bottom == bottom_before and top == top_before:  # nearly always
        return beside > _APART * (top - bottom)
    height = max(top_before - bottom_before, top - bottom)
    aside = abs(bottom_before + top_before - bottom - top) > height
    if aside and ord(character.text[0]) in _CJK:
        in_column = abs(left + right - left_before - right_before) < height
        run.downwards = in_column and -height / 2 < bottom_before - top < height
        return not run.downwards
    return aside or beside > _APART * height


class _Fonts:
    """Whether characters are bold. The answer for each font is remembered."""

    def __init__(self, text_page: pdfium_c.FPDF_TEXTPAGE) -> None:
        self._text_page = text_page
        self._buffer = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()
        self._place = ctypes.byref(self._flags)
        self._known: dict[bytes, bool] = {}

    def is_bold(self, number: int) -> bool:
        length = pdfium_c.FPDFText_GetFontInfo(
            self._text_page, number, self._buffer, len(self._buffer), self._place
        )
        name = self._buffer.value if length <= len(self._buffer) else b""
        if name not in self._known:
            named = _BOLD.search(name.decode("latin-1"))
            self._known[name] = bool(named) or bool(self._flags.value & _FORCE_BOLD)
        return self._known[name]


def find_box(words: Sequence[Word]) -> Box:
    """Return the box around words: left, bottom, right, top."""
    return (
        min([word.left for word in words]),
        min([word.bottom for word in words]),
        max([word.right for word in words]),
        max([word.top for word in words]),
    )


def drop_leaders(words: Sequence[Word]) -> list[Word]:
    """Return the words without the dots or lines that lead from one to the next.

    They stand in tables of contents, in tables and in forms.
    """
    if not any(_LEADER.match(word.text) for word in words):
        return list(words)
    kept: list[Word] = []
    for is_leader, run in groupby(words, key=lambda word: bool(_LEADER.match(word.text))):
        members = list(run)
        if not is_leader or sum(len(word.text) for word in members) < _FEWEST_DOTS:
            kept += members
    return kept


def main_turn(words: Sequence[Word]) -> int:
    """Return the turn of most characters, 0 if there are none."""
    counts = {turn: 0 for turn in (0, 1, 2, 3)}
    for word in words:
        if word.turn != OBLIQUE:
            counts[word.turn] += len(word.text)
    return max(counts, key=lambda turn: counts[turn])
