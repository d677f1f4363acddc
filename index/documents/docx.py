"""Word documents: paragraphs, headings, lists and tables in reading order."""

from __future__ import annotations

import io

from docx import Document as open_docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from index.documents.archives import open_archive
from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.tables import join_cells

_REMEDY = "open it in a word processor and save it again as .docx"


def load(data: bytes, name: str) -> Content:
    """Parse a .docx file."""
    open_archive(data, ".docx").close()
    try:
        document = open_docx(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise ContentError("is not a readable .docx file", _REMEDY) from error
    builder = ContentBuilder()
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            for number, row in enumerate(item.rows):
                header = number == 0 and len(item.rows) > 1 and len(item.columns) > 1
                cells = join_cells(cell.text for cell in row.cells)
                builder.add(cells, "header" if header else "row")
        else:
            _add_paragraph(builder, item)
    return builder.build((document.core_properties.title or "").strip())


def _add_paragraph(builder: ContentBuilder, paragraph: Paragraph) -> None:
    style = paragraph.style.name if paragraph.style is not None else ""
    text = " ".join(paragraph.text.split())
    if style == "Title":
        builder.add(text, "heading", 1)
    elif style.startswith("Heading "):
        level = style.removeprefix("Heading ")
        builder.add(text, "heading", int(level) if level.isdigit() else 2)
    elif style.startswith("List"):
        last = style.split()[-1]  # "List Bullet 2" is an item of a nested list
        depth = int(last) if last.isdigit() else 1
        builder.add(text, "item", depth=depth, ordered="Number" in style)
    else:
        builder.add(text)
