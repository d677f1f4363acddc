"""Finds lists that are written as text: lines or paragraphs that begin ``A) …``, ``2. …``, ``- …``.

Laws and contracts are written so. No format marks such a list as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.types import Block

_NUMBER = r"(?P<number>\d{1,3}|[A-Za-z]|[ivxlc]{2,5}|[IVXLC]{2,5}|\#)"
_END = r"[.)]|[°º][.)]?"  # of a mark
# The mark of a line. "1.4 Fees" begins with the number of a section, which is none.
_LINE_MARK = re.compile(
    rf"^[ \t]*(?:(?P<bullet>[-*•▪◦‣·–])|(?P<open>\(?){_NUMBER}(?P<close>{_END})(?!\d))[ \t]*(?=\S)",  # noqa: RUF001
    re.MULTILINE,
)
# The mark of a paragraph. "(1)", "1.", "1°" and "I -" are numbers of different lists.
_PARAGRAPH_MARK = re.compile(
    rf"(?P<open>\(?){_NUMBER}(?P<close>{_END}|\s[-–])\s"  # noqa: RUF001
)
_FIRST = ("1", "a", "i", "#")
_AUTOMATIC = "#"  # the number of every item, in Pandoc's Markdown
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_MIN_ITEMS = 2  # marked lines in a list: a single one may be a date or the end of a sentence
_LONG_ITEM = 400  # characters
_MAX_DEPTH = 8  # lists in lists


def split_enumerations(text: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks of a text; a paragraph that contains a list is split into its items.

    The lines before the first mark stay a paragraph. Each marked line begins an item, and the
    unmarked lines after it belong to that item. All marks of a list are of the same kind, and a
    numbered list begins with 1, A, I or #. Marks of another kind that begin anew are a list in its
    item. Paragraphs that follow each other with such numbers are lists in the same way.
    """
    for block in _join_paragraphs(text, blocks):
        if block.kind == "paragraph" and "\n" in text[block.start : block.end]:
            yield from _split(text, block)
        else:
            yield block


def holds_list(text: str, block: Block) -> bool:
    """Whether a block contains a list."""
    return len(_find_marks(text, block)) >= _MIN_ITEMS


def has_number(item: str) -> bool:
    """Whether an item of a list begins with its number: "2.", "(a)", "1°" or "IV -"."""
    return _PARAGRAPH_MARK.match(item) is not None


@dataclass(slots=True)
class _Level:
    """A list: the style of its marks, its indent, first and last number, and how many it has."""

    style: tuple[str, str, str]
    indent: int
    first: str
    last: str
    count: int = 1

    def takes(self, style: tuple[str, str, str], indent: int, number: str) -> bool:
        """Whether an item so marked continues this list, or a list like it that begins anew."""
        if style != self.style or indent > self.indent + 1:
            return False
        return number == self.first or _is_next(self.first, self.last, number)


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
    return _place(mark, levels) if mark is not None and plain else 0


def _place(mark: re.Match[str], levels: list[_Level]) -> int:
    """Return the depth of a mark in the lists that contain the mark before it; 0 if it has none.

    The lists are changed to those that contain this mark.
    """
    parts = mark.groupdict()
    number = parts["number"] or parts["bullet"]
    numbering = "bullet" if parts["number"] is None else _numbering(number)
    style = (parts["open"] or "", numbering, parts["close"] or number)
    indent = _indent(mark.group())
    depths = [depth for depth, level in enumerate(levels, 1) if level.takes(style, indent, number)]
    if depths:
        depth = min(depths, key=lambda at: (abs(levels[at - 1].indent - indent), -at))
        levels[depth - 1].last = number
        levels[depth - 1].count += 1
        del levels[depth:]
        return depth
    if numbering != "bullet" and number.casefold() not in _FIRST:
        return 0
    del levels[_MAX_DEPTH - 1 :]
    levels.append(_Level(style, indent, number, number))
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
    alone = _count_alone([depth for _, depth in run])
    yield from (block for block, _ in run[:alone])
    before = run[alone - 1][0] if alone else before
    above = before.depth if before is not None else 0
    for block, depth in run[alone:]:
        yield replace(block, kind="item", depth=above + depth - alone, ordered=True)


def _count_alone(depths: Sequence[int]) -> int:
    """Return how many of the first marks are in no list, because each is alone at its depth."""
    alone = 0
    while alone < len(depths) and depths[alone:].count(alone + 1) < _MIN_ITEMS:
        alone += 1
    return alone


def _split(text: str, block: Block) -> Iterator[Block]:
    marks = _find_marks(text, block)
    if not marks:
        yield block
        return
    starts = [_find_start(mark) for mark, _ in marks]
    first = marks[0][0].start()
    yield from _trimmed(text, replace(block, end=first))
    ends = [*(mark.start() for mark, _ in marks[1:]), block.end]
    for (mark, depth), start, end in zip(marks, starts, ends, strict=True):
        ordered = mark["bullet"] is None
        item = Block(start, end, "item", depth=block.depth + depth, ordered=ordered)
        yield from _trimmed(text, item)


def _find_marks(text: str, block: Block) -> list[tuple[re.Match[str], int]]:
    """Return the marks of the lists in a block, with the depths of their items, from 1."""
    levels: list[_Level] = []
    found: list[tuple[re.Match[str], int, _Level]] = []
    for mark in _LINE_MARK.finditer(text, block.start, block.end):
        # The text may begin before the block, within its first line.
        begins = mark.start() == block.start or text[mark.start() - 1] == "\n"
        depth = _place(mark, levels) if begins else 0
        if depth:
            found.append((mark, depth, levels[-1]))
    marks = [(mark, depth) for mark, depth, level in found if depth == 1 or level.count > 1]
    alone = _count_alone([depth for _, depth in marks])
    return [(mark, depth - alone) for mark, depth in marks[alone:]]


def _find_start(mark: re.Match[str]) -> int:
    """Return where an item begins: with its mark, but after one that is no number by itself."""
    if mark["number"] == _AUTOMATIC:
        return mark.end()
    return mark.start() + _indent(mark.group())


def _numbering(number: str) -> str:
    if number.isdigit() or number == _AUTOMATIC:
        return "digits"
    return "upper" if number.isupper() else "lower"


def _is_next(first: str, last: str, number: str) -> bool:
    """Whether a number follows the last one of a list; one number may be missing."""
    if last.isdigit() and number.isdigit():
        return 0 < int(number) - int(last) <= 2
    if first.casefold() == "i" and 0 < _read_roman(number) - _read_roman(last) <= 2:
        return True
    return len(last) == len(number) == 1 and 0 < ord(number) - ord(last) <= 2


def _read_roman(number: str) -> int:
    values = [_ROMAN.get(letter, 0) for letter in number.casefold()]
    after = [*values[1:], 0]
    return sum(-one if one < next_one else one for one, next_one in zip(values, after, strict=True))


def _indent(mark: str) -> int:
    return len(mark) - len(mark.lstrip())


def _trimmed(text: str, block: Block) -> Iterator[Block]:
    piece = text[block.start : block.end]
    start = block.start + len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if end > start:
        yield replace(block, start=start, end=end)
