"""PowerPoint presentations: the titles, text, tables, charts, notes and comments of each slide."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError

from index.documents.charts import add_chart
from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.ooxml import Package, link_id, make_readable
from index.documents.tables import add_table

_REMEDY = "open it in PowerPoint and save it again as .pptx"
_MAX_DEPTH = 20  # nested groups; shapes in deeper groups are omitted
_REPEATED = {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER}
_TEXT = re.compile(r"[^\W\d_]{2}")
_MADE_UP = re.compile(
    r"automatically generated|automatisch generiert|^[\w -]+\.(png|jpe?g|gif|emf)$"
)


def load(data: bytes, name: str) -> Content:
    """Parse a .pptx file, also with macros, a slide show or a template."""
    with Package(data, ".pptx") as package:
        try:
            presentation = Presentation(io.BytesIO(make_readable(data, ".pptx")))
        except (PackageNotFoundError, KeyError, ValueError) as error:
            raise ContentError("is not a readable .pptx file", _REMEDY) from error
        builder = ContentBuilder()
        for number, slide in enumerate(presentation.slides, 1):
            builder.begin("slide", number)
            _add_slide(builder, slide)
            _add_comments(builder, package, str(slide.part.partname).lstrip("/"))
    return builder.build((presentation.core_properties.title or "").strip())


def _add_slide(builder: ContentBuilder, slide: Any) -> None:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        builder.add(" ".join(title.text_frame.text.split()), "heading", 2)
    for shape in _in_reading_order(slide.shapes):
        if (title is None or shape.shape_id != title.shape_id) and not _is_repeated(shape):
            _add_shape(builder, shape, slide)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        _add_paragraphs(builder, slide.notes_slide.notes_text_frame)


def _is_repeated(shape: Any) -> bool:
    """Whether a shape has the same text on every slide, or its number."""
    return bool(shape.is_placeholder) and shape.placeholder_format.type in _REPEATED


def _add_shape(builder: ContentBuilder, shape: Any, slide: Any) -> None:
    if shape.has_text_frame:
        _add_paragraphs(builder, shape.text_frame)
    elif getattr(shape, "has_table", False):
        _add_table(builder, shape.table)
    elif getattr(shape, "has_chart", False):
        add_chart(builder, shape.chart._chartSpace)
    else:
        _add_drawing(builder, shape, slide)


def _add_table(builder: ContentBuilder, table: Any) -> None:
    rows = _merged_rows(table)
    # The file marks only the first row. Names over several columns may be divided in the second.
    spans = any(cell.is_merge_origin and cell.span_width > 1 for cell in rows[0]) if rows else False
    headers = 1 if table.first_row and not spans else None
    add_table(builder, [_read_row(row) for row in rows], headers=headers)


def _merged_rows(table: Any) -> list[list[Any]]:
    """Return the cells of a table; a merged cell stands in every place that it covers."""
    grid = [list(row.cells) for row in table.rows]
    filled = [list(row) for row in grid]
    for top, row in enumerate(grid):
        for left, cell in enumerate(row):
            if cell.is_merge_origin:
                for covered in filled[top : top + cell.span_height]:
                    width = len(covered[left : left + cell.span_width])
                    covered[left : left + width] = [cell] * width
    return filled


def _read_row(cells: list[Any]) -> list[str]:
    if cells[0].is_merge_origin and cells[0].span_width == len(cells):
        cells = cells[:1]
    return [cell.text.replace("\v", " ") for cell in cells]


def _add_drawing(builder: ContentBuilder, shape: Any, slide: Any) -> None:
    """Append the text of a diagram, or the description of a picture."""
    for diagram in shape._element.iter("{*}relIds"):
        part = slide.part.rels.get(link_id(diagram, "dm"))
        if part is not None and not part.is_external:
            root = etree.fromstring(part.target_part.blob, etree.XMLParser(resolve_entities=False))
            for point in root.iterfind(".//{*}pt"):
                text = "".join(run.text or "" for run in point.iter("{*}t"))
                builder.add(" ".join(text.split()), "item", depth=1)
    for about in shape._element.iter("{*}cNvPr"):
        words = " ".join((about.get("descr") or "").split())
        if _TEXT.search(words) and not _MADE_UP.search(words):
            builder.add(words, "caption")


def _add_comments(builder: ContentBuilder, package: Package, slide: str) -> None:
    """Append the comments of a slide, of the old and of the new kind."""
    authors = {
        author.get("id", ""): author.get("name", "")
        for main in package.targets("", "/officeDocument").values()
        for link in ("/commentAuthors", "/authors")
        for root in package.parts(main, link)
        for author in root
        if isinstance(author.tag, str)
    }
    for root in package.parts(slide, "/comments"):
        for comment in root.iter("{*}cm", "{*}reply"):
            own = [t for t in comment.iter("{*}text", "{*}t") if _owner(t) is comment]
            text = " ".join(" ".join(t.text or "" for t in own).split())
            author = authors.get(comment.get("authorId", ""), "")
            if text:
                builder.add(f"Comment by {author}: {text}" if author else f"Comment: {text}")


def _owner(text: etree._Element) -> etree._Element | None:
    return next(text.iterancestors("{*}cm", "{*}reply"), None)


def _add_paragraphs(builder: ContentBuilder, frame: Any) -> None:
    paragraphs = [(_read_lines(each.text), each) for each in frame.paragraphs]
    listed = sum(bool(text) for text, _ in paragraphs) > 1
    for text, paragraph in paragraphs:
        if listed:
            numbered = paragraph._p.find("{*}pPr/{*}buAutoNum") is not None
            builder.add(text, "item", depth=paragraph.level + 1, ordered=numbered)
        else:
            builder.add(text)


def _read_lines(text: str) -> str:
    r"""Return a paragraph's text with its line breaks, which python-pptx writes as ``\v``."""
    lines = text.replace("\u00ad", "").replace("\v", "\n").split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _in_reading_order(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the shapes, including those in groups, from top to bottom and left to right."""
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if hasattr(shape, "shapes"):
            if depth < _MAX_DEPTH:
                yield from _in_reading_order(shape.shapes, depth + 1)
        else:
            yield shape
