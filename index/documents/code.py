"""Source code. The document's text is the decoded file; Pygments finds comments and definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, String, Token, _TokenType
from pygments.util import ClassNotFound

from index.documents.content import Content
from index.documents.text import decode_text
from index.types import Block

_PARAGRAPH = re.compile(r"[^\n]*\w[^\n]*(?:\n[^\n]*\w[^\n]*)*")
_MARKS = " \t#/*;!%-'\"{}"  # characters around the text of a comment
_CODE = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_LINE_END = re.compile(r"\n")
_DEFINITIONS = (Token.Name.Function, Token.Name.Class)
_MAX_LINES = 12  # lines of code in one block


def load(data: bytes, name: str) -> Content:
    """Parse a source file. Definitions become headings, comments paragraphs, other lines code."""
    text = decode_text(data)
    try:
        lexer = get_lexer_for_filename(name)
    except ClassNotFound:
        return Content(text, tuple(_code(text, 0, len(text))))
    return Content(text, tuple(_find_blocks(text, lexer)))


def _find_blocks(text: str, lexer: Lexer) -> Iterator[Block]:
    prose, names = _classify(text, lexer)
    position = 0
    for start, end, heading in sorted([*((*span, False) for span in prose), *names]):
        if start < position:
            continue
        yield from _code(text, position, start)
        if heading:
            yield Block(start, end, "heading", 3)
        else:
            yield from _comment(text, start, end)
        position = end
    yield from _code(text, position, len(text))


def _is_subtype(kind: _TokenType, of: _TokenType) -> bool:
    return kind[: len(of)] == of


def _classify(text: str, lexer: Lexer) -> tuple[list[tuple[int, int]], list[tuple[int, int, bool]]]:
    """Return the spans of comments and of the lines that define a function or class.

    Comments on consecutive lines are one span. The True of each definition marks it as a heading.
    """
    prose: list[tuple[int, int]] = []
    names: list[tuple[int, int, bool]] = []
    for start, kind, value in lexer.get_tokens_unprocessed(text):
        end = start + len(value)
        if _is_subtype(kind, String.Doc) or (
            _is_subtype(kind, Comment) and not _is_subtype(kind, Comment.Preproc)
        ):
            if prose and not text[prose[-1][1] : start].strip():
                prose[-1] = prose[-1][0], end
            else:
                prose.append((start, end))
        elif any(_is_subtype(kind, defining) for defining in _DEFINITIONS):
            line = text.rfind("\n", 0, start) + 1
            stop = text.find("\n", start)
            stop = len(text) if stop < 0 else stop
            first = line + len(text[line:stop]) - len(text[line:stop].lstrip())
            if not names or names[-1][1] < first:
                names.append((first, stop, True))
    return prose, names


def _comment(text: str, start: int, end: int) -> Iterator[Block]:
    """Yield the paragraphs of a comment without the comment marks at both ends."""
    for paragraph in _PARAGRAPH.finditer(text, start, end):
        piece = paragraph.group()
        begin = paragraph.start() + len(piece) - len(piece.lstrip(_MARKS))
        finish = begin + len(text[begin : paragraph.end()].rstrip(_MARKS))
        if finish > begin:
            yield Block(begin, finish)


def _code(text: str, start: int, end: int) -> Iterator[Block]:
    """Yield blocks of code: split at blank lines, and after every `_MAX_LINES` lines."""
    for run in _CODE.finditer(text, start, end):
        first = run.start()
        for count, line_end in enumerate(_LINE_END.finditer(text, first, run.end()), 1):
            if count % _MAX_LINES == 0:
                yield Block(first, line_end.start(), "code")
                first = line_end.end()
        if first < run.end():
            yield Block(first, run.end(), "code")
