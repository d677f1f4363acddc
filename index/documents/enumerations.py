"""Finds lists that are written as text: lines or paragraphs that begin ``A) …``, ``2. …``, ``- …``.

Laws and contracts are written so. No format marks such a list as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.types import Block

_NUMBER = r"(?P<number>\d{1,3}|[A-Za-z]|[ivxlc]{2,5}|[IVXLC]{2,5})"
_END = r"[.)]|[°º][.)]?"  # of a mark
_MARK = re.compile(
    rf"^[ \t]*(?:(?P<bullet>[-*•▪◦‣·–])|\(?{_NUMBER}(?:{_END}))[ \t]*(?=\S)",  # noqa: RUF001
    re.MULTILINE,
)
_FIRST = ("1", "a", "i")
_MIN_ITEMS = 2  # marked lines in a list: a single one may be a date or the end of a sentence
# The mark of a paragraph. "(1)", "1.", "1°" and "I -" are numbers of different lists.
_PARAGRAPH_MARK = re.compile(
    rf"(?P<open>\(?){_NUMBER}(?P<close>{_END}|\s[-–])\s"  # noqa: RUF001
)
_LONG_ITEM = 400  # characters


def split_enumerations(text: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks of a text; a paragraph that contains a list is split into its items.

    The lines before the first mark stay a paragraph. Each marked line begins an item, and the
    unmarked lines after it belong to that item. All marks of a list are of the same kind, and a
    numbered list begins with 1, A or I. Paragraphs that follow each other with such numbers are a
    list, too; in it, numbers of another kind that begin anew are a list in its item.
    """
    for block in _join_paragraphs(text, blocks):
        if block.kind == "paragraph" and "\n" in text[block.start : block.end]:
            yield from _split(text, block)
        else:
            yield block


def holds_list(text: str, block: Block) -> bool:
    """Whether a block contains a list."""
    return len(_find_marks(text, block)) >= _MIN_ITEMS


@dataclass(slots=True)
class _Level:
    """A list in a run of paragraphs: the style of its numbers, and the last of them."""

    style: tuple[str, str, str]
    number: str


def _join_paragraphs(text: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks; consecutive paragraphs that are numbered become the items of lists."""
    run: list[tuple[Block, int]] = []  # paragraphs, with their depths in the run
    levels: list[_Level] = []
    before: Block | None = None  # what stands before the run
    for block in blocks:
        depth = _find_depth(text, block, levels)
        if not depth and run:
            yield from _make_items(run, before)
            run, levels = [], []
        if depth:
            run.append((block, depth))
        else:
            yield block
            before = block
    yield from _make_items(run, before)


def _find_depth(text: str, block: Block, levels: list[_Level]) -> int:
    """Return the depth of a paragraph in the lists of a run, from 1; 0 if it has no place there.

    `levels` are the lists that contain the last paragraph, outermost first. They are changed.
    """
    mark = _PARAGRAPH_MARK.match(text, block.start, block.end)
    plain = block.kind == "paragraph" and not block.depth
    if mark is None or not plain:
        return 0
    number = mark["number"]
    style = (mark["open"], _numbering(number), mark["close"])
    begins = number.casefold() in _FIRST
    for depth in range(len(levels), 0, -1):
        level = levels[depth - 1]
        # Another list with such numbers counts as the same one.
        if level.style == style and (begins or _is_next(level.number, number)):
            level.number = number
            del levels[depth:]
            return depth
    if not begins:
        return 0
    levels.append(_Level(style, number))
    return len(levels)


def _make_items(run: Sequence[tuple[Block, int]], before: Block | None) -> Iterator[Block]:
    """Yield the paragraphs of a run as items; those that are alone in their list as they are.

    After an item, their list is in that item. If most of them are long, they are not a list but the
    sections of a text.
    """
    lengths = sorted(block.end - block.start for block, _ in run)
    if run and lengths[len(run) // 2] > _LONG_ITEM:
        yield from (block for block, _ in run)
        return
    while run and sum(depth == 1 for _, depth in run) < _MIN_ITEMS:
        yield run[0][0]
        before = run[0][0]
        run = [(block, depth - 1) for block, depth in run[1:]]
    above = before.depth if before is not None else 0
    for block, depth in run:
        yield replace(block, kind="item", depth=above + depth, ordered=True)


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
        if first["number"].casefold() in _FIRST:
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
