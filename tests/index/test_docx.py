"""What a Word document has beside plain paragraphs."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index import Document, UnreadableDocumentError
from index.documents import load_document
from index.text.sentences import split_sentences

W = nsdecls("w")
MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml"


def make(write: Callable[[Any], None]) -> bytes:
    document, stream = WordDocument(), io.BytesIO()
    write(document)
    document.save(stream)
    return stream.getvalue()


def read(*bodies: str, name: str = "a.docx") -> Document:
    """Return the document whose body consists of these elements."""

    def write(document: Any) -> None:
        end = document.element.body.sectPr
        for body in bodies:
            end.addprevious(parse_xml(re.sub(r"^<([\w:]+)", rf"<\1 {W} {MATH}", body)))

    return load_document(make(write), name)


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def add_part(data: bytes, name: str, content: str, link: str) -> bytes:
    """Return the document with one more part, to which its main part links."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for item in old.namelist():
            body = old.read(item)
            if item == "word/_rels/document.xml.rels":
                kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{link}"
                entry = f'<Relationship Id="rId99" Type="{kind}" Target="{name}"/></Relationships>'
                body = body.replace(b"</Relationships>", entry.encode())
            new.writestr(item, body)
        new.writestr(f"word/{name}", content)
    return stream.getvalue()


def test_content_controls_deletions_and_hidden_text() -> None:
    document = read(
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>",
        "<w:p><w:r><w:t>The price is </w:t></w:r><w:sdt><w:sdtContent><w:r><w:t>5 euros</w:t></w:r>"
        "</w:sdtContent></w:sdt><w:r><w:t>.</w:t></w:r></w:p>",
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Click here."
        "</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "<w:p><w:del><w:r><w:delText>Old.</w:delText></w:r></w:del><w:ins><w:r><w:t>New.</w:t></w:r>"
        "</w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>Secret.</w:t></w:r></w:p>",
    )
    assert [text for _, text in blocks(document)] == [
        "In a control.",
        "The price is 5 euros.",
        "New.",
    ]


def test_raised_digits_join_no_number() -> None:
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r>'
    body = f"<w:p><w:r><w:t>1,625</w:t></w:r>{raised}<w:r><w:t> tons</w:t></w:r></w:p>"
    assert read(body).text == "1,625² tons"


def test_text_boxes_are_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>"
    document = read(
        '<w:p xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<w:r><w:t>Around.</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:drawing>"
        f"{box.format('In the box.')}</w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"{box.format('In the box.')}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert [text for _, text in blocks(document)] == ["Around.", "In the box."]


def test_notes_follow_the_paragraph_that_refers_to_them() -> None:
    body = '<w:p><w:r><w:t>A claim.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'

    def write(document: Any) -> None:
        end = document.element.body.sectPr
        end.addprevious(parse_xml(body.replace("<w:p>", f"<w:p {W}>", 1)))
        document.add_paragraph("The next one.")

    notes = (
        f'<w:footnotes xmlns:w="{WORD}"><w:footnote w:id="2"><w:p><w:r><w:t>Its source.</w:t></w:r>'
        "</w:p></w:footnote></w:footnotes>"
    )
    document = load_document(add_part(make(write), "footnotes.xml", notes, "footnotes"), "a.docx")
    assert [text for _, text in blocks(document)] == ["A claim.", "Its source.", "The next one."]


def test_comments_name_their_author() -> None:
    def write(document: Any) -> None:
        paragraph = document.add_paragraph("The rope is old.")
        document.add_comment(paragraph.runs, "Replace it.", author="Ann Lee")

    assert blocks(load_document(make(write), "a.docx")) == [
        ("paragraph", "The rope is old."),
        ("paragraph", "Comment by Ann Lee: Replace it."),
    ]


def test_headers_are_read_once_and_without_page_numbers() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("Body.")
        for number in range(3):
            section = document.sections[0] if number == 0 else document.add_section()
            section.header.is_linked_to_previous = False
            section.header.paragraphs[0].text = "Harbour Office, Kiel"
        footer = document.sections[0].footer.paragraphs[0]
        footer._p.append(
            parse_xml(f'<w:fldSimple {W} w:instr="PAGE"><w:r><w:t>Page 1</w:t></w:r></w:fldSimple>')
        )

    texts = [text for _, text in blocks(load_document(make(write), "a.docx"))]
    assert texts == ["Body.", "Harbour Office, Kiel"]


def test_equations_are_latex() -> None:
    def run(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    square = f"<m:sSup><m:e>{run('r')}</m:e><m:sup>{run('2')}</m:sup></m:sSup>"
    fraction = f"<m:f><m:num>{run('A')}</m:num><m:den>{run('π')}{square}</m:den></m:f>"
    document = read(f"<w:p><w:r><w:t>It is </w:t></w:r><m:oMath>{fraction}</m:oMath></w:p>")
    assert blocks(document) == [("paragraph", r"It is \frac{A}{πr^{2}}")]


def test_list_numbers_are_those_that_word_shows() -> None:
    numbering = (
        f'<w:numbering xmlns:w="{WORD}"><w:abstractNum w:abstractNumId="7">'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="%1."/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>'
        '<w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    items = [("0", "Open"), ("1", "Left"), ("1", "Right"), ("0", "Close"), ("1", "All")]

    def write(document: Any) -> None:
        document.part._rels.pop(document.part.numbering_part.partname, None)
        root = document.part.numbering_part.element
        for child in list(root):
            root.remove(child)
        for child in parse_xml(numbering):
            root.append(child)
        for level, text in items:
            end = document.element.body.sectPr
            end.addprevious(
                parse_xml(
                    f'<w:p {W}><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/>'
                    f"</w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
                )
            )

    document = load_document(make(write), "a.docx")
    assert blocks(document) == [
        ("item", "1. Open"),
        ("item", "1.a) Left"),
        ("item", "1.b) Right"),
        ("item", "2. Close"),
        ("item", "2.a) All"),
    ]
    assert [block.depth for block in document.blocks] == [1, 2, 2, 1, 2]
    assert all(block.ordered for block in document.blocks)


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def test_merged_cells_and_two_header_rows_below_a_title() -> None:
    two = '<w:gridSpan w:val="2"/>'
    first, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    document = read(
        "<w:tbl>"
        + row(cell("Sales by region", '<w:gridSpan w:val="3"/>'))
        + row(cell("Region", first), cell("2025", two))
        + row(cell("", more), cell("Q1"), cell("Q2"))
        + row(cell("North", first), cell("5"), cell("5"))
        + row(cell("", more), cell("7"), cell(""))
        + "</w:tbl>"
    )
    assert blocks(document)[:2] == [
        ("caption", "Sales by region"),
        ("header", "Region | 2025, Q1 | 2025, Q2"),
    ]
    assert blocks(document)[2:] == [("row", "North | 5 | 5"), ("row", "North | 7 |")]


def test_a_nested_table_is_text_in_its_cell() -> None:
    inner = "<w:tbl>" + row(cell("inner 1"), cell("inner 2")) + "</w:tbl>"
    outer = f"<w:tc><w:p><w:r><w:t>Outer</w:t></w:r></w:p>{inner}</w:tc>"
    document = read("<w:tbl>" + row(cell("left"), outer) + "</w:tbl>")
    assert blocks(document) == [("row", "left | Outer inner 1; inner 2")]


def test_a_table_of_one_column_only_arranges_text() -> None:
    document = read("<w:tbl>" + row(cell("First.")) + row(cell("Second.")) + "</w:tbl>")
    assert blocks(document) == [("paragraph", "First."), ("paragraph", "Second.")]


def test_an_odd_row_and_an_unknown_style_do_not_lose_the_file() -> None:
    document = read(
        "<w:tbl><w:tr/>" + row(cell("a", '<w:gridSpan w:val="x"/>'), cell("b")) + "<w:tr/></w:tbl>",
        '<w:p><w:pPr><w:pStyle w:val="Nowhere"/></w:pPr><w:r><w:t>Text.</w:t></w:r></w:p>',
    )
    assert blocks(document) == [("row", "a | b"), ("paragraph", "Text.")]


def test_a_header_is_one_sentence() -> None:
    document = read(
        "<w:tbl>"
        + row(cell("Is it? No. Art. 5"), cell("Price. Total."))
        + row(cell("x"), cell("y"))
        + "</w:tbl>"
    )
    assert len(split_sentences(document.text, document.blocks)) == 2


@pytest.mark.parametrize("name", ["a.docm", "a.dotx", "a.dotm", "a.docx"])
def test_the_strict_form_and_the_other_suffixes(name: str) -> None:
    stream = io.BytesIO()
    data = make(lambda document: document.add_heading("Harbour", 1))
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for item in old.namelist():
            body = old.read(item).decode("utf-8", "surrogateescape")
            body = re.sub(
                r"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument)/2006/(\w+)",
                rf"{STRICT}/\1/\2",
                body,
            )
            new.writestr(item, body.encode("utf-8", "surrogateescape"))
    assert blocks(load_document(stream.getvalue(), name)) == [("heading", "Harbour")]


def test_an_encrypted_file_is_named_as_such() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 40
    with pytest.raises(UnreadableDocumentError, match="is encrypted"):
        load_document(data, "a.docx")
