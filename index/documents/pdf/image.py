"""Draws a page of a PDF, and finds where characters are in its image."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import pypdfium2 as pdfium
from PIL import Image

from index.documents.pdf.characters import Box, read_characters, to_frame
from index.page_text import PageBox


def draw_page(sheet: pdfium.PdfPage, width: int, most_height: int) -> Image.Image:
    """Return an image of a page that is `width` pixels wide, or as high as is allowed."""
    scale = min(width / sheet.get_width(), most_height / sheet.get_height())
    image: Image.Image = sheet.render(scale=scale).to_pil().convert("RGB")
    return image


def find_boxes(sheet: pdfium.PdfPage, runs: Sequence[tuple[int, int]]) -> list[list[PageBox]]:
    """Return the boxes of the visible characters of each run, in order.

    A run is the number of its first page character and the count of its visible characters.
    """
    width, height = sheet.get_size()
    text_page = sheet.get_textpage()
    turn = sheet.get_rotation() // 90  # pdfium draws the page turned to the right by this
    found = []
    for first, count in runs:
        boxes = (each.box for each in read_characters(text_page, first) if each.box is not None)
        turned = (_to_image(box, sheet, turn) for box in islice(boxes, count))
        found.append(
            [
                (left / width, 1 - top / height, right / width, 1 - bottom / height)
                for left, bottom, right, top in turned
            ]
        )
    text_page.close()
    return found


def _to_image(box: Box, sheet: pdfium.PdfPage, turn: int) -> Box:
    """Return a box of the page in points from the lower left corner of its image."""
    left, bottom, right, top = sheet.get_bbox()
    origin = to_frame((left, bottom, right, top), turn)
    turned = to_frame(box, turn)
    return (
        turned[0] - origin[0], turned[1] - origin[1], turned[2] - origin[0], turned[3] - origin[1],
    )  # fmt: skip
