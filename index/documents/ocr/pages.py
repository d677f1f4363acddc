"""Recognises the pages of a file that are pictures, and says which were not read, or not well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from index.documents.ocr.budget import current_budget
from index.documents.ocr.extra import NAME, REMEDY, is_installed
from index.page_text import Scan

if TYPE_CHECKING:
    from PIL import Image

    from index.documents.pdf.words import Word

_LOW = 0.9  # a page's confidence; of clean scans it is above 0.97
_NAMED = 8  # ranges of pages that a remark names


class PictureReader:
    """Recognises pages of one file, which has `total`, within the file's budget."""

    def __init__(self, total: int) -> None:
        self._total = total
        self.scans: list[Scan] = []
        self._installed = is_installed(NAME)
        self._pictures: list[int] = []  # that could not be read without the extra
        self._gibberish: list[int] = []
        self._over_budget: list[int] = []

    @property
    def needs(self) -> str:
        """The extra without which pages were not read; empty if there are none."""
        return NAME if self._pictures or self._gibberish else ""

    def read(
        self,
        number: int,
        draw: Callable[[], Image.Image],
        height: float,
        *,
        gibberish: bool = False,
    ) -> list[Word] | None:
        """Return the words of a page; None if it cannot be recognised.

        `draw` returns its picture. `height` is that of the picture in points. The page is
        `gibberish` if it has text, but the file does not say of which letters.
        """
        if not self._installed:
            (self._gibberish if gibberish else self._pictures).append(number)
            return None
        budget = current_budget()
        if budget.is_spent:
            self._over_budget.append(number)
            return None
        with budget.spend(number, self._total):
            from index.documents.ocr.reading import recognise  # loads much, which takes time

            words, scan = recognise(draw(), number, height)
        if words:
            self.scans.append(scan)
        return words

    def remark(self) -> str:
        """Return one line about pages that were not read, or not well; empty if there are none."""
        return "; ".join(self._remarks())

    def _remarks(self) -> Iterator[str]:
        if self._pictures:
            yield f"{name_pages(self._pictures)} not read, being pictures: {REMEDY}"
        if self._gibberish:
            reason = "because its fonts do not say which letters they show"
            yield f"{name_pages(self._gibberish)} not read, {reason}: {REMEDY}"
        if self._over_budget:
            yield (
                f"{name_pages(self._over_budget)} not read, because recognising a file's pages has "
                "limits: raise RAG_OCR_PAGES and RAG_OCR_SECONDS, or split the file"
            )
        low = [scan.page for scan in self.scans if scan.confidence < _LOW]
        if low:
            least = min(scan.confidence for scan in self.scans)
            yield (
                f"{name_pages(low)} recognised with low confidence ({least:.0%}): "
                "compare citations with the picture, or scan again"
            )


def name_pages(numbers: Iterable[int]) -> str:
    """Return page numbers as text with a verb, such as "pages 2, 5-7 were"."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    shown = [f"{a}" if a == b else f"{a}-{b}" for a, b in ranges[:_NAMED]]
    more = ["..."] if len(ranges) > _NAMED else []
    single = len(ranges) == 1 and ranges[0][0] == ranges[0][1]
    return f"page {shown[0]} was" if single else f"pages {', '.join(shown + more)} were"
