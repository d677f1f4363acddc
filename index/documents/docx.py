"""Word documents: paragraphs, headings, lists and tables in the order they are read."""

from __future__ import annotations

import io
import zipfile

from docx import Document as open_docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from index.documents.content import Content, ContentBuilder, ContentError

# A .docx of 200 MiB may unpack to far more; real ones stay well below this.
_MAX_UNPACKED = 1024**3
_REMEDY = "open it in a word processor and save it again as .docx"


def load(data: bytes) -> Content:
    """Read a .docx file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MAX_UNPACKED:
                raise ContentError("unpacks to more than 1 GiB", "split it")
        document = open_docx(io.BytesIO(data))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise ContentError("is not a readable .docx file", _REMEDY) from error
    builder = ContentBuilder()
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            _add_table(builder, item)
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
        builder.add(text, "item")
    else:
        builder.add(text)


def _add_table(builder: ContentBuilder, table: Table) -> None:
    for row in table.rows:
        cells: list[str] = []
        for cell in row.cells:
            text = " ".join(cell.text.split())
            # A merged cell is given once for every column it spans.
            if text and text not in cells[-1:]:
                cells.append(text)
        builder.add(" | ".join(cells), "row")
