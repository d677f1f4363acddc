"""PowerPoint presentations: the titles, text, tables and notes of each slide."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pptx import Presentation
from pptx.exc import PackageNotFoundError

from index.documents.archives import open_archive
from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.tables import join_cells

_REMEDY = "open it in PowerPoint and save it again as .pptx"
_MAX_DEPTH = 20  # nested groups; shapes in deeper groups are omitted


def load(data: bytes, name: str) -> Content:
    """Parse a .pptx file."""
    open_archive(data, ".pptx").close()
    try:
        presentation = Presentation(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise ContentError("is not a readable .pptx file", _REMEDY) from error
    builder = ContentBuilder()
    for number, slide in enumerate(presentation.slides, 1):
        builder.begin("slide", number)
        _add_slide(builder, slide)
    return builder.build((presentation.core_properties.title or "").strip())


def _add_slide(builder: ContentBuilder, slide: Any) -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        builder.add(" ".join(title.text_frame.text.split()), "heading", 2)
    for shape in _in_reading_order(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.has_text_frame:
            _add_paragraphs(builder, shape.text_frame)
        elif getattr(shape, "has_table", False):
            for number, row in enumerate(shape.table.rows):
                header = number == 0 and shape.table.first_row and len(shape.table.rows) > 1
                cells = join_cells(cell.text for cell in row.cells)
                builder.add(cells, "header" if header else "row")
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        _add_paragraphs(builder, slide.notes_slide.notes_text_frame)


def _add_paragraphs(builder: ContentBuilder, frame: Any) -> None:
    paragraphs = [
        (" ".join(paragraph.text.split()), paragraph.level) for paragraph in frame.paragraphs
    ]
    listed = sum(bool(text) for text, _ in paragraphs) > 1
    for text, level in paragraphs:
        if listed:
            builder.add(text, "item", depth=level + 1)
        else:
            builder.add(text)


def _in_reading_order(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the shapes, including those in groups, from top to bottom and left to right."""
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if hasattr(shape, "shapes"):
            if depth < _MAX_DEPTH:
                yield from _in_reading_order(shape.shapes, depth + 1)
        else:
            yield shape
