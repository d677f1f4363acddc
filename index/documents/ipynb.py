"""Jupyter notebooks: the text, code and printed output of their cells."""

from __future__ import annotations

import json
from typing import Any

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.markdown import find_blocks
from index.documents.text import decode_text
from index.text.markup import strip_markup

_MAX_OUTPUT = 5000  # characters of each printed output


def load(data: bytes, name: str) -> Content:
    """Parse an .ipynb file of format 3 or 4."""
    try:
        notebook = json.loads(decode_text(data))
        cells = notebook.get("cells")
        if cells is None:
            cells = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
        builder = ContentBuilder()
        for number, cell in enumerate(cells, 1):
            _add_cell(builder, cell, number)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContentError("is not a readable notebook", "save it again from Jupyter") from error
    return builder.build()


def _add_cell(builder: ContentBuilder, cell: dict[str, Any], number: int) -> None:
    source = _join(cell.get("source", cell.get("input", "")))
    kind = cell.get("cell_type")
    if kind == "markdown":
        for block in find_blocks(source):
            text = strip_markup(source[block.start : block.end])
            builder.add(text, block.kind, block.level, number, block.depth, block.ordered)
    elif kind == "heading":
        builder.add(source, "heading", int(cell.get("level", 2)), number)
    elif kind == "code":
        builder.add(source, "code", row=number)
        for output in cell.get("outputs", ()):
            data = output.get("data") or {}
            printed = _join(output.get("text") or data.get("text/plain") or "")
            builder.add(printed[:_MAX_OUTPUT], "code", row=number)
    else:
        builder.add(source, row=number)


def _join(lines: Any) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines)
