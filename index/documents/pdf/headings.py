"""Finds the headings of a PDF by the size and weight of their font."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from index.documents.pdf.lines import Line

if TYPE_CHECKING:
    from index.documents.pdf.paragraphs import Paragraph

_LARGER = 1.12  # times the usual height of the font: a larger line may be a heading
_MOST_CHARACTERS = 180
_MOST_LINES = 3
_FEWEST_LETTERS = 3
_LATIN = "\u2e80"  # scripts from here on write a word with one or two characters
_LETTERS = 0.5  # of the characters without spaces: fewer are a formula or a number
_MOST_BOLD = 0.35  # share of bold characters: with more, bold does not mark headings
_DEEPEST = 6
_NO_HEADING = re.compile(r"[.,;:…。、]$|\.{4}")
_NUMBERED = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[A-Z]\.|[IVX]+\.)\s+\S")


class Styles:
    """The usual font of a document, and the fonts that make a heading."""

    def __init__(self, lines: Iterable[Line]) -> None:
        sizes: Counter[float] = Counter()
        bold = total = 0
        for line in lines:
            length = len(line.text)
            sizes[round(line.size, 1)] += length
            total += length
            bold += length if line.bold else 0
        self._usual = sizes.most_common(1)[0][0] if sizes else 0.0
        self._bold_is_special = bold <= _MOST_BOLD * total

    def mark_headings(self, paragraphs: Sequence[Paragraph]) -> None:
        """Make headings of the paragraphs that look like one. Larger fonts have higher levels."""
        headings = []
        for at, paragraph in enumerate(paragraphs):
            after = paragraphs[at + 1] if at + 1 < len(paragraphs) else None
            if paragraph.kind == "paragraph" and self._is_heading(paragraph, after):
                headings.append(paragraph)
        ranks = sorted({self._rank(heading) for heading in headings}, reverse=True)
        for heading in headings:
            heading.kind = "heading"
            heading.level = min(ranks.index(self._rank(heading)) + 1, _DEEPEST)

    def _rank(self, heading: Paragraph) -> tuple[int, bool]:
        line = heading.lines[0]
        larger = line.size > _LARGER * self._usual
        return round(line.size) if larger else 0, line.bold

    def _is_heading(self, paragraph: Paragraph, after: Paragraph | None) -> bool:
        text, lines = paragraph.text, paragraph.lines
        if len(text) > _MOST_CHARACTERS or len(lines) > _MOST_LINES or _NO_HEADING.search(text):
            return False
        visible = "".join(text.split())
        letters = sum(map(str.isalpha, visible))
        fewest = 1 if visible[:1] > _LATIN else _FEWEST_LETTERS
        if letters < max(fewest, _LETTERS * len(visible)):
            return False
        if min(line.size for line in lines) > _LARGER * self._usual:
            return True
        # A bold line of the usual size names what follows it.
        return (
            self._bold_is_special
            and all(line.bold and line.size > self._usual / _LARGER for line in lines)
            and (text[:1].isupper() or bool(_NUMBERED.match(text)) or not text[:1].islower())
            and after is not None
            and after.kind != "row"
            and not (after.lines and after.lines[0].bold and after.kind == "paragraph")
        )
