"""Draws the pages of a file, and finds where their characters stand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from index.documents.pdf import open_pdf
from index.documents.pdf.image import draw_page, find_boxes
from index.documents.picture import count_frames, read_frame
from index.page_text import PageBox

_WIDTH = 1100  # pixels; sharp in a panel of half that width
_MAX_HEIGHT = 4000  # pixels
_QUALITY = 88  # of JPEG, which is written 20 times as fast as PNG; letters stay sharp

Runs = Sequence[tuple[int, int]]
"""The number of the first page character, and the count of visible characters, of each run."""


class Pages(Protocol):
    """The pages of an open file, numbered from 1. Its methods raise `ContentError`."""

    @property
    def count(self) -> int:
        """The number of pages."""

    def draw(self, number: int) -> bytes:
        """Return a picture of a page as JPEG."""

    def measure(self, number: int) -> tuple[float, float]:
        """Return the width and height of a page in points, as it is drawn."""

    def find(self, number: int, runs: Runs) -> list[list[PageBox]]:
        """Return the boxes of the characters of each run, in order."""

    def close(self) -> None:
        """Free the memory."""


def open_pages(data: bytes) -> Pages:
    """Open a PDF, or a picture of pages. Raises `ContentError`."""
    return _PdfPages(data) if data.startswith(b"%PDF-") else _Picture(data)


class _PdfPages:
    """The pages of a PDF."""

    def __init__(self, data: bytes) -> None:
        self._pdf = open_pdf(data)

    @property
    def count(self) -> int:
        return len(self._pdf)

    def draw(self, number: int) -> bytes:
        sheet = self._pdf[number - 1]
        try:
            return _to_jpeg(draw_page(sheet, _WIDTH, _MAX_HEIGHT))
        finally:
            sheet.close()

    def measure(self, number: int) -> tuple[float, float]:
        width, height = self._pdf.get_page_size(number - 1)
        return float(width), float(height)

    def find(self, number: int, runs: Runs) -> list[list[PageBox]]:
        sheet = self._pdf[number - 1]
        try:
            return find_boxes(sheet, runs)
        finally:
            sheet.close()

    def close(self) -> None:
        self._pdf.close()


class _Picture:
    """The frames of a picture. Its text was recognised, so it has no characters of its own."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.count = count_frames(data)

    def draw(self, number: int) -> bytes:
        image = read_frame(self._data, number)
        image.thumbnail((_WIDTH, _MAX_HEIGHT))
        return _to_jpeg(image)

    def measure(self, number: int) -> tuple[float, float]:
        width, height = read_frame(self._data, number).size
        return float(width), float(height)

    def find(self, number: int, runs: Runs) -> list[list[PageBox]]:
        return [[] for _ in runs]

    def close(self) -> None:
        self._data = b""


def _to_jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
