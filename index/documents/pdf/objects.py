"""The objects of a PDF's page, such as drawn lines and pictures, also those in forms.

pypdfium2 has a list of them, too. It makes an object of Python for each, also for all others.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.documents.pdf.characters import Box

Matrix = tuple[float, float, float, float, float, float]


class PageObject(NamedTuple):
    """An object, and the matrices of the forms that it is in, the innermost first."""

    raw: pdfium_c.FPDF_PAGEOBJECT
    forms: tuple[Matrix, ...]

    def read_bounds(self) -> Box:
        """Return the box around the object, in the coordinates of the innermost form."""
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        pdfium_c.FPDFPageObj_GetBounds(self.raw, left, bottom, right, top)
        return left.value, bottom.value, right.value, top.value


class _List(NamedTuple):
    """How the objects of a page or form are listed."""

    count: Callable[[Any], int]
    get: Callable[[Any, int], Any]
    owner: Any


def find_objects(page: pdfium.PdfPage, kind: int, depth: int) -> Iterator[PageObject]:
    """Yield the objects of a kind on a page, and in forms that are nested up to a depth."""
    top = _List(pdfium_c.FPDFPage_CountObjects, pdfium_c.FPDFPage_GetObject, page.raw)
    return _find(top, kind, depth, ())


def _find(objects: _List, kind: int, depth: int, forms: tuple[Matrix, ...]) -> Iterator[PageObject]:
    for number in range(objects.count(objects.owner)):
        item = objects.get(objects.owner, number)
        found = pdfium_c.FPDFPageObj_GetType(item)
        if found == kind:
            yield PageObject(item, forms)
        elif found == pdfium_c.FPDF_PAGEOBJ_FORM and len(forms) < depth - 1:
            count, get = pdfium_c.FPDFFormObj_CountObjects, pdfium_c.FPDFFormObj_GetObject
            yield from _find(_List(count, get, item), kind, depth, (read_matrix(item), *forms))


def read_matrix(item: pdfium_c.FPDF_PAGEOBJECT) -> Matrix:
    """Return the matrix of an object, as PDF writes it."""
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def transform(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return a point after a transformation."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
