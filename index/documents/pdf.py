"""PDF. The document's text is that of its pages, lines joined into paragraphs."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from statistics import median

import pypdfium2 as pdfium

from index.documents.content import Content, ContentBuilder, ContentError
from index.types import Page

_PARAGRAPH_GAP = 1.35  # times the usual distance of two lines
_HEADING_SIZE = 1.15  # times the usual height of a line
_SHORT_LINE = 0.75  # of the longest line: it ended because the paragraph did
_SOFT_HYPHENS = "\u00ad\u0002\ufffe"
_NO_HYPHENS = dict.fromkeys(map(ord, _SOFT_HYPHENS))
_SENTENCE_END = re.compile(r"[.!?:;…][\"'”’»)\]]*$")  # noqa: RUF001
_ITEM = re.compile(r"^(?:[•▪◦‣–*-]|\(?\d{1,2}[.)])\s+")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    top: float
    height: float


def load(data: bytes) -> Content:
    """Read a PDF that has a text layer."""
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise ContentError("is encrypted", "save a copy without a password") from error
        raise ContentError("is not a readable PDF", "open and save it again") from error
    try:
        paragraphs = [
            (number, paragraph)
            for number in range(1, len(pdf) + 1)
            for paragraph in _read_page(pdf[number - 1])
        ]
        title = str(pdf.get_metadata_dict().get("Title", "")).strip()
        count = len(pdf)
    finally:
        pdf.close()
    if not paragraphs:
        remedy = "it may be scanned: run text recognition (OCR) on it first"
        return Content("", (), empty_remedy=remedy)
    return _build(paragraphs, count, title)


def _build(paragraphs: list[tuple[int, tuple[str, bool]]], count: int, title: str) -> Content:
    builder = ContentBuilder()
    starts: dict[int, int] = {}
    pending, is_heading = "", False
    for number, (text, heading) in paragraphs:
        new_page = number not in starts
        # A paragraph that runs over a page break is one: else a sentence would be cut in two.
        if new_page and _continues(pending, text) and not heading and not is_heading:
            joined, offset = _join(pending, text)
            starts[number] = _next_start(builder) + offset
            pending = joined
            continue
        _add(builder, pending, is_heading)
        if new_page:
            starts[number] = _next_start(builder)
        pending, is_heading = text, heading
    _add(builder, pending, is_heading)
    return builder.build(title, _pages(starts, count, builder.length))


def _next_start(builder: ContentBuilder) -> int:
    return builder.length + (2 if builder.parts else 0)


def _pages(starts: dict[int, int], count: int, length: int) -> tuple[Page, ...]:
    numbers = [number for number in range(1, count + 1) if number in starts]
    ends = [starts[number] for number in numbers[1:]] + [length]
    return tuple(
        Page(number, starts[number], end) for number, end in zip(numbers, ends, strict=True)
    )


def _add(builder: ContentBuilder, text: str, heading: bool) -> None:
    if heading:
        builder.add(text, "heading", 2)
    else:
        builder.add(text, "item" if _ITEM.match(text) else "paragraph")


def _continues(before: str, after: str) -> bool:
    return bool(before) and not _SENTENCE_END.search(before) and after[:1].islower()


def _join(before: str, after: str) -> tuple[str, int]:
    """Join two pieces of one paragraph; also return where the second begins.

    A hyphen that only broke a word at the end of a line is taken out: pdfium marks those it is
    sure of; a plain one is taken as such between two lower-case letters.
    """
    if before[-1:] in _SOFT_HYPHENS or (
        before[-1:] == "-" and before[-2:-1].islower() and after[:1].islower()
    ):
        before = before[:-1]
    elif before[-1:] != "-":
        before += " "
    return before + after, len(before)


def _read_page(page: pdfium.PdfPage) -> list[tuple[str, bool]]:
    """Return the paragraphs of a page, each with whether it is a heading."""
    text_page = page.get_textpage()
    try:
        lines = _read_lines(text_page)
    finally:
        text_page.close()
        page.close()
    if not lines:
        return []
    usual_height = median(line.height for line in lines)
    longest = max(len(line.text) for line in lines)
    gaps = [a.top - b.top for a, b in itertools.pairwise(lines) if a.top > b.top]
    usual_gap = median(gaps) if gaps else 0.0
    paragraphs: list[tuple[str, bool]] = []
    before: _Line | None = None
    for line in lines:
        heading = line.height > _HEADING_SIZE * usual_height
        if before is None or _starts_paragraph(before, line, usual_gap, longest):
            paragraphs.append((line.text, heading))
        else:
            text, was_heading = paragraphs[-1]
            paragraphs[-1] = (_join(text, line.text)[0], was_heading)
        before = line
    return [(text.translate(_NO_HYPHENS), heading) for text, heading in paragraphs]


def _starts_paragraph(before: _Line, line: _Line, usual_gap: float, longest: int) -> bool:
    gap = before.top - line.top
    taller, lower = max(before.height, line.height), min(before.height, line.height)
    if gap < 0 or gap > _PARAGRAPH_GAP * usual_gap or taller > _HEADING_SIZE * lower:
        return True
    if _ITEM.match(line.text):
        return True
    ended = bool(_SENTENCE_END.search(before.text))
    return ended and len(before.text) < _SHORT_LINE * longest


def _read_lines(text_page: pdfium.PdfTextPage) -> list[_Line]:
    text = text_page.get_text_range()
    # pdfium counts UTF-16 units: positions hold only while every character is one unit.
    placed = len(text) == text_page.count_chars()
    lines: list[_Line] = []
    offset = 0
    for raw in re.split(r"(\r\n|\r|\n)", text):
        words = " ".join(raw.replace("\0", " ").split())
        if words:
            first = offset + len(raw) - len(raw.lstrip())
            last = offset + len(raw.rstrip()) - 1
            top, height = _measure(text_page, first, last) if placed else (0.0, 1.0)
            lines.append(_Line(words, top, height))
        offset += len(raw)
    return lines


def _measure(text_page: pdfium.PdfTextPage, first: int, last: int) -> tuple[float, float]:
    """Return the top of a line and its height, in points."""
    boxes = [text_page.get_charbox(i, loose=True) for i in {first, (first + last) // 2, last}]
    return max(box[3] for box in boxes), max(box[3] - box[1] for box in boxes)
