"""HTML. The document's text is the visible text, block by block."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from lxml import etree
from lxml import html as lxml_html

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.html_text import (
    BLOCKS,
    CELLS,
    arranges_text,
    is_hidden,
    read_math,
    read_table,
)
from index.documents.labels import add_labels
from index.documents.main_content import keep_main
from index.documents.tables import add_table
from index.documents.text import decode_text
from index.types import Block

_LISTS = frozenset(("ul", "ol", "dl"))
_ITEMS = frozenset(("li", "dt"))
_CAPTIONS = frozenset(("caption", "figcaption"))
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


def load(data: bytes, name: str) -> Content:
    """Parse an HTML file. Scripts, styles, navigation and hidden elements are omitted."""
    builder = ContentBuilder()
    return builder.build(add_html(builder, data, main_only=True))


def add_html(builder: ContentBuilder, data: bytes | str, *, main_only: bool = False) -> str:
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
    title = " ".join((root.findtext(".//title") or "").split())
    if main_only:
        _remove_hidden(root)
        keep_main(root)
    _walk(root, builder)
    return title


def _remove_hidden(root: lxml_html.HtmlElement) -> None:
    for element in list(root.iter()):
        if element.getparent() is not None and (
            not isinstance(element.tag, str) or is_hidden(element)
        ):
            element.drop_tree()


def _decode(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):  # comes before what the page declares (HTML standard)
        return decode_text(data)
    declared = _CHARSET.search(data[:2048])
    if declared:
        try:
            return data.decode(declared[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            pass
    return decode_text(data)


def _walk(root: lxml_html.HtmlElement, builder: ContentBuilder) -> None:
    """Add the blocks under `root` to the builder. Not recursive, so any depth is allowed."""
    writer = _Writer(builder)
    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event == "start":
            if not writer.open(element):
                walker.skip_subtree()
        elif event == "end":
            writer.close(element)
        else:
            writer.pieces.append(element.tail or "")
    writer.flush()


@dataclass(slots=True)
class _Writer:
    """Collects the text between two borders of blocks, and adds it as a block.

    `kinds` has for each open element the properties of text in it; their spans are unused.
    """

    builder: ContentBuilder
    pieces: list[str] = field(default_factory=list)
    kinds: list[Block] = field(default_factory=lambda: [Block(0, 0)])
    opens_item: bool = False

    def open(self, element: lxml_html.HtmlElement) -> bool:
        """Begin an element. Return whether the elements in it are to be visited."""
        self.kinds.append(self.kinds[-1])
        tag = element.tag
        if tag == "math":
            self.pieces.append(read_math(element))
            return False
        if is_hidden(element):
            return False
        if tag == "table" and not arranges_text(element):
            self.flush()
            table, depth = read_table(element), self.kinds[-1].depth
            self.builder.add(table.caption, "caption", depth=depth)
            if table.has_labels:
                add_labels(self.builder, table.rows, depth)
            else:
                add_table(self.builder, table.rows, headers=table.headers, depth=depth)
            return False
        if tag in BLOCKS or tag in CELLS:
            self.flush()
            self.kinds[-1] = _describe(tag, self.kinds[-1])
            self.opens_item = self.opens_item or tag in _ITEMS
        self.pieces.append("\n" if tag == "br" else element.text or "")
        return True

    def close(self, element: lxml_html.HtmlElement) -> None:
        """End an element."""
        if (element.tag in BLOCKS or element.tag in CELLS) and not is_hidden(element):
            self.flush()
        self.kinds.pop()
        self.pieces.append(element.tail or "")

    def flush(self) -> None:
        """Add the text collected so far as a block."""
        around = self.kinds[-1]
        text = _clean("".join(self.pieces), around)
        self.pieces.clear()
        kind = around.kind
        if text and kind == "paragraph" and around.depth and self.opens_item:
            kind = "item"
        self.opens_item = self.opens_item and not text
        self.builder.add(text, kind, around.level, depth=around.depth, ordered=around.ordered)


def _describe(tag: str, parent: Block) -> Block:
    """Return the properties of text in an element as a block; `parent` are those of its parent."""
    if tag[0] == "h" and tag[1:].isdigit():
        return replace(parent, kind="heading", level=int(tag[1]))
    if tag in _LISTS:
        return replace(parent, kind="paragraph", depth=parent.depth + 1, ordered=tag == "ol")
    if tag == "pre":
        return replace(parent, kind="code")
    if tag in _CAPTIONS:
        return replace(parent, kind="caption")
    if parent.kind == "heading":  # a block in a heading is a part of it
        return parent
    return replace(parent, kind="paragraph", level=0)


def _clean(text: str, around: Block) -> str:
    text = text.replace("\u00ad", "")
    if around.kind == "code":
        return text.replace("\r\n", "\n")
    return " ".join(text.split())
