"""reStructuredText, parsed by docutils. Directives that read other files are disabled."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import docutils.core
from docutils import nodes
from docutils.utils import SystemMessage

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.sphinx import register_unknown
from index.documents.tables import join_cells
from index.documents.text import decode_text
from index.documents.titles import read_title
from index.types import Block, BlockKind

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,  # no warnings: most real files cause some
    "halt_level": 5,
    "syntax_highlight": "none",
    "doctitle_xform": False,
    "_disable_config": True,
}
_OMITTED = (nodes.comment, nodes.substitution_definition, nodes.target)
_LISTS = (nodes.bullet_list, nodes.enumerated_list, nodes.definition_list, nodes.field_list)
_LIST_ITEMS = (nodes.list_item, nodes.definition_list_item, nodes.field)


def load(data: bytes, name: str) -> Content:
    """Parse an .rst file."""
    settings = {**_SETTINGS, "warning_stream": io.StringIO()}
    try:
        source = decode_text(data)
        register_unknown(source)
        document = docutils.core.publish_doctree(source, settings_overrides=settings)
    except SystemMessage as error:
        raise ContentError("is not readable reStructuredText", "correct its markup") from error
    for message in list(document.findall(nodes.system_message)):
        message.parent.remove(message)
    builder = ContentBuilder()
    around = Block(0, 0)  # properties of text in a node; `level` counts sections, spans are unused
    stack: list[tuple[nodes.Node, Block]] = [(document, around)]
    while stack:
        node, around = stack.pop()
        if isinstance(node, nodes.row):
            kind: BlockKind = "header" if isinstance(node.parent, nodes.thead) else "row"
            builder.add(join_cells(entry.astext() for entry in node.children), kind)
        elif isinstance(node, nodes.literal_block | nodes.doctest_block):
            builder.add(node.astext(), "code", depth=around.depth, ordered=around.ordered)
        elif isinstance(node, nodes.TextElement):
            if not isinstance(node, _OMITTED):
                _add_text(builder, node, around)
        elif not isinstance(node, _OMITTED):
            stack += [(child, inside) for child, inside in reversed(list(_describe(node, around)))]
    return builder.build(read_title(source))


def _describe(node: nodes.Node, around: Block) -> Iterator[tuple[nodes.Node, Block]]:
    """Yield the children of a node, each with the properties of its text as a block."""
    if isinstance(node, nodes.section):
        around = replace(around, level=around.level + 1)
    elif isinstance(node, _LISTS):
        ordered = isinstance(node, nodes.enumerated_list)
        around = replace(around, depth=around.depth + 1, ordered=ordered)
    opens = isinstance(node, _LIST_ITEMS)
    for number, child in enumerate(node.children):
        yield child, replace(around, kind="item" if opens and number == 0 else "paragraph")


def _add_text(builder: ContentBuilder, node: nodes.TextElement, around: Block) -> None:
    text = " ".join(node.astext().split())
    if isinstance(node, nodes.title) and around.level:
        builder.add(text, "heading", min(around.level, 6))
    elif isinstance(node, nodes.caption | nodes.title):
        builder.add(text, "caption", depth=around.depth)
    else:
        builder.add(text, around.kind, depth=around.depth, ordered=around.ordered)
