"""PDF. The document's text is the text of its pages, with lines joined into paragraphs.

The text is read in pdfium's order, so columns are read one after the other. Running headers,
footers and page numbers are omitted. A word that is hyphenated at the end of a line is joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pypdfium2 as pdfium

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.ocr.pages import PictureReader
from index.documents.pdf.characters import SOFT_HYPHEN
from index.documents.pdf.forms import open_forms
from index.documents.pdf.lines import ITEM
from index.documents.pdf.meaning import is_unknown
from index.documents.pdf.page import Page, read_page
from index.documents.pdf.paragraphs import Paragraph, join_lines
from index.documents.pdf.running import drop_running
from index.documents.pdf.scanned import read_scanned
from index.documents.pdf.text import NOWHERE
from index.page_text import TextRun
from index.types import Part


def load(data: bytes, name: str) -> Content:
    """Parse a PDF. Pages that are pictures are recognised if the extra for it is installed."""
    with open_pdf(data) as pdf:
        reader = PictureReader(len(pdf))
        open_forms(pdf)
        pages = []
        for number in range(1, len(pdf) + 1):
            pages.append(read_scanned(pdf, read_page(pdf, number), reader))
        title = str(pdf.get_metadata_dict().get("Title", "")).strip()
    return build_content(pages, title, reader)


def open_pdf(data: bytes) -> pdfium.PdfDocument:
    """Open a PDF. Raises `ContentError`."""
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise ContentError("is encrypted", "save a copy without a password") from error
        raise ContentError("is not a readable PDF", "open and save it again") from error


def build_content(pages: Sequence[Page], title: str, reader: PictureReader) -> Content:
    """Return the content of pages, some of which `reader` may have recognised."""
    return replace(
        _build(join_lines(drop_running(pages)), title),
        empty_remedy=reader.remark() or "no text was found in its pictures",
        scans=tuple(reader.scans),
        remark=reader.remark(),
        needs=reader.needs,
    )


def _build(paragraphs: Iterable[Paragraph], title: str) -> Content:
    builder = ContentBuilder()
    starts: dict[int, int] = {}
    runs: list[TextRun] = []
    for paragraph in paragraphs:
        text = paragraph.text.rstrip(SOFT_HYPHEN)
        if not text.strip() or is_unknown(text):
            continue
        item = paragraph.kind == "paragraph" and ITEM.match(text)
        kind = "item" if item else paragraph.kind
        builder.add(text, kind, paragraph.level, depth=1 if item else 0)
        base = builder.blocks[-1].start
        for offset, page in paragraph.pages:
            starts.setdefault(page, base + offset)
        for offset, page, first in paragraph.runs:
            runs.append(TextRun(base + offset, page if first != NOWHERE else 0, max(first, 0)))
    ends = [*starts.values(), builder.length][1:]
    parts = [
        Part("page", number, start, end)
        for (number, start), end in zip(starts.items(), ends, strict=True)
    ]
    return builder.build(title, parts, runs)
