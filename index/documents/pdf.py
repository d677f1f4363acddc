"""PDF. The document's text is the text of its pages, with lines joined into paragraphs.

Columns are read one after the other. Running headers, footers and page numbers are omitted. A
word that is hyphenated at the end of a line is joined.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

import pypdfium2 as pdfium

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.pdf_layout import SOFT_HYPHEN, Line, read_lines
from index.types import Part, TextRun

_PARAGRAPH_GAP = 1.35  # times the usual line distance: a larger distance ends a paragraph
_HEADING_SIZE = 1.15  # times the usual line height: a taller line is a heading
_SHORT_LINE = 0.75  # times the widest line: a shorter line may be the last of its paragraph
_EDGE_LINES = 3  # this many lines at the top and at the bottom may be running headers or footers
_RUNNING_PAGES = 3  # a line on at least this many pages, at the same height, is a running line
_RUNNING_SHARE = 0.25  # and on at least this fraction of all pages
_NUMBERED_WORDS = 6  # a line of at most this many words may contain a page number
_SENTENCE_END = re.compile(r"[.!?:;…][\"'”’»)\]]*$")  # noqa: RUF001
_ITEM = re.compile(r"^(?:[•▪◦‣·–*-]|\(?(?:\d{1,2}|[a-z])[.)])\s+")  # noqa: RUF001
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b")


@dataclass(frozen=True, slots=True)
class _Page:
    number: int
    lines: tuple[Line, ...]


@dataclass(slots=True)
class _Paragraph:
    """A paragraph under construction. The offsets in `pages` and `runs` refer to its text."""

    heading: bool = False
    text: str = ""
    pages: list[tuple[int, int]] = field(default_factory=list)  # offset where a page begins, page
    runs: list[TextRun] = field(default_factory=list)

    def append(self, line: Line, page: int) -> None:
        if self.text:
            self.text = _drop_hyphen(self.text, line.text)
        offset = len(self.text)
        if not self.pages or self.pages[-1][1] != page:
            self.pages.append((offset, page))
        for at, first in line.runs:
            self.runs.append(TextRun(offset + at, page, first))
        self.text += line.text[:-1].replace(SOFT_HYPHEN, "") + line.text[-1]


def load(data: bytes, name: str) -> Content:
    """Parse a PDF. A PDF without a text layer gives empty content."""
    with open_pdf(data) as pdf:
        pages = [_Page(number, _read_page(pdf, number)) for number in range(1, len(pdf) + 1)]
        title = str(pdf.get_metadata_dict().get("Title", "")).strip()
    running = _find_running(pages)
    body = [
        _Page(page.number, tuple(line for line in page.lines if _line_key(line) not in running))
        for page in pages
    ]
    if not any(page.lines for page in body):
        remedy = "it may be scanned: run text recognition (OCR) on it first"
        return Content("", (), empty_remedy=remedy)
    return _build(list(_join_lines(body)), title)


def open_pdf(data: bytes) -> pdfium.PdfDocument:
    """Open a PDF. Raises `ContentError`."""
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise ContentError("is encrypted", "save a copy without a password") from error
        raise ContentError("is not a readable PDF", "open and save it again") from error


def _read_page(pdf: pdfium.PdfDocument, number: int) -> tuple[Line, ...]:
    page = pdf[number - 1]
    text_page = page.get_textpage()
    try:
        return tuple(read_lines(text_page))
    finally:
        text_page.close()
        page.close()


def _line_key(line: Line) -> tuple[str, int]:
    """Return the text and height of a line, which are the same for a header on every page.

    In short lines numbers are replaced by ``#``, because they may be page numbers.
    """
    text = line.text.casefold()
    numbered = len(text.split()) <= _NUMBERED_WORDS
    return _DIGITS.sub("#", text) if numbered else text, round(line.middle / 3)


def _find_running(pages: Sequence[_Page]) -> set[tuple[str, int]]:
    """Return the marks of running headers, footers and page numbers."""
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        by_height = sorted(page.lines, key=lambda line: -line.middle)
        edges = [*by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]]
        counts.update({_line_key(line) for line in edges})
    least = max(_RUNNING_PAGES, _RUNNING_SHARE * len(pages))
    return {mark for mark, count in counts.items() if count >= least}


def _join_lines(pages: Sequence[_Page]) -> Iterator[_Paragraph]:
    """Yield the paragraphs. A paragraph may continue in the next column or on the next page."""
    pending = _Paragraph()
    before: Line | None = None
    for page in pages:
        if not page.lines:
            continue
        usual_height = median(line.height for line in page.lines)
        widths = _widths(page.lines)
        usual_gap = _usual_gap(page.lines)
        new_page = True
        for line in page.lines:
            heading = line.height > _HEADING_SIZE * usual_height
            if before is None or new_page or before.column != line.column:
                goes_on = _continues(pending, line) and not heading
            else:
                goes_on = not _starts_paragraph(before, line, usual_gap, widths[line.column])
            if not goes_on:
                if pending.text:
                    yield pending
                pending = _Paragraph(heading)
            pending.append(line, page.number)
            before, new_page = line, False
    if pending.text:
        yield pending


def _widths(lines: Sequence[Line]) -> dict[int, float]:
    widths: dict[int, float] = {}
    for line in lines:
        widths[line.column] = max(widths.get(line.column, 0.0), line.right - line.left)
    return widths


def _usual_gap(lines: Sequence[Line]) -> float:
    gaps = [
        a.middle - b.middle
        for a, b in itertools.pairwise(lines)
        if a.column == b.column and a.middle > b.middle
    ]
    return median(gaps) if gaps else 0.0


def _continues(pending: _Paragraph, line: Line) -> bool:
    open_end = bool(pending.text) and not _SENTENCE_END.search(pending.text)
    return open_end and not pending.heading and line.text[:1].islower()


def _starts_paragraph(before: Line, line: Line, usual_gap: float, width: float) -> bool:
    gap = before.middle - line.middle
    taller, lower = max(before.height, line.height), min(before.height, line.height)
    if gap > _PARAGRAPH_GAP * usual_gap or taller > _HEADING_SIZE * lower:
        return True
    if _ITEM.match(line.text):
        return True
    ended = bool(_SENTENCE_END.search(before.text))
    return ended and before.right - before.left < _SHORT_LINE * width


def _drop_hyphen(before: str, after: str) -> str:
    """Return the text `before` such that the next line, `after`, can be appended to it.

    A hyphen that splits a word at the end of a line is removed: pdfium marks those it recognises
    as soft hyphens, and a plain hyphen between two lower-case letters is removed, too. Otherwise a
    space is added, unless the line ends with another hyphen.
    """
    if before[-1] == SOFT_HYPHEN:
        return before[:-1]
    if before[-1] == "-":
        return before[:-1] if before[-2:-1].islower() and after[:1].islower() else before
    return f"{before} "


def _build(paragraphs: Sequence[_Paragraph], title: str) -> Content:
    builder = ContentBuilder()
    starts: dict[int, int] = {}
    runs: list[TextRun] = []
    for paragraph in paragraphs:
        text = paragraph.text.rstrip(SOFT_HYPHEN)
        if not text:
            continue
        if paragraph.heading:
            builder.add(text, "heading", 2)
        else:
            item = _ITEM.match(text)
            builder.add(text, "item" if item else "paragraph", depth=1 if item else 0)
        base = builder.blocks[-1].start
        for offset, page in paragraph.pages:
            starts.setdefault(page, base + offset)
        runs += [TextRun(base + run.start, run.page, run.first) for run in paragraph.runs]
    ends = [*list(starts.values())[1:], builder.length]
    parts = [
        Part("page", number, start, end)
        for (number, start), end in zip(starts.items(), ends, strict=True)
    ]
    return builder.build(title, parts, runs)
