"""Splits the text of an answer into paragraphs, lists, code and tables, with citation marks.

The marks ``[n]`` and ``[?]`` are recognised in the answer's text, before HTML is rendered. Text in
titles and cited sentences that looks like a mark is therefore never treated as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from index import has_number
from rag.types import Answer, Citation
from ui.views.table_rows import TableLine, read_row

Kind = Literal["paragraph", "bullets", "numbers", "code", "table"]
Span = tuple[int, int]
OUTCOMES = ("supported", "not told", "contradicted")
"""What the documents say of a clause, the best first."""

# A mark follows a space, another mark, or the start of a line. "a[1]" is not a mark.
_MARK = re.compile(r"(?:^| |(?<=\]))\[([0-9]{1,4}|\?)\]")
_BULLET = re.compile(r"\s*[-*\u2022] +(?=\S)")
_NUMBER = re.compile(r"\s*([0-9]{1,3})[.)] +(?=\S)")
_INDENT = re.compile(r" +")
_FENCE = re.compile(r"\s*(`{3,})[\w+#.-]*\s*")
_FENCE_END = re.compile(r"\s*(`{3,})(?=\s|\Z)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: text or a mark. `text` is the answer's text from offset `start`.

    With a `citation`, the piece is the mark of that citation. With `unsupported`, it is a mark
    which says that no source supports the text before it. `strong` text is probably the short
    answer. `outcome` is what the documents say of the clause that the text belongs to, if a chat
    model wrote it: one of `OUTCOMES`, or empty.
    """

    text: str
    start: int
    strong: bool = False
    citation: Citation | None = None
    unsupported: bool = False
    outcome: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, a list, a code block or rows of a table.

    `lines` are the lines of a paragraph, the items of a list, or the marks after a code block or
    after each row. `numbers` are the items' numbers in a numbered list, `depths` say how deep the
    items of a list are nested, from 0. `code` is the text of a code block. `columns` are the names
    of a table's columns, and `rows` its cells; an empty cell has no pieces. A part that is `joined`
    follows the one before without a blank line.
    """

    kind: Kind
    lines: tuple[Line, ...]
    numbers: tuple[int, ...] = ()
    code: str = ""
    depths: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    joined: bool = False


def split_answer(answer: Answer) -> tuple[Part, ...]:
    """Return the parts of an answer."""
    if answer.quoted_from is None:
        return split_quoted(answer)
    return (*split_written(answer), *split_quoted(answer))


def split_written(answer: Answer) -> tuple[Part, ...]:
    """Return the parts that a chat model wrote, without the quotations below them."""
    return tuple(_Splitter(answer.text, answer).split(last=answer.quoted_from))


def list_written(answer: Answer) -> tuple[Citation, ...]:
    """Return the citations of what a chat model wrote, or of a refusal."""
    written = answer.text[: answer.quoted_from]
    return tuple(each for each in answer.citations if f"[{each.number}]" in written)


def split_quoted(answer: Answer) -> tuple[Part, ...]:
    """Return the parts that are quoted, without those that a chat model wrote above them."""
    return tuple(_Splitter(answer.text, answer).split(answer.quoted_from or 0))


def find_outcomes(answer: Answer) -> tuple[str, ...]:
    """Return the outcomes that the clauses of an answer have, each once."""
    found = {span.outcome for span in answer.checked}
    return tuple(outcome for outcome in OUTCOMES if outcome in found)


def split_text(text: str) -> tuple[Part, ...]:
    """Return the parts of a partial answer, which has no marks yet."""
    return tuple(_Splitter(text, None).split())


@dataclass
class _Splitter:
    """Splits one text, line by line."""

    text: str
    answer: Answer | None
    kind: Kind | None = None
    lines: list[Line] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    rows: list[TableLine] = field(default_factory=list)
    joined: bool = False

    def split(self, first: int = 0, last: int | None = None) -> Iterator[Part]:
        """Yield the parts of ``text[first:last]`` in order."""
        fence, code, start = "", list[str](), first
        for line in self.text[first:last].split("\n"):
            end = start + len(line)
            if fence:
                closes = _FENCE_END.match(line)
                if closes and len(closes[1]) >= len(fence):
                    marks = self._cut(start + closes.end(), end)
                    yield self._join(Part("code", (marks,) if marks else (), code="\n".join(code)))
                    fence = ""
                else:
                    code.append(line)
            elif opens := _FENCE.fullmatch(line):
                yield from self._finish()
                fence, code = opens[1], []
            elif not line.strip():
                yield from self._finish()
                self.joined = False
            else:
                yield from self._take(line, start, end)
            start = end + 1
        if fence:  # not closed yet
            yield self._join(Part("code", (), code="\n".join(code)))
        yield from self._finish()

    def _take(self, line: str, start: int, end: int) -> Iterator[Part]:
        """Add a line to the current part. If its kind differs, yield the part and start another."""
        kind: Kind = "paragraph"
        row = self._read_row(start, end)
        nested = _INDENT.match(line) if self.kind == "bullets" else None
        if item := _BULLET.match(line):
            kind = "bullets"
        elif item := _NUMBER.match(line):
            kind = "numbers"
        elif nested and has_number(line[nested.end() :]):
            item, kind = nested, "bullets"
        elif row is not None:
            kind = "table"
        named = bool(row and row.names)
        if kind != self.kind or (self.rows and bool(self.rows[-1].names) != named):
            yield from self._finish()
            self.kind = kind
        if item and kind == "numbers":
            self.numbers.append(int(item[1]))
        if item:
            self.depths.append((len(line) - len(line.lstrip(" "))) // 2)
        if row is not None and kind == "table":
            self.rows.append(row)
            start = row.end
        self.lines.append(self._cut(start + item.end() if item else start, end))

    def _finish(self) -> Iterator[Part]:
        if self.kind:
            columns = tuple(dict.fromkeys(name for row in self.rows for name in row.names))
            rows = tuple(
                tuple(self._cut(*cell) if cell else () for cell in row.arrange(columns))
                for row in self.rows
            )
            yield self._join(
                Part(
                    self.kind,
                    tuple(self.lines),
                    tuple(self.numbers),
                    depths=tuple(self.depths),
                    columns=columns,
                    rows=rows,
                )
            )
        self.kind = None
        self.lines, self.numbers, self.depths, self.rows = [], [], [], []

    def _join(self, part: Part) -> Part:
        joined, self.joined = self.joined, True
        return replace(part, joined=joined)

    def _read_row(self, start: int, end: int) -> TableLine | None:
        """Return the row of a table that a line quotes, with its marks at its end."""
        marks = sorted(self._find_marks(start, end), key=lambda mark: mark[0])
        if not marks or marks[-1][0][1] != end or marks[0][1].citation is None:
            return None
        first = marks[0][0][0]
        if any(one[0][1] != other[0][0] for one, other in pairwise(marks)):
            return None
        return read_row(self.text[start:first], start, marks[0][1].citation)

    def _cut(self, start: int, end: int) -> Line:
        """Return the pieces of ``text[start:end]``, a line without its bullet or number."""
        marks = dict(self._find_marks(start, end))
        emphasis = self.answer.emphasis if self.answer else ()
        clauses = {(c.start, c.end): c.outcome for c in self.answer.checked} if self.answer else {}
        edges = {start, end, *(edge for span in (*marks, *emphasis, *clauses) for edge in span)}
        pieces = []
        for span in pairwise(sorted(edge for edge in edges if start <= edge <= end)):
            inside = next((m for m in marks if m[0] <= span[0] and span[1] <= m[1]), None)
            if inside is not None:
                if inside[0] == span[0]:
                    pieces.append(marks[inside])
                continue
            strong = any(a <= span[0] and span[1] <= b for a, b in emphasis)
            outcome = next(
                (o for c, o in clauses.items() if c[0] <= span[0] and span[1] <= c[1]), ""
            )
            pieces.append(Piece(self.text[slice(*span)], span[0], strong, outcome=outcome))
        return tuple(pieces)

    def _find_marks(self, start: int, end: int) -> Iterator[tuple[Span, Piece]]:
        """Yield the marks of a line that belong to the answer's citations or unsupported spans."""
        if self.answer is None:
            return
        known: Mapping[str, Citation] = {str(c.number): c for c in self.answer.citations}
        doubted = {span[1] for span in self.answer.unsupported}  # the mark follows directly
        for match in _MARK.finditer(self.text[start:end]):
            span = start + match.start(), start + match.end()
            if match[1] == "?":
                if span[0] in doubted:
                    yield span, Piece(match[0], span[0], unsupported=True)
            elif citation := known.get(match[1]):
                yield span, Piece(match[0], span[0], citation=citation)
