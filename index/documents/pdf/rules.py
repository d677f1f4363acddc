"""The straight lines that are drawn on a PDF's page: borders of table cells and rules."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.documents.pdf.characters import Box, to_frame
from index.documents.pdf.objects import Matrix, find_objects, read_matrix, transform

_THIN = 3.0  # points: a rectangle that is thinner is a line
_SHORT = 4.0  # points: a line that is shorter is part of a drawing
_MOST = 20_000  # page objects and path segments that are looked at: a map may have millions
_DEPTH = 4  # nested forms
_FEW = 5  # segments: a path with more of them is not a line or rectangle
_CORNERS = ((0, 1), (0, 3), (2, 1), (2, 3))  # indices of a box


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal or vertical line at `place`, from `start` to `end`, in points."""

    place: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The lines of a page, in the page turned such that its text is upright."""

    horizontal: tuple[Rule, ...] = ()
    vertical: tuple[Rule, ...] = ()


def read_rules(page: pdfium.PdfPage, turn: int) -> Rules:
    """Return the rules of a page. A filled or framed rectangle counts as its four edges."""
    horizontal: list[Rule] = []
    vertical: list[Rule] = []
    for box in _read_boxes(page):
        left, bottom, right, top = to_frame(box, turn)
        wide, high = right - left, top - bottom
        if high < _THIN:
            horizontal += [Rule((top + bottom) / 2, left, right)] if wide > _SHORT else []
        elif wide < _THIN:
            vertical += [Rule((left + right) / 2, bottom, top)] if high > _SHORT else []
        else:
            horizontal += [Rule(bottom, left, right), Rule(top, left, right)]
            vertical += [Rule(left, bottom, top), Rule(right, bottom, top)]
    return Rules(tuple(horizontal), tuple(vertical))


def _read_boxes(page: pdfium.PdfPage) -> Iterator[Box]:
    """Yield the boxes of straight lines and rectangles."""
    for path in islice(find_objects(page, pdfium_c.FPDF_PAGEOBJ_PATH, _DEPTH), _MOST + 1):
        if not _is_visible(path.raw):
            continue
        count = pdfium_c.FPDFPath_CountSegments(path.raw)
        boxes = [path.read_bounds()] if count <= _FEW else _read_segments(path.raw, count)
        for box in boxes:
            yield _to_page(box, path.forms)


def _to_page(box: Box, forms: Sequence[Matrix]) -> Box:
    """Return a box of an object in forms in the coordinates of the page."""
    for form in forms:
        x, y = zip(*(transform(form, box[n], box[m]) for n, m in _CORNERS), strict=True)
        box = min(x), min(y), max(x), max(y)
    return box


def _is_visible(path: pdfium_c.FPDF_PAGEOBJECT) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    return bool(fill.value or stroke.value)


def _read_segments(path: pdfium_c.FPDF_PAGEOBJECT, count: int) -> Iterator[Box]:
    """Yield the boxes of the straight segments of a path with many of them, such as a grid."""
    matrix = read_matrix(path)
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    for number in range(min(count, _MOST)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, number)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        point = transform(matrix, x.value, y.value)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_LINETO and before is not None:
            left, right = sorted((before[0], point[0]))
            bottom, top = sorted((before[1], point[1]))
            if right - left < _THIN or top - bottom < _THIN:
                yield left, bottom, right, top
        before = point
