"""Exports questions and answers as a PDF, with the font DejaVu Sans embedded."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import FootnoteError
from ui.views.answer_parts import Part
from ui.views.exported import References, Section, show_line

if TYPE_CHECKING:
    from fpdf import FPDF

_FONTS = Path(__file__).with_name("fonts")
_FONT = "DejaVu"
_TITLE, _HEADING, _TEXT, _SMALL = 18.0, 13.0, 10.5, 8.5  # font sizes in points
_LEADING = 0.5  # line height in millimetres per point
_INDENT = 6.0  # millimetres, of a list
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_LETTERS = ("L", "N")  # the Unicode categories that begin so must not be missing


def write_pdf(title: str, sections: Sequence[Section], references_title: str) -> bytes:
    """Return a PDF: headings, answers, and a numbered list of references.

    A symbol that the font lacks is replaced. Raises `FootnoteError` if it lacks a letter.
    """
    from fpdf import FPDF

    # The font is cut to the characters that are used; fontTools would log every step.
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    pdf = FPDF(format="A4")
    pdf.set_title(title)
    pdf.set_creator("Footnote")
    pdf.set_auto_page_break(auto=True, margin=20)
    pdf.add_font(_FONT, "", _FONTS / "DejaVuSans.ttf")
    pdf.add_font(_FONT, "B", _FONTS / "DejaVuSans-Bold.ttf")
    pdf.add_page()
    try:
        _Writer(pdf).write(title, sections, references_title)
        return bytes(pdf.output())
    finally:
        for font in pdf.fonts.values():
            font.close()  # type: ignore[union-attr]  # the font's file


class _Writer:
    """Writes text on the pages of one PDF."""

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf
        self._margin = pdf.l_margin
        self._known = pdf.fonts[_FONT.lower()].cmap  # type: ignore[union-attr]  # characters
        self._references = References()

    def write(self, title: str, sections: Sequence[Section], references_title: str) -> None:
        self._add_line(title, "B", _TITLE)
        for section in sections:
            self._pdf.ln(3)
            self._add_line(section.heading, "B", _HEADING)
            for part in section.parts:
                self._add_part(part, section)
            if section.remark:
                self._indent(_INDENT)
                self._add_line(section.remark, "", _TEXT)
                self._indent(0)
        if self._references.texts:
            self._pdf.ln(3)
            self._add_line(references_title, "B", _HEADING)
        for number, text in enumerate(self._references.texts, 1):
            self._add_line(f"[{number}] {text}", "", _SMALL)

    def _add_part(self, part: Part, section: Section) -> None:
        if part.kind == "code":
            self._indent(_INDENT)
            self._add_line(part.code, "", _SMALL)
        if part.kind in ("bullets", "numbers"):
            self._indent(_INDENT)
        for number, line in enumerate(part.lines):
            if part.kind == "bullets":
                self._add_text("\u2022 ", "", _TEXT)
            elif part.kind == "numbers":
                self._add_text(f"{part.numbers[number]}. ", "", _TEXT)
            for text, look in show_line(line, section.answer, self._references):
                with self._pdf.local_context():
                    self._pdf.char_vpos = "SUP" if look == "mark" else "LINE"
                    self._add_text(text, "B" if look == "strong" else "", _TEXT)
            self._pdf.ln(_TEXT * _LEADING)
        self._indent(0)
        self._pdf.ln(1.5)

    def _add_line(self, text: str, style: str, size: float) -> None:
        self._add_text(text, style, size)
        self._pdf.ln(size * _LEADING + 1)

    def _add_text(self, text: str, style: str, size: float) -> None:
        self._pdf.set_font(_FONT, style, size)
        self._pdf.write(size * _LEADING, self._clean(text))

    def _indent(self, width: float) -> None:
        self._pdf.set_left_margin(self._margin + width)
        self._pdf.set_x(self._margin + width)

    def _clean(self, text: str) -> str:
        """Return the text with the characters that the font has."""
        shown = _SPACES.sub(" ", text)
        missing = {c for c in shown if c != "\n" and ord(c) not in self._known}
        letters = sorted(c for c in missing if unicodedata.category(c).startswith(_LETTERS))
        if letters:
            raise FootnoteError(
                f"a PDF cannot be made: its font has no characters such as {letters[0]}",
                "save it as Word or as Markdown",
            )
        return shown.translate({ord(c): "\ufffd" for c in missing})
