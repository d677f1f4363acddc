"""Pages of a PDF that are pictures, or gibberish: found, and drawn for text recognition."""

from __future__ import annotations

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from index.documents.ocr.pages import PictureReader
from index.documents.pdf.objects import find_objects
from index.documents.pdf.page import Page, arrange_words

_FEW_CHARACTERS = 200  # such as a stamp or a page number on a scanned page
_COVERED = 0.5  # of the page: a picture of at least this size is a scan, if there is little text
_DEPTH = 15  # nested forms
_LONGEST_SIDE = 2000  # pixels
_MOST_DOTS = 300 / 72  # pixels per point


def read_scanned(pdf: pdfium.PdfDocument, page: Page, reader: PictureReader) -> Page:
    """Return the page as recognised if it is a picture or gibberish, else as it is."""
    length = sum(len(item.content.text) for item in (*page.items, *page.asides))
    if length > _FEW_CHARACTERS:
        return page
    try:
        sheet = pdf[page.number - 1]
    except pdfium.PdfiumError:
        return page
    try:
        if not all(sheet.get_size()) or not _is_picture(sheet, with_text=length > 0):
            return page
        height = sheet.get_height()
        words = reader.read(page.number, lambda: _draw(sheet), height, gibberish=page.gibberish)
    finally:
        sheet.close()
    return arrange_words(page.number, words) if words else page


def _is_picture(sheet: pdfium.PdfPage, with_text: bool) -> bool:
    """Whether a page with no or little text may be a scan. Letters may be drawn as shapes, too."""
    if not with_text:
        return bool(pdfium_c.FPDFPage_CountObjects(sheet.raw) > 0)
    left, bottom, right, top = sheet.get_bbox()
    for picture in find_objects(sheet, pdfium_c.FPDF_PAGEOBJ_IMAGE, _DEPTH):
        box = picture.read_bounds()
        width = min(right, box[2]) - max(left, box[0])
        height = min(top, box[3]) - max(bottom, box[1])
        covered = max(0, width) * max(0, height)
        if covered >= _COVERED * (right - left) * (top - bottom):
            return True
    return False


def _draw(sheet: pdfium.PdfPage) -> Image.Image:
    scale = min(_LONGEST_SIDE / max(sheet.get_size()), _MOST_DOTS)
    image: Image.Image = sheet.render(scale=scale).to_pil()
    return image
