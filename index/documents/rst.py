"""reStructuredText, read by docutils; directives that would read other files are off."""

from __future__ import annotations

import io

import docutils.core
from docutils import nodes
from docutils.utils import SystemMessage

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.tables import join_cells
from index.documents.text import decode_text
from index.types import BlockKind

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,  # none of its messages: most files in use have some
    "halt_level": 5,
    "syntax_highlight": "none",
    "doctitle_xform": False,
    "_disable_config": True,
}
_LEFT_OUT = (nodes.comment, nodes.system_message, nodes.substitution_definition, nodes.target)
_LISTED = (nodes.list_item, nodes.definition, nodes.field)


def load(data: bytes, name: str) -> Content:
    """Read an .rst file."""
    settings = {**_SETTINGS, "warning_stream": io.StringIO()}
    try:
        document = docutils.core.publish_doctree(decode_text(data), settings_overrides=settings)
    except SystemMessage as error:
        raise ContentError("is not readable reStructuredText", "mend its markup") from error
    builder = ContentBuilder()
    stack: list[tuple[nodes.Node, int, BlockKind]] = [(document, 0, "paragraph")]
    while stack:
        node, depth, kind = stack.pop()
        if isinstance(node, nodes.row):
            builder.add(join_cells(entry.astext() for entry in node.children), "row")
        elif isinstance(node, nodes.literal_block | nodes.doctest_block):
            builder.add(node.astext(), "code")
        elif isinstance(node, nodes.TextElement):
            if not isinstance(node, _LEFT_OUT):
                heading = isinstance(node, nodes.title) and depth > 0
                text = " ".join(node.astext().split())
                builder.add(text, "heading" if heading else kind, min(depth, 6) if heading else 0)
        elif not isinstance(node, _LEFT_OUT):
            depth += isinstance(node, nodes.section)
            kind = "item" if isinstance(node, _LISTED) else kind
            stack += [(child, depth, kind) for child in reversed(node.children)]
    return builder.build()
