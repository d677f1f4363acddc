"""Markdown. The document's text is the file itself; markdown-it finds the blocks in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from index.documents.content import Content, first_heading
from index.documents.markup import strip_markup
from index.documents.text import decode_text
from index.types import Block

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)

_DEEPEST = 100  # lists and quotes within each other, a list's items counted as well


def load(data: bytes, name: str) -> Content:
    """Read a Markdown file."""
    text = decode_text(data)
    blocks = tuple(find_blocks(text))
    return Content(text, blocks, strip_markup(first_heading(text, blocks)))


def find_blocks(text: str) -> Iterator[Block]:
    """Yield headings, paragraphs, list items, table rows and code, markup at both ends trimmed."""
    front = _FRONT_MATTER.match(text)
    skip = front.end() if front else 0
    # Blanking the front matter keeps every offset.
    body = re.sub(r"[^\n]", " ", text[:skip]) + text[skip:]
    starts = [0, *accumulate(len(line) + 1 for line in body.split("\n"))]
    parents: list[Token] = []
    for token in _make_parser().parse(body):
        if token.nesting == 1:
            parents.append(token)
        elif token.nesting == -1:
            opened = parents.pop()
            if opened.type == "tr_open":
                yield from _row(body, starts, opened)
        elif token.type == "inline":
            yield from _inline(body, starts, token, parents)
        elif token.type in ("fence", "code_block"):
            yield from _code(body, starts, token)


def _make_parser() -> MarkdownIt:
    # What stands below `maxNesting` is dropped without a word; `_keep_deep` comes first. The
    # marks within a line are not looked at, so they are not parsed either.
    parser = MarkdownIt("commonmark", {"maxNesting": 2 * _DEEPEST}).enable("table")
    parser.disable(["inline", "text_join"])
    parser.block.ruler.before("table", "deep", _keep_deep)
    return parser


def _keep_deep(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Make a paragraph of what stands so deep in lists and quotes that it is not taken apart."""
    if silent or state.level < _DEEPEST:
        return False
    line = first + 1
    while line < last and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    state.push("paragraph_open", "p", 1)
    token = state.push("inline", "", 0)
    token.content = state.getLines(first, line, state.blkIndent, False).lstrip(" \t>")
    token.map = [first, line]
    state.push("paragraph_close", "p", -1)
    state.line = line
    return True


def _lines(starts: list[int], token: Token) -> tuple[int, int]:
    first, last = token.map or (0, 0)
    return starts[first], starts[last] - 1


def _row(text: str, starts: list[int], token: Token) -> Iterator[Block]:
    start, end = _lines(starts, token)
    yield from _trimmed(text, start, end, "row", strip=" \t|")


def _inline(text: str, starts: list[int], token: Token, parents: list[Token]) -> Iterator[Block]:
    kinds = {parent.type for parent in parents}
    if "tr_open" in kinds or not token.content.strip():
        return
    start, end = _lines(starts, token)
    lines = token.content.split("\n")
    # The content's first and last lines are in the text, behind list or quote marks.
    start = max(start, text.find(lines[0].strip(), start, end))
    tail = text.rfind(lines[-1].strip(), start, end)
    if tail >= 0:
        end = tail + len(lines[-1].strip())
    if parents[-1].type == "heading_open":
        yield Block(start, end, "heading", int(parents[-1].tag[1]))
    elif "list_item_open" in kinds:
        yield Block(start, end, "item")
    else:
        yield Block(start, end)


def _code(text: str, starts: list[int], token: Token) -> Iterator[Block]:
    start, end = _lines(starts, token)
    if token.type == "fence":
        start = text.find("\n", start, end) + 1 or end
        closing = text.rfind("\n", start, end)
        if text[closing + 1 : end].strip().startswith(token.markup[:3]):
            end = max(start, closing)
    yield from _trimmed(text, start, end, "code", strip="\n")


def _trimmed(text: str, start: int, end: int, kind: str, strip: str) -> Iterator[Block]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip(strip))
    end = start + len(piece.strip(strip))
    if end > start:
        yield Block(start, end, "row" if kind == "row" else "code")
