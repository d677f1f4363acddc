"""A page of a PDF -> its lines and table rows in reading order.

The order is pdfium's, which is that of the file. Geometry is used only for tables, and for columns
whose lines the file mixes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium

from index.documents.pdf.aligned import find_aligned
from index.documents.pdf.forms import add_values
from index.documents.pdf.grids import find_grids
from index.documents.pdf.lines import Line, Segment, make_line, split_lines
from index.documents.pdf.meaning import has_meaning
from index.documents.pdf.order import restore_order
from index.documents.pdf.rules import read_rules
from index.documents.pdf.table import Table, align_headers, count_headers, join_signs, merge_wrapped
from index.documents.pdf.text import Text, join_cells
from index.documents.pdf.words import Word, drop_leaders, find_box, main_turn, read_words


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. `header` is whether it names the columns."""

    content: Text
    header: bool = False


Item = Line | Row


@dataclass(frozen=True, slots=True)
class Page:
    """The lines and rows of a page. `asides` are lines set in another direction than the rest.

    A page is `gibberish` if its fonts do not say which letters they show; then nothing is on it.
    """

    number: int
    items: tuple[Item, ...]
    asides: tuple[Line, ...] = ()
    gibberish: bool = False


def read_page(pdf: pdfium.PdfDocument, number: int) -> Page:
    """Read a page; `number` counts from 1. A damaged page is empty."""
    try:
        page = pdf[number - 1]
    except pdfium.PdfiumError:
        return Page(number, ())
    text_page = page.get_textpage()
    try:
        words = drop_leaders(read_words(text_page, page.get_bbox()))
        if not has_meaning(text_page, words):
            return Page(number, (), gibberish=True)
        turn = main_turn(words)
        upright = [word for word in add_values(pdf, page, words, turn) if word.turn == turn]
        rules = read_rules(page, turn) if upright else None
    finally:
        text_page.close()
        page.close()
    tables = list(find_grids(rules, upright)) if rules else []
    asides = [word for word in words if word.turn != turn]
    return Page(number, tuple(_arrange(upright, tables)), tuple(_make_lines(asides)))


def arrange_words(number: int, words: Sequence[Word]) -> Page:
    """Return the page that consists of these words, which are upright and in reading order."""
    return Page(number, tuple(_arrange(words, ())))


def _make_lines(words: Sequence[Word]) -> Iterator[Line]:
    for segments in split_lines(words):
        yield _join_segments(segments)


def _join_segments(segments: Sequence[Segment]) -> Line:
    return make_line([word for segment in segments for word in segment.words])


@dataclass(frozen=True, slots=True)
class _Block:
    """A line, as its segments, or a table with borders."""

    content: list[Segment] | Table
    first: int
    left: float
    bottom: float
    right: float
    top: float


def _make_block(content: list[Segment] | Table) -> _Block:
    if isinstance(content, Table):
        words = content.words
    else:
        words = [word for segment in content for word in segment.words]
    return _Block(
        content,
        min(word.order for word in words),
        *find_box(words),
    )


def _arrange(words: Sequence[Word], tables: Sequence[Table]) -> Iterator[Item]:
    """Yield the lines of the words and the rows of the tables in reading order."""
    used = {word.order for table in tables for word in table.words}
    lines = split_lines([word for word in words if word.order not in used])
    contents: list[list[Segment] | Table] = [*lines, *tables]
    blocks = [_make_block(content) for content in contents]
    waiting: list[list[Segment]] = []
    for block in restore_order(sorted(blocks, key=lambda block: block.first)):
        if isinstance(block.content, Table):
            yield from _find_tables(_rejoin(waiting))
            yield from _make_rows(block.content)
            waiting = []
        else:
            waiting.append(block.content)
    yield from _find_tables(_rejoin(waiting))


def _rejoin(lines: Sequence[list[Segment]]) -> list[list[Segment]]:
    """Join lines that the new order has put beside each other."""
    joined: list[list[Segment]] = []
    for line in lines:
        before, after = joined[-1][-1] if joined else None, line[0]
        if (
            before is not None
            and abs(before.middle - after.middle) < after.height / 4
            and after.left - before.right > -after.height / 4
        ):
            words = [word for segment in (*joined[-1], *line) for word in segment.words]
            joined[-1] = [segment for part in split_lines(words) for segment in part]
        else:
            joined.append(line)
    return joined


def _find_tables(lines: Sequence[list[Segment]]) -> Iterator[Item]:
    """Yield lines, and the rows of tables without borders among them."""
    aligned = {found.first: found for found in find_aligned(lines)}
    at = 0
    while at < len(lines):
        found = aligned.get(at)
        if found is None:
            yield _join_segments(lines[at])
            at += 1
            continue
        if found.table is not None:
            yield from _make_rows(align_headers(merge_wrapped(found.table)))
        yield from (make_line(segment.words) for segment in found.columns)
        at = found.last + 1


def _make_rows(table: Table) -> Iterator[Row]:
    table = join_signs(table)
    letters = "".join(word.text for word in table.words)
    backwards = 2 * sum(map(_is_right_to_left, letters)) > sum(map(str.isalpha, letters))
    headers = count_headers(table)
    for number, row in enumerate(table.rows):
        cells = row[::-1] if backwards else row
        if number >= headers and not any(cells[1:]):
            cells = cells[:1]  # a title within the table, or a note
        yield Row(join_cells(cells), header=number < headers)


def _is_right_to_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("R", "AL")
