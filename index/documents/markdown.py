"""Markdown. The document's text is the decoded file; markdown-it finds the blocks in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from index.documents.content import Content, first_heading
from index.documents.mdx import open_component, push_title
from index.documents.text import decode_text
from index.documents.titles import clean_title, read_title
from index.text.markup import HTML_TAG, strip_markup
from index.types import Block, BlockKind

_LISTS = ("bullet_list_open", "ordered_list_open")
_IMAGE = re.compile(r"(?:!?\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?\s*)+")  # only pictures
_HEADING_ID = re.compile(r"[ \t]*\{:?[ \t]*[#.][^{}\n]*\}\Z")  # of Pandoc, kramdown and Docusaurus
_EMPHASISED = re.compile(r"(\*{1,3}|_{1,3})(?=\S)(?:(?!\1).)+(?<=\S)\1", re.DOTALL)
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_HTML_BLOCK = re.compile(
    r"<(?P<closing>/?)(?P<name>blockquote|br|center|dd|details|div|dl|dt|figcaption|figure|h[1-6]|hr|li"
    r"|ol|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_HTML_ROW = re.compile(
    r"<tr\b[^<>]*>(?P<cells>.*?)(?=</tr\s*>|<tr\b|</table\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_HTML_CELL = re.compile(r"<t(?P<kind>[dh])\b[^<>]*>", re.IGNORECASE)
_HTML_CELL_END = re.compile(r"</t[dh]\s*>\s*\Z", re.IGNORECASE)
_NO_CELL = re.compile(r"<(?:table|h[1-6]|pre|img)\b", re.IGNORECASE)  # not in a row of values
_SPANNED = re.compile(r"<t[dh]\s[^<>]*(?:row|col)span\s*=\s*[\"']?(?:[2-9]|\d\d)", re.IGNORECASE)
_LONGEST_ROW = 600  # characters: a table with more text in a row arranges text on a page
_LONGEST_IMAGE = 2000  # characters of a picture's line
_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.DOTALL)

_ROW_MARKS = re.compile(r"\A[ \t]*\|?|\|?[ \t]*\Z")
_NOTE = re.compile(
    r"(?:(?P<mkdocs>(?:!!!|\?\?\?\+?)[ \t]+[\w-]+(?:[ \t]+[\w-]+){0,2}|===[!+]?(?=[ \t]+\"))"
    r"|:::+[ \t]*[\w-]*(?:\{[^}\n]*\})?|\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][+-]?)"
    r"(?:[ \t]+[\"\[]?(?P<title>[^\"\]\n]*[^\"\]\s]))?[\"\]]?[ \t]*$",
    re.MULTILINE,
)
_NOTE_INDENT = 4
_MAX_DEPTH = 100  # nested lists, list items and quotes


def load(data: bytes, name: str) -> Content:
    """Parse a Markdown file."""
    text = decode_text(data)
    blocks = tuple(find_blocks(text))
    named = clean_title(read_title(text))
    return Content(text, blocks, named or strip_markup(first_heading(text, blocks)))


def find_blocks(text: str) -> Iterator[Block]:
    """Yield headings, paragraphs, list items, table rows and code, without markup at their ends."""
    front = _FRONT_MATTER.match(text)
    skip = front.end() if front else 0
    # The front matter is replaced by spaces, so that offsets do not change.
    body = re.sub(r"[^\n]", " ", text[:skip]) + text[skip:]
    starts = [0, *accumulate(len(line) + 1 for line in body.split("\n"))]
    parents: list[Token] = []
    for token in _make_parser().parse(body):
        if token.nesting == 1:
            parents.append(token)
        elif token.nesting == -1:
            opened = parents.pop()
            if opened.type == "tr_open":
                header = any(parent.type == "thead_open" for parent in parents)
                yield from _row(body, starts, opened, "header" if header else "row")
        elif token.type == "inline":
            yield from _inline(body, starts, token, parents)
        elif token.type == "html_block":
            yield from _html(body, starts, token)
        elif token.type in ("fence", "code_block"):
            yield from _code(body, starts, token, *_find_list(parents))


def _make_parser() -> MarkdownIt:
    # markdown-it silently drops blocks that are nested deeper than `maxNesting`. `_flatten_deep`
    # takes them first, at half that depth. Inline markup is not needed, so it is not parsed.
    parser = MarkdownIt("commonmark", {"maxNesting": 2 * _MAX_DEPTH}).enable("table")
    parser.disable(["inline", "text_join"])
    parser.block.ruler.before("table", "deep", _flatten_deep)
    within: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "note", _open_note, within)
    parser.block.ruler.before("html_block", "component", open_component, within)
    return parser


def _open_note(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A block rule of markdown-it: notes as MkDocs, Docusaurus and GitHub write them.

    The line that opens or closes a note is left out, but for its title. What MkDocs indents below
    it ("!!! note") is Markdown, no code.
    """
    start = state.bMarks[first] + state.tShift[first]
    found = _NOTE.match(state.src, start, state.eMarks[first])
    if found is None or state.is_code_block(first):
        return False
    indent = state.sCount[first] + _NOTE_INDENT
    below = next((n for n in range(first + 1, last) if not state.isEmpty(n)), last)
    if found["mkdocs"] and (below == last or state.sCount[below] < indent):
        return False
    if silent:
        return True
    if found["title"]:
        tab = found.group().startswith("===")
        push_title(state, found["title"], (first, first + 1), tab=tab)
    state.line = first + 1
    if found["mkdocs"]:
        _parse_indented(state, first + 1, last, indent)
    return True


def _parse_indented(state: StateBlock, first: int, last: int, indent: int) -> None:
    """Parse the lines from `first` on that are empty or indented by so many columns."""
    end = line = first
    while line < last and (state.isEmpty(line) or state.sCount[line] >= indent):
        line += 1
        end = end if state.isEmpty(line - 1) else line
    around = state.blkIndent, state.lineMax
    state.blkIndent, state.lineMax = indent, end
    state.level += 1  # nested notes are flattened as other blocks are
    state.md.block.tokenize(state, first, end)
    state.level -= 1
    state.blkIndent, state.lineMax = around
    state.line = end


def _flatten_deep(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A block rule of markdown-it: make one paragraph of blocks nested deeper than `_MAX_DEPTH`."""
    if silent or state.level < _MAX_DEPTH:
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


def _find_list(parents: Sequence[Token]) -> tuple[int, bool]:
    """Return how many lists contain a token, and whether the innermost one is numbered."""
    lists = [parent for parent in parents if parent.type in _LISTS]
    return len(lists), bool(lists) and lists[-1].type == "ordered_list_open"


def _row(text: str, starts: list[int], token: Token, kind: BlockKind) -> Iterator[Block]:
    start, end = _lines(starts, token)
    # Only the outer marks are removed: those of empty cells keep the others in their columns.
    inner = _ROW_MARKS.sub("", text[start:end])
    start = text.index(inner, start, end)
    yield from _trimmed(text, Block(start, start + len(inner), kind), strip=" \t")


def _inline(text: str, starts: list[int], token: Token, parents: list[Token]) -> Iterator[Block]:
    kinds = {parent.type for parent in parents}
    if "tr_open" in kinds or not token.content.strip():
        return
    start, end = _lines(starts, token)
    lines = token.content.split("\n")
    # The content's first and last lines may follow list or quote marks in the text.
    start = max(start, text.find(lines[0].strip(), start, end))
    tail = text.rfind(lines[-1].strip(), start, end)
    if tail >= 0:
        end = tail + len(lines[-1].strip())
    depth, ordered = _find_list(parents)
    if parents[-1].type == "heading_open":
        end = start + len(_HEADING_ID.sub("", text[start:end]))
        yield Block(start, end, "heading", int(parents[-1].tag[1]), depth=depth)
    elif _IMAGE.fullmatch(text[start:end]) or _is_below_image(text, start, end):
        yield Block(start, end, "caption", depth=depth, ordered=ordered)
    elif depth and _opens_item(token, parents):
        yield Block(start, end, "item", depth=depth, ordered=ordered)
    else:
        yield Block(start, end, depth=depth, ordered=ordered)


def _is_below_image(text: str, start: int, end: int) -> bool:
    """Whether a paragraph is all in italics or bold below a picture: that is how captions look."""
    if not _EMPHASISED.fullmatch(text[start:end]):
        return False
    above = text[max(start - _LONGEST_IMAGE, 0) : start].rstrip().rpartition("\n")[2]
    return bool(_IMAGE.fullmatch(above.strip()))


def _opens_item(token: Token, parents: Sequence[Token]) -> bool:
    """Whether a paragraph is the first of its list item, so that both begin on the same line."""
    item = next(parent for parent in reversed(parents) if parent.type == "list_item_open")
    return (token.map or [0])[0] == (item.map or [0])[0]


def _html(text: str, starts: list[int], token: Token) -> Iterator[Block]:
    """Yield the blocks of an HTML block that have text, without the tags at their ends."""
    start, end = _lines(starts, token)
    hidden = _HIDDEN.sub(lambda found: " " * len(found[0]), text[start:end])
    rows = _find_html_rows(hidden)
    at = {row.start() for row in rows}
    others = _HTML_ROW.sub(
        lambda found: " " * len(found[0]) if found.start() in at else found[0], hidden
    )
    blocks = [*_html_rows(text, start, rows), *_html_text(others, start)]
    yield from sorted(blocks, key=lambda block: block.start)


def _find_html_rows(hidden: str) -> list[re.Match[str]]:
    """Return the rows of HTML tables, none if their cells do not stand in the same columns."""
    rows = [found for found in _HTML_ROW.finditer(hidden) if _has_values(found["cells"])]
    widths = {len(_HTML_CELL.findall(row["cells"])) for row in rows}
    return [] if len(widths) > 1 or _SPANNED.search(hidden) else rows


def _has_values(cells: str) -> bool:
    """Whether what stands in a row of an HTML table are values, and no text that it arranges."""
    shown = HTML_TAG.sub("", cells)
    if len(_HTML_CELL.findall(cells)) < 2 or _NO_CELL.search(cells) or "|" in shown:
        return False
    return bool(shown.strip()) and len(shown) < _LONGEST_ROW


def _html_rows(text: str, start: int, rows: Sequence[re.Match[str]]) -> Iterator[Block]:
    """Yield rows of an HTML table, from the text of the first cell to that of the last one."""
    for row in rows:
        cells = [*_HTML_CELL.finditer(row["cells"])]
        kind: BlockKind = "header" if all(cell["kind"] in "hH" for cell in cells) else "row"
        closing = _HTML_CELL_END.search(row["cells"])
        first = row.start("cells") + cells[0].end()
        last = row.start("cells") + closing.start() if closing else row.end("cells")
        yield from _trimmed(text, Block(start + first, start + last, kind), strip=" \t\n")


def _html_text(hidden: str, start: int) -> Iterator[Block]:
    """Yield the headings, paragraphs and list items of HTML that begins at `start`."""
    depth, level, opens_item, at = 0, 0, False, 0
    least = 0  # depth: of an item whose list begins in the HTML before, above an empty line
    for tag in (*_HTML_BLOCK.finditer(hidden), None):
        piece = hidden[at : tag.start() if tag else None]
        shown = HTML_TAG.sub(lambda found: " " * len(found[0]), piece)
        if shown.strip():
            first = start + at + len(shown) - len(shown.lstrip())
            kind: BlockKind = "heading" if level else "paragraph"
            kind = "item" if opens_item and not level else kind
            yield Block(first, first + len(shown.strip()), kind, level, depth=max(depth, least))
            opens_item = False
        if tag is None:
            return
        at, name, opening = tag.end(), tag["name"].lower(), not tag["closing"]
        if name in ("ul", "ol", "dl"):
            depth = max(depth + (1 if opening else -1), 0)
        opens_item = opens_item or (opening and name in ("li", "dt"))
        least = int(opening) if name in ("li", "dt", "dd") else least
        level = int(name[1]) if opening and name[1:].isdigit() else 0


def _code(text: str, starts: list[int], token: Token, depth: int, ordered: bool) -> Iterator[Block]:
    start, end = _lines(starts, token)
    if token.type == "fence":
        start = text.find("\n", start, end) + 1 or end
        closing = text.rfind("\n", start, end)
        if text[closing + 1 : end].strip().startswith(token.markup[:3]):
            end = max(start, closing)
    yield from _trimmed(text, Block(start, end, "code", depth=depth, ordered=ordered), strip="\n")


def _trimmed(text: str, block: Block, strip: str) -> Iterator[Block]:
    piece = text[block.start : block.end]
    start = block.start + len(piece) - len(piece.lstrip(strip))
    end = start + len(piece.strip(strip))
    if end > start:
        yield replace(block, start=start, end=end)
