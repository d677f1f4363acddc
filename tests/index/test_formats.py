"""Presentations, tables, books, e-mail and code: the blocks that are read, and their places."""

import io
import json
import zipfile

import pytest
from fpdf import FPDF
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

from index import Document, Place, UnreadableDocumentError
from index.documents import load_document, readable
from index.documents.outline import Outline


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def place_of(document: Document, words: str) -> Place:
    return Outline(document).place_at(document.text.index(words))


@pytest.mark.parametrize("suffix", [".markdown", ".mdx", ".qmd", ".Rmd"])
def test_markdown_has_several_suffixes(suffix: str) -> None:
    document = load_document(b"# Cranes\n\nThey *lift*.\n", f"a{suffix}")
    assert [kind for kind, _ in blocks(document)] == ["heading", "paragraph"]


def test_pptx_slides_are_read_in_order_with_tables_and_notes() -> None:
    presentation, stream = Presentation(), io.BytesIO()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "Cranes"
    first.placeholders[1].text = "They lift.\nThey turn."
    second = presentation.slides.add_slide(presentation.slide_layouts[5])
    second.shapes.title.text = "Costs"
    low = second.shapes.add_textbox(Inches(1), Inches(5), Inches(3), Inches(1))
    low.text_frame.text = "Further down."
    table = second.shapes.add_table(1, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Crane", "5,000 euros"
    second.notes_slide.notes_text_frame.text = "Remember the rope."
    presentation.core_properties.title = "Harbour"
    presentation.save(stream)
    document = load_document(stream.getvalue(), "talk.pptx")
    assert document.title == "Harbour"
    assert blocks(document) == [
        ("heading", "Cranes"),
        ("item", "They lift."),
        ("item", "They turn."),
        ("heading", "Costs"),
        ("row", "Crane | 5,000 euros"),
        ("paragraph", "Further down."),
        ("paragraph", "Remember the rope."),
    ]
    assert place_of(document, "They turn") == Place(slide=1, heading="Cranes")
    assert place_of(document, "Remember") == Place(slide=2, heading="Costs")


def test_xlsx_rows_contain_column_names_and_have_a_place() -> None:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = "Costs"
    for row in (["Item", "Price", "Paid"], ["Rope", 12.5, True], [], ["Hook", 3, None]):
        sheet.append(row)
    other = book.create_sheet("Notes")
    other["B7"] = "The rope is old."
    book.create_sheet("Hidden").sheet_state = "hidden"
    book.save(stream)
    document = load_document(stream.getvalue(), "costs.xlsx")
    assert blocks(document) == [
        ("heading", "Costs"),
        ("row", "Item | Price | Paid"),
        ("row", "Item: Rope | Price: 12.5 | Paid: yes"),
        ("row", "Item: Hook | Price: 3"),
        ("heading", "Notes"),
        ("row", "The rope is old."),
        ("heading", "Hidden (hidden sheet)"),
    ]
    assert place_of(document, "Item: Hook") == Place(sheet="Costs", row=4, heading="Costs")
    assert place_of(document, "The rope") == Place(sheet="Notes", row=7, heading="Notes")


@pytest.mark.parametrize(
    ("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.csv", "|")]
)
def test_csv_delimiter_is_detected(name: str, delimiter: str) -> None:
    rows = [["city", "people"], ["Köln", "1073096"], ["Ulm", "128928"], ["Bonn", "336465"]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode()
    document = load_document(data, name)
    assert [text for _, text in blocks(document)][1:3] == [
        "city: Köln | people: 1073096",
        "city: Ulm | people: 128928",
    ]
    assert place_of(document, "Bonn").row == 4


def test_csv_names_of_groups_may_stand_between_the_header_and_the_values() -> None:
    data = b"boat,hull,price\nrowing boats,,\nSkiff,oak,120\nDouble,ash,190\n"
    assert [text for _, text in blocks(load_document(data, "a.csv"))] == [
        "boat | hull | price",
        "rowing boats",
        "boat: Skiff | hull: oak | price: 120",
        "boat: Double | hull: ash | price: 190",
    ]


def test_csv_without_a_header_has_rows_without_column_names() -> None:
    document = load_document(b"1,2\n3,4\n", "a.csv")
    assert blocks(document) == [("row", "1 | 2"), ("row", "3 | 4")]


def test_json_values_are_rows_with_the_names_of_their_keys() -> None:
    value = {"name": "Port", "cranes": [{"id": 1, "ok": True}], "tags": ["a", "b"], "none": None}
    document = load_document(json.dumps(value).encode(), "a.json")
    assert blocks(document) == [
        ("row", "name: Port | tags: a, b"),
        ("row", "cranes.id: 1 | cranes.ok: yes"),
    ]
    long = "A long text stands for itself, for it is prose and its name would only be in its way."
    lines = "\n".join(json.dumps({"id": n, "text": long}) for n in (1, 2))
    document = load_document(lines.encode(), "a.jsonl")
    assert blocks(document) == [("row", "id: 1"), ("paragraph", long)] * 1 + [
        ("row", "id: 2"),
        ("paragraph", long),
    ]
    assert Outline(document).place_at(document.text.rindex(long)).row == 2
    with pytest.raises(UnreadableDocumentError, match="line 2 is not valid JSON"):
        load_document(b'{"a": 1}\n{"a": \n', "a.jsonl")


def test_epub_chapters_are_read_in_the_order_of_the_spine() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>The Harbour</dc:title>'
            '</metadata><manifest><item id="b" href="two%20b.xhtml" '
            'media-type="application/xhtml+xml"/><item id="a" href="../one.xhtml" '
            'media-type="application/xhtml+xml"/><item id="c" href="c.css" media-type="text/css"/>'
            '</manifest><spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/></spine>'
            "</package>",
        )
        page = '<?xml version="1.0"?><html><body><h1>{0}</h1><p>Text of {0}.</p></body></html>'
        archive.writestr("one.xhtml", page.format("Ebb"))
        archive.writestr("OEBPS/two b.xhtml", page.format("Flow"))
    document = load_document(stream.getvalue(), "book.epub")
    assert document.title == "The Harbour"
    assert [text for _, text in blocks(document)] == [
        "Ebb", "Text of Ebb.", "Flow", "Text of Flow.",
    ]  # fmt: skip
    assert place_of(document, "Text of Flow").heading == "Flow"


def test_epub_cannot_read_files_outside_the_archive() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><container><rootfiles>'
            '<rootfile full-path="book.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "book.opf",
            '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><package><metadata>'
            "<title>T &x;</title></metadata><manifest>"
            '<item id="a" href="../../../../etc/passwd" media-type="text/html"/></manifest>'
            '<spine><itemref idref="a"/></spine></package>',
        )
    with pytest.raises(UnreadableDocumentError):
        load_document(stream.getvalue(), "book.epub")


def test_eml_headers_text_and_attachments_are_read() -> None:
    data = (
        b"From: Anna <anna@example.org>\r\nTo: bob@example.org\r\n"
        b"Subject: =?utf-8?q?R=C3=BCgen?=\r\n"
        b"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n"
        b"<p>The ferry is late.</p><script>x</script>\r\n"
        b"--x\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename=plan.pdf\r\n\r\n%PDF\r\n--x--\r\n"
    )
    document = load_document(data, "mail.eml")
    assert document.title == "Rügen"
    assert [text for _, text in blocks(document)] == [
        "Rügen",
        "From: Anna <anna@example.org>",
        "To: bob@example.org",
        "Date: Mon, 02 Nov 2026 10:00:00 +0000",
        "The ferry is late.",
        "Attachment: plan.pdf",
    ]


def test_rst_sections_lists_tables_and_code_are_read() -> None:
    text = """
Harbour
=======

A *fine* place [1]_.

- ropes
- hooks

=====  =====
crane  tons
=====  =====
Anna   40
=====  =====

Depth
-----

.. include:: /etc/passwd

.. code:: sh

   sound --depth

.. [1] Seen in May.
"""
    document = load_document(text.encode(), "a.rst")
    assert document.title == "Harbour"
    found = blocks(document)
    assert found[:6] == [
        ("heading", "Harbour"),
        ("paragraph", "A fine place 1."),
        ("item", "ropes"),
        ("item", "hooks"),
        ("header", "crane | tons"),
        ("row", "Anna | 40"),
    ]
    assert ("code", "sound --depth") in found
    assert "root:" not in document.text
    assert place_of(document, "sound").heading == "Depth"


def test_rst_roles_and_directives_of_sphinx_are_read() -> None:
    text = (
        "Cranes\n======\n\n"
        ".. list-table::\n   :header-rows: 1\n\n   * - Name\n     - See\n"
        "   * - :py:meth:`~port.Crane.lift`\n     - :ref:`the ports <port-list>`\n\n"
        "Call :foo:`bar` twice.\n\n"
        ".. versionadded:: 3.2\n   The hook.\n\n"
        ".. function:: lift(load)\n   :noindex:\n\n   Lifts *it*.\n\n"
        ".. toctree::\n\n   ports\n\n"
        ".. literalinclude:: /etc/passwd\n\n"
        ".. only:: html\n\n   Said once.\n\n"
        ".. prompt:: bash\n\n   lift *now\n"
    )
    assert blocks(load_document(text.encode(), "a.rst")) == [
        ("heading", "Cranes"),
        ("header", "Name | See"),
        ("row", "lift | the ports"),
        ("paragraph", "Call bar twice."),
        ("paragraph", "Added in version 3.2 The hook."),
        ("paragraph", "lift(load)"),
        ("paragraph", "Lifts it."),
        ("paragraph", "Said once."),
        ("code", "lift *now"),
    ]


def test_ipynb_cells_and_outputs_are_read() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "\n", "The **moon** pulls."]},
        {
            "cell_type": "code",
            "source": "tide(3)",
            "outputs": [{"output_type": "stream", "text": ["high\n"]}],
        },
    ]
    document = load_document(json.dumps({"nbformat": 4, "cells": cells}).encode(), "a.ipynb")
    assert blocks(document) == [
        ("heading", "Tides"),
        ("paragraph", "The moon pulls."),
        ("code", "tide(3)"),
        ("code", "high"),
    ]
    assert place_of(document, "high") == Place(row=2, heading="Tides")


def test_source_code_is_kept_and_its_comments_are_paragraphs() -> None:
    text = (
        '"""Reckons tides. It knows the moon."""\n\nimport math\n\n\n'
        "# The harbour master wants this\n# rounded to whole metres.\n"
        'def tide(day: int) -> int:\n    """Return the height of the tide."""\n    return 3\n'
    )
    document = load_document(text.encode(), "tides.py")
    assert document.text == text
    assert blocks(document) == [
        ("paragraph", "Reckons tides. It knows the moon."),
        ("code", "import math"),
        ("paragraph", "The harbour master wants this\n# rounded to whole metres."),
        ("heading", "def tide(day: int) -> int:"),
        ("paragraph", "Return the height of the tide."),
        ("code", "    return 3"),
    ]
    comment = document.blocks[2]
    shown = readable(text[comment.start : comment.end], document.format)
    assert shown == "The harbour master wants this\nrounded to whole metres."
    assert place_of(document, "Return the height").heading == "def tide(day: int) -> int:"
    assert load_document(b"key: value\n", "a.yaml").text == "key: value\n"


def two_columns(pdf: FPDF, *, by_line: bool) -> None:
    left = [f"Left line number {n} tells of ropes and of hooks" for n in range(12)]
    right = [f"Right line number {n} tells of tides and of moons" for n in range(12)]
    pdf.add_page()
    pdf.set_font("Times", size=10)
    pdf.text(20, 20, "A Title That Goes Over Both Columns Of This Page And Is Wide Enough To Cross")
    lines = [(20, 30 + 6 * n, text) for n, text in enumerate(left)]
    lines += [(110, 30 + 6 * n, text) for n, text in enumerate(right)]
    for x, y, text in sorted(lines, key=lambda line: line[1]) if by_line else lines:
        pdf.text(x, y, text)


@pytest.mark.parametrize("by_line", [True, False])
def test_pdf_columns_are_read_one_after_the_other(by_line: bool) -> None:
    pdf = FPDF()
    two_columns(pdf, by_line=by_line)
    document = load_document(bytes(pdf.output()), "a.pdf")
    words = document.text.split()
    assert words[:2] == ["A", "Title"]
    sides = [word for word in words if word in ("Left", "Right")]
    assert sides == ["Left"] * 12 + ["Right"] * 12


def test_pdf_table_is_read_row_by_row() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Times", size=10)
    for row in range(8):
        for column, word in enumerate(("Crane", "lifts", "tons")):
            pdf.text(20 + 60 * column, 20 + 8 * row, f"{word}{row}")
    document = load_document(bytes(pdf.output()), "a.pdf")
    assert blocks(document)[3] == ("row", "Crane3 | lifts3 | tons3")


def test_pdf_running_headers_footers_and_page_numbers_are_left_out() -> None:
    class Book(FPDF):
        def header(self) -> None:
            self.set_font("Times", size=9)
            self.text(20, 10, "The Harbour Book")

        def footer(self) -> None:
            self.text(100, 290, f"Page {self.page_no()} of 4")

    pdf = Book()
    pdf.set_margin(20)
    for number in range(4):
        pdf.add_page()
        pdf.set_font("Times", size=12)
        pdf.multi_cell(150, 7, f"Chapter {number} speaks of the crane and goes on speaking of")
        pdf.multi_cell(150, 7, f"its rope number {number} until the page is full.")
    document = load_document(bytes(pdf.output()), "a.pdf")
    assert "Harbour Book" not in document.text
    assert "of 4" not in document.text
    assert "its rope number 3 until" in document.text
    assert place_of(document, "Chapter 2").page == 3
