"""Word documents: paragraphs, headings, lists, tables, notes, comments and boxes in reading order.

The XML is read with lxml. python-docx, which writes such files, skips content controls, text boxes,
notes and equations, and fails on files with an unusual table row or a link to a missing picture.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from index.documents.charts import add_chart
from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.docx_styles import Numbering, ParagraphKind, Styles, W, value_of
from index.documents.docx_tables import is_layout, read_table
from index.documents.docx_text import Inline, choose_alternative, is_placeholder, read_inline
from index.documents.ooxml import Package, link_id
from index.documents.tables import add_table

_REMEDY = "open it in a word processor and save it again as .docx"
_MAX_DEPTH = 50  # nested tables, boxes and notes
# Elements that group blocks without changing them.
_GROUPS = {W + name for name in "sdt sdtContent customXml smartTag ins moveTo body".split()}
_NOTES = {"footnote": "/footnotes", "endnote": "/endnotes", "comment": "/comments"}


def load(data: bytes, name: str) -> Content:
    """Parse a .docx, .docm, .dotx or .dotm file."""
    with Package(data, ".docx") as package:
        mains = [*package.targets("", "/officeDocument").values(), "word/document.xml"]
        main = next((part for part in mains if package.read(part) is not None), None)
        root = package.read(main) if main else None
        body = root.find(f"{W}body") if root is not None else None
        if main is None or body is None:
            raise ContentError("is not a readable .docx file", _REMEDY)
        reader = _Reader(package, main)
        reader.add_blocks(body)
        reader.end_code()
        reader.add_margins("/header")
        reader.add_margins("/footer")
        return reader.builder.build(package.title())


class _Reader:
    """Appends the blocks of one document. `main` is the name of its main part."""

    def __init__(self, package: Package, main: str) -> None:
        self.builder = ContentBuilder()
        self._package = package
        self._main = main
        self._styles = Styles(self._part("/styles"))
        self._numbering = Numbering(self._part("/numbering"))
        self._notes = {
            (kind, note.get(f"{W}id", "")): note
            for kind, link in _NOTES.items()
            for root in package.parts(main, link)
            for note in root.iterfind(W + kind)
        }
        self._seen: set[str] = set()  # headers and footers
        self._code: list[str] = []
        self._initial = ""  # a large first letter, which is a paragraph of its own in the file
        self._depth = 0

    def _part(self, kind: str) -> etree._Element | None:
        return next(iter(self._package.parts(self._main, kind)), None)

    def add_margins(self, kind: str) -> None:
        """Append the paragraphs of all headers or footers, each text once.

        Page numbers and repeated headings are omitted.
        """
        for root in self._package.parts(self._main, kind):
            for paragraph in root.iter(f"{W}p"):
                text = " ".join(read_inline(paragraph).text.split())
                if text in self._seen or _repeats_text(paragraph):
                    continue
                self._seen.add(text)
                if any(map(str.isalpha, text)):
                    self.builder.add(text)

    def add_blocks(self, parent: etree._Element) -> None:
        """Append the blocks in an element."""
        if self._depth >= _MAX_DEPTH:
            return
        self._depth += 1
        for element in _list_blocks(parent):
            if element.tag == f"{W}tbl":
                self._add_table(element)
            else:
                self._add_paragraph(element)
        self._depth -= 1

    def _add_paragraph(self, paragraph: etree._Element) -> None:
        kind = self._styles.describe(paragraph.find(f"{W}pPr"))
        inline = read_inline(paragraph)
        if paragraph.find(f"{W}pPr/{W}framePr[@{W}dropCap]") is not None:
            self._initial += inline.text
        elif kind.is_code and inline.text:
            self._code.append(_read_code(paragraph))
        else:
            self.end_code()
            if not kind.is_contents:
                self._add_text(kind, inline.text)
        self._add_anchored(inline)

    def end_code(self) -> None:
        """Append the lines of code read so far as one block."""
        if self._code:
            self.builder.add("\n".join(self._code), "code")
            self._code = []

    def _add_text(self, kind: ParagraphKind, text: str) -> None:
        text, self._initial = self._initial + text, ""
        number, ordered, depth = self._count(kind) if text else ("", False, 0)
        if number:
            text = f"{number} {text}"
        if kind.level:
            self.builder.add(" ".join(text.split()), "heading", kind.level)
        elif kind.name == "caption":
            self.builder.add(text, "caption")
        elif depth:
            self.builder.add(text, "item", depth=depth, ordered=ordered)
        else:
            self.builder.add(text)

    def _count(self, kind: ParagraphKind) -> tuple[str, bool, int]:
        """Return a paragraph's number, whether it is numbered, and how many lists are around it."""
        if kind.list_id:
            number, ordered = self._numbering.next_number(kind)
            return number.strip(), ordered, kind.list_level + 1
        style = kind.list_style
        return "", bool(style and style[1] == "number"), int(style[2] or 1) if style else 0

    def _add_anchored(self, inline: Inline) -> None:
        for picture in inline.pictures:
            self.builder.add(picture, "caption")
        for box in inline.boxes:
            self.add_blocks(box)
        for drawing in inline.drawings:
            self._add_drawing(drawing)
        for kind, number in inline.notes:
            note = self._notes.pop((kind, number), None)  # a note is read once
            if note is not None and kind == "comment":
                self._add_comment(note)
            elif note is not None:
                self.add_blocks(note)

    def _add_comment(self, comment: etree._Element) -> None:
        author = comment.get(f"{W}author", "").strip()
        words = (read_inline(paragraph).text for paragraph in comment.iter(f"{W}p"))
        text = " ".join(" ".join(words).split())
        if text:
            self.builder.add(f"Comment by {author}: {text}" if author else f"Comment: {text}")

    def _add_drawing(self, drawing: etree._Element) -> None:
        diagram = link_id(drawing, "dm")
        target = self._package.targets(self._main).get(diagram or link_id(drawing), "")
        root = self._package.read(target) if target else None
        if root is None:
            return
        if not diagram:
            add_chart(self.builder, root)
            return
        for point in root.iterfind(".//{*}pt"):
            self.builder.add(" ".join("".join(t.text or "" for t in point.iter("{*}t")).split()))

    def _add_table(self, table: etree._Element) -> None:
        self.end_code()
        if is_layout(table):
            for cell in table.iterfind(f"{W}tr/{W}tc"):
                self.add_blocks(cell)
            return
        read = read_table(table, self._styles, self._numbering)
        add_table(self.builder, read.rows, headers=read.headers)
        self._add_anchored(read.anchored)


def _list_blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield the paragraphs and tables in an element, also those in content controls."""
    stack: list[Iterator[etree._Element]] = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in (f"{W}p", f"{W}tbl"):
            yield element
        elif element.tag in _GROUPS:
            if not (is_placeholder(element) or _is_contents(element)):
                stack.append(iter(element))
        elif isinstance(element.tag, str) and element.tag.endswith("}AlternateContent"):
            chosen = choose_alternative(element)
            stack.append(iter(() if chosen is None else chosen))


def _is_contents(control: etree._Element) -> bool:
    return value_of(control, "sdtPr/docPartObj/docPartGallery") == "Table of Contents"


def _read_code(paragraph: etree._Element) -> str:
    """Return the text of a line of code with its white space."""
    signs = {f"{W}tab": "\t", f"{W}br": "\n"}
    parts = paragraph.iter(f"{W}t", *signs)
    return "".join(signs.get(str(part.tag), part.text or "") for part in parts)


def _repeats_text(paragraph: etree._Element) -> bool:
    """Whether a paragraph of a header has a page number or a heading of the page in it."""
    fields = [field.text or "" for field in paragraph.iter(f"{W}instrText")]
    fields += [field.get(f"{W}instr", "") for field in paragraph.iter(f"{W}fldSimple")]
    return any("PAGE" in field or "STYLEREF" in field for field in fields)
