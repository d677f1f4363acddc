"""HTML. The document's text is the visible text, block by block."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree
from lxml import html as lxml_html

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.text import decode_text
from index.types import Block

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
_LISTS = frozenset(("ul", "ol", "dl"))
_ITEMS = frozenset(("li", "dt"))
_CAPTIONS = frozenset(("caption", "figcaption"))
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_CELL_MARK = "\x1f"


def load(data: bytes, name: str) -> Content:
    """Parse an HTML file. Scripts, styles, navigation and hidden elements are omitted."""
    builder = ContentBuilder()
    return builder.build(add_html(builder, data))


def add_html(builder: ContentBuilder, data: bytes | str) -> str:
    """Append the blocks of a page and return its title. Raises `ContentError`."""
    source = _decode(data) if isinstance(data, bytes) else data
    # lxml rejects a str with an XML encoding declaration.
    source = _XML_DECLARATION.sub("", source)
    parser = lxml_html.HTMLParser(huge_tree=True)  # otherwise the limit is 256 nested elements
    try:
        root = lxml_html.document_fromstring(source, parser)
    except etree.ParserError as error:
        raise ContentError("holds no HTML", "open and save it again") from error
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        # lxml has dropped the rest of the page, and does not report where it stopped.
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
    """Add the blocks under `root` to the builder. Not recursive, so any depth is allowed."""
    pieces: list[str] = []
    kinds = [Block(0, 0)]  # for each open element the properties of text in it; spans are unused
    opens_item = False

    def flush() -> None:
        nonlocal opens_item
        around = kinds[-1]
        text = _clean("".join(pieces), around)
        pieces.clear()
        kind = around.kind
        if text and kind == "paragraph" and around.depth and opens_item:
            kind = "item"
        opens_item = opens_item and not text
        builder.add(text, kind, around.level, depth=around.depth, ordered=around.ordered)

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
                kinds.append(_describe(element, tag, kinds[-1]))
                opens_item = opens_item or tag in _ITEMS
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


def _inside_row(kinds: list[Block], tag: str) -> bool:
    """Whether an element is inside a table row, which is always one block."""
    return bool(kinds) and kinds[-1].kind in ("row", "header") and tag not in ("table", "tr")


def _is_hidden(element: lxml_html.HtmlElement) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or "display:none" in style
    )


def _describe(element: lxml_html.HtmlElement, tag: str, parent: Block) -> Block:
    """Return the properties of text in an element as a block; `parent` are those of its parent."""
    if tag[0] == "h" and tag[1:].isdigit():
        return replace(parent, kind="heading", level=int(tag[1]))
    if tag in _LISTS:
        return replace(parent, kind="paragraph", depth=parent.depth + 1, ordered=tag == "ol")
    if tag == "tr":
        return replace(parent, kind="header" if _names_columns(element) else "row")
    if tag == "pre":
        return replace(parent, kind="code")
    if tag in _CAPTIONS:
        return replace(parent, kind="caption")
    return replace(parent, kind="paragraph", level=0)


def _names_columns(row: lxml_html.HtmlElement) -> bool:
    cells = [cell for cell in row if cell.tag in _CELLS]
    return len(cells) > 1 and all(cell.tag == "th" for cell in cells)


def _clean(text: str, around: Block) -> str:
    if around.kind == "code":
        return text.replace("\r\n", "\n").replace(_CELL_MARK, " ")
    cells = [" ".join(cell.split()) for cell in text.split(_CELL_MARK)]
    return " | ".join(cell for cell in cells if cell)
