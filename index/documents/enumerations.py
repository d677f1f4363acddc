"""Finds lists that are written as lines of a paragraph: ``A) …``, ``2. …``, ``- …``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from index.types import Block

_MARK = re.compile(
    r"^[ \t]*(?:(?P<bullet>[-*•▪◦‣·–])"  # noqa: RUF001
    r"|\(?(?P<number>\d{1,3}|[A-Za-z]|[ivxlc]{2,5})[.)])[ \t]*(?=\S)",
    re.MULTILINE,
)
_MIN_ITEMS = 2  # marked lines in a list: a single one may be a date or the end of a sentence


def split_enumerations(text: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks of a text; a paragraph that contains a list is split into its items.

    The lines before the first mark stay a paragraph. Each marked line begins an item, and the
    unmarked lines after it belong to that item. All marks of a list are of the same kind, and a
    numbered list begins with 1, A or I.
    """
    for block in blocks:
        if block.kind == "paragraph" and "\n" in text[block.start : block.end]:
            yield from _split(text, block)
        else:
            yield block


def holds_list(text: str, block: Block) -> bool:
    """Whether a block contains a list."""
    return len(_find_marks(text, block)) >= _MIN_ITEMS


def _split(text: str, block: Block) -> Iterator[Block]:
    marks = _find_marks(text, block)
    if len(marks) < _MIN_ITEMS:
        yield block
        return
    ordered = marks[0]["bullet"] is None
    starts = [mark.start() + _indent(mark.group()) for mark in marks]
    if starts[0] > block.start:
        yield from _trimmed(text, replace(block, end=starts[0]))
    for start, end in zip(starts, [*starts[1:], block.end], strict=True):
        item = Block(start, end, "item", depth=block.depth + 1, ordered=ordered)
        yield from _trimmed(text, item)


def _find_marks(text: str, block: Block) -> list[re.Match[str]]:
    """Return the marks of the list in a block.

    The first mark is the first bullet, 1, A or I in the block. The others are of the same kind.
    """
    piece = [
        match
        for match in _MARK.finditer(text, block.start, block.end)
        if match.start() == block.start or text[match.start() - 1] == "\n"
    ]
    for at, first in enumerate(piece):
        if first["bullet"] is not None:
            return [mark for mark in piece[at:] if mark["bullet"] == first["bullet"]]
        if first["number"].casefold() in ("1", "a", "i"):
            return _select_consecutive(piece[at:])
    return []


def _select_consecutive(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the first mark and the marks that continue its numbering."""
    kept = [marks[0]]
    kind = _numbering(marks[0]["number"])
    for mark in marks[1:]:
        number = mark["number"]
        if (
            number is not None
            and _numbering(number) == kind
            and _is_next(kept[-1]["number"], number)
        ):
            kept.append(mark)
    return kept


def _numbering(number: str) -> str:
    if number.isdigit():
        return "digits"
    return "upper" if number.isupper() else "lower"


def _is_next(before: str, after: str) -> bool:
    if before.isdigit():
        return 0 < int(after) - int(before) <= 2  # one number may be missing
    if len(before) == len(after) == 1 and not (before in "iv" and after in "ivx"):
        return 0 < ord(after) - ord(before) <= 2
    return after != before  # Roman numerals: only checked to be different


def _indent(mark: str) -> int:
    return len(mark) - len(mark.lstrip())


def _trimmed(text: str, block: Block) -> Iterator[Block]:
    piece = text[block.start : block.end]
    start = block.start + len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if end > start:
        yield replace(block, start=start, end=end)
