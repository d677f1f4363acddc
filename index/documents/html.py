"""HTML. The document's text is what a reader sees, block by block."""

from __future__ import annotations

import re

from lxml import etree
from lxml import html as lxml_html

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.text import decode_text
from index.types import BlockKind

_HIDDEN = frozenset(
    (
        "script style noscript template head nav svg math iframe object canvas select "
        "button textarea video audio"
    ).split()
)
_BLOCKS = frozenset(
    (
        "address article aside blockquote body caption center dd details div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre "
        "section summary table tbody tfoot thead tr ul"
    ).split()
)
_CELLS = frozenset(("td", "th"))
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_CELL_MARK = "\x1f"


def load(data: bytes, name: str) -> Content:
    """Read an HTML file; scripts, styles, navigation and hidden parts are left out."""
    builder = ContentBuilder()
    return builder.build(add_html(builder, data))


def add_html(builder: ContentBuilder, data: bytes | str) -> str:
    """Append the blocks of a page; return its title. Raises `ContentError`."""
    source = _decode(data) if isinstance(data, bytes) else data
    # lxml refuses a str that carries an XML encoding declaration.
    source = _XML_DECLARATION.sub("", source)
    parser = lxml_html.HTMLParser(huge_tree=True)  # else 256 elements within each other are most
    try:
        root = lxml_html.document_fromstring(source, parser)
    except etree.ParserError as error:
        raise ContentError("holds no HTML", "open and save it again") from error
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        # The rest of the page was left out, and nothing tells where.
        raise ContentError("is nested too deeply", "open it in a browser and save it as text")
    _walk(root, builder)
    return " ".join((root.findtext(".//title") or "").split())


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:2048])
    if declared:
        try:
            return data.decode(declared[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            pass
    return decode_text(data)


def _walk(root: lxml_html.HtmlElement, builder: ContentBuilder) -> None:
    """Feed the blocks under `root` to the builder; no recursion, so depth costs nothing."""
    pieces: list[str] = []
    kinds: list[tuple[BlockKind, int]] = [("paragraph", 0)]

    def flush() -> None:
        kind, level = kinds[-1]
        builder.add(_clean("".join(pieces), kind), kind, level)
        pieces.clear()

    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _HIDDEN or _is_hidden(element):
                walker.skip_subtree()
                kinds.append(kinds[-1])
                continue
            if tag in _BLOCKS and not _inside_row(kinds, tag):
                flush()
                kinds.append(_kind_of(tag, kinds[-1]))
            else:
                kinds.append(kinds[-1])
                pieces.append(_separator(tag))
            pieces.append(element.text or "")
        elif event == "end":
            if tag in _BLOCKS and not _inside_row(kinds[:-1], tag) and tag not in _HIDDEN:
                flush()
            kinds.pop()
            pieces.append(element.tail or "")
        else:
            pieces.append(element.tail or "")
    flush()


def _separator(tag: str) -> str:
    if tag == "br":
        return "\n"
    if tag in _CELLS:
        return _CELL_MARK
    return " " if tag in _BLOCKS else ""


def _inside_row(kinds: list[tuple[BlockKind, int]], tag: str) -> bool:
    """Whether a block is part of a table row, which is one block whatever its cells hold."""
    return bool(kinds) and kinds[-1][0] == "row" and tag not in ("table", "tr")


def _is_hidden(element: lxml_html.HtmlElement) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or "display:none" in style
    )


def _kind_of(tag: str, parent: tuple[BlockKind, int]) -> tuple[BlockKind, int]:
    if tag[0] == "h" and tag[1:].isdigit():
        return "heading", int(tag[1])
    if tag in ("li", "dd", "dt"):
        return "item", 0
    if tag == "tr":
        return "row", 0
    if tag == "pre":
        return "code", 0
    return ("item", 0) if parent[0] == "item" else ("paragraph", 0)


def _clean(text: str, kind: BlockKind) -> str:
    if kind == "code":
        return text.replace("\r\n", "\n").replace(_CELL_MARK, " ")
    cells = [" ".join(cell.split()) for cell in text.split(_CELL_MARK)]
    return " | ".join(cell for cell in cells if cell)
