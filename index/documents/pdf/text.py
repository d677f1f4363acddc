"""Words and lines of a PDF -> text that knows which characters of the page it consists of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.documents.pdf.characters import SOFT_HYPHEN
from index.documents.pdf.words import Word

NOWHERE = -1  # instead of a number: text that is not on the page, such as a mark between cells
_CELL_MARK = " | "
# Chinese and Japanese have no spaces between words, so their lines are joined without one.
_UNSPACED = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Text:
    """A text. `runs` pairs an offset with pdfium's number of the character there, or `NOWHERE`.

    The characters after it, up to the next run, follow each other on the page.
    """

    text: str
    runs: tuple[tuple[int, int], ...]


def join_words(words: Sequence[Word]) -> Text:
    """Return the text of words in the given order. They may stand on several lines."""
    text = ""
    runs: list[tuple[int, int]] = []
    before: Word | None = None
    for word in words:
        if before is not None:
            aside = abs(word.middle - before.middle) > max(word.height, before.height) / 2
            if aside or word.turn != before.turn:
                text = open_line_end(text, word.text)
            elif word.spaced or word.left - before.right > word.height / 2:
                text += " "
        if before is None or word.order != before.order + 1:
            runs.append((len(text), word.first))
        elif before.text.endswith(SOFT_HYPHEN) or not text.endswith((" ", before.text)):
            runs.append((len(text), word.first))  # a hyphen was dropped, so offsets shift
        text += word.text
        before = word
    hidden = text.endswith(SOFT_HYPHEN)
    return Text(_drop_soft_hyphens(text, runs) + SOFT_HYPHEN * hidden, tuple(runs))


def _drop_soft_hyphens(text: str, runs: list[tuple[int, int]]) -> str:
    """Return the text without soft hyphens, and move the offsets of the runs accordingly."""
    if SOFT_HYPHEN in text:
        runs[:] = [(at - text[:at].count(SOFT_HYPHEN), number) for at, number in runs]
    return text.replace(SOFT_HYPHEN, "")


def open_line_end(before: str, after: str) -> str:
    """Return the text `before` such that the next line, `after`, can be appended to it.

    A hyphen that splits a word at the end of a line is removed: pdfium marks those it recognises
    as soft hyphens, and a plain hyphen between two lower-case letters is removed, too. It stays
    before a capital or a digit. Otherwise a space is added, unless the script has none.
    """
    if before[-1] == SOFT_HYPHEN:
        return f"{before[:-1]}-" if after[:1].isupper() or after[:1].isdigit() else before[:-1]
    if before[-1] == "-":
        return before[:-1] if before[-2:-1].islower() and after[:1].islower() else before
    if _UNSPACED.match(before[-1]) and _UNSPACED.match(after):
        return before
    return f"{before} "


def join_cells(cells: Iterable[Sequence[Word]]) -> Text:
    """Return the text of a table row. Empty cells are kept, because their column counts."""
    text = ""
    runs: list[tuple[int, int]] = []
    for column, cell in enumerate(cells):
        if column:
            runs.append((len(text), NOWHERE))
            text = f"{text.rstrip()}{_CELL_MARK}" if text else "| "
        joined = join_words(cell)
        runs += [(len(text) + at, number) for at, number in joined.runs]
        text += joined.text.replace(SOFT_HYPHEN, "").replace("|", "\u2502")
    return Text(text, tuple(runs))
