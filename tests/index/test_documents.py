"""Text, Markdown, HTML, PDF and Word files: their blocks, encodings and errors."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document as WordDocument
from fpdf import FPDF

from index import (
    Document,
    DocumentError,
    EmptyDocumentError,
    UnknownFormatError,
    UnreadableDocumentError,
)
from index.documents import load_document, read_bytes
from index.documents.outline import Outline
from index.text.markup import strip_markup


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def make_pdf(write: Callable[[FPDF], None]) -> bytes:
    pdf = FPDF()
    pdf.set_font("Times", size=12)
    write(pdf)
    return bytes(pdf.output())


def make_docx(write: Callable[..., None]) -> bytes:
    document, stream = WordDocument(), io.BytesIO()
    write(document)
    document.save(stream)
    return stream.getvalue()


def test_text_file_is_decoded_and_its_newlines_are_unified() -> None:
    document = load_document(b"One.\r\nTwo.\rThree.\n\n\nFour.", "notes/my_file-1.txt")
    assert document.text == "One.\nTwo.\nThree.\n\n\nFour."
    assert document.title == "my file 1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_encoding_is_detected(encoding: str) -> None:
    text = "Der Bürgermeister von Köln hieß Müller. Er übte fürchterlich schöne Gefühle aus."
    assert load_document(text.encode(encoding), "a.txt").text == text


def test_wrapped_lines_are_one_paragraph_and_listed_lines_are_several() -> None:
    wrapped = (
        "The committee met on the first day of the month and talked about the budget for\n"
        "the coming year, which had been prepared by the treasurer and by his two deputies\n"
        "in March."
    )
    assert len(load_document(wrapped.encode(), "a.txt").blocks) == 1
    listed = "1990: The bridge is planned\n1994: Work begins\n1998: The first car crosses it\n"
    assert len(load_document(listed.encode(), "a.txt").blocks) == 3


def test_markdown_text_is_kept_and_divided_into_blocks() -> None:
    text = (
        "---\ntitle: x\n---\n# The *title*\n\nHello **there**.\n\n- item one\n  goes on\n- two\n\n"
        "> said\n> twice\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n\nUnder\n-----\n"
    )
    document = load_document(text.encode(), "a.md")
    assert document.text == text
    assert document.title == "The title"
    assert blocks(document) == [
        ("heading", "The *title*"),
        ("paragraph", "Hello **there**."),
        ("item", "item one\n  goes on"),
        ("item", "two"),
        ("paragraph", "said\n> twice"),
        ("header", "a | b"),
        ("row", "1 | 2"),
        ("code", "x = 1"),
        ("heading", "Under"),
    ]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("**bold** and *thin* and `code`", "bold and thin and code"),
        ("a [link](http://x.y/z) here", "a link here"),
        ("***both***, ~~gone~~", "both, gone"),
        ("snake_case_name stays, 2 * 3 * 4 stays", "snake_case_name stays, 2 * 3 * 4 stays"),
        (r"1\. escaped \*", "1. escaped *"),
        ('<button class="a" aria-controls="b">For tests</button>', "For tests"),
        ('at <time datetime="09:00">nine</time>', "at nine"),
        ("wait <time> seconds for <label>", "wait <time> seconds for <label>"),
        ("![a plan](the plan.png) Then [more](more of it.md#all)", "a plan Then more"),
        (
            "salt &amp; pepper &ndash; &#8364;5, `&lt;` and &nosuch; R&D",
            "salt & pepper – €5, &lt; and &nosuch; R&D",
        ),
        ("[![a plan](a.png)](b.png) shows [it](see above)", "a plan shows [it](see above)"),
    ],
)
def test_markdown_markup_is_removed_from_readable_text(marked: str, plain: str) -> None:
    assert strip_markup(marked) == plain


def test_html_contains_only_visible_text() -> None:
    page = (
        "<html><head><title> The  title </title><style>p{}</style></head><body><nav>menu</nav>"
        "<h1>Head</h1><p>One <b>two</b>,\n three.<br>Four.<script>evil()</script>"
        "<ul><li>a<li><p>b</p> c</ul><table><tr><th>x<td>y</table><p hidden>no</p>"
        "<!-- no --><pre>k  k</pre>tail</body>"
    )
    document = load_document(page.encode(), "a.html")
    assert document.title == "The title"
    assert blocks(document) == [
        ("heading", "Head"),
        ("paragraph", "One two, three. Four."),
        ("item", "a"),
        ("item", "b"),
        ("paragraph", "c"),
        ("row", "x | y"),
        ("code", "k  k"),
        ("paragraph", "tail"),
    ]


def test_html_encoding_is_read_and_too_deep_html_is_an_error() -> None:
    latin = '<meta charset="iso-8859-1"><p>Köln'.encode("latin-1")
    assert load_document(latin, "a.html").text == "Köln"
    deep = b"<div>" * 10_000 + b"<p>bottom</p>"
    with pytest.raises(DocumentError):  # the parser has a depth limit and does not crash
        load_document(deep, "a.html")


def test_pdf_paragraphs_continue_over_pages_and_hyphens_are_joined() -> None:
    def write(pdf: FPDF) -> None:
        pdf.set_title("Report")
        pdf.add_page()
        pdf.multi_cell(60, 6, "The first page speaks of many things that wrap over lines.")
        pdf.ln(10)
        pdf.multi_cell(60, 6, "A second para-\ngraph goes on and")
        pdf.add_page()
        pdf.multi_cell(60, 6, "ends on the next page. Then more.")

    document = load_document(make_pdf(write), "a.pdf")
    assert document.title == "Report"
    assert blocks(document) == [
        ("paragraph", "The first page speaks of many things that wrap over lines."),
        ("paragraph", "A second paragraph goes on and ends on the next page. Then more."),
    ]
    assert Outline(document).place_at(0).page == 1
    assert Outline(document).place_at(document.text.index("ends on")).page == 2
    assert document.text[document.parts[1].start :].startswith("ends on the next page.")


def test_docx_headings_lists_and_tables_are_read_in_order() -> None:
    def write(document: WordDocument) -> None:
        document.add_heading("The report", 0)
        document.add_paragraph("First words.")
        document.add_paragraph("An item", style="List Bullet")
        table = document.add_table(1, 2)
        table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
        document.add_heading("Part", 1)

    document = load_document(make_docx(write), "a.docx")
    assert document.title == "The report"
    assert blocks(document) == [
        ("heading", "The report"),
        ("paragraph", "First words."),
        ("item", "An item"),
        ("row", "left | right"),
        ("heading", "Part"),
    ]


def encrypted_pdf() -> bytes:
    def write(pdf: FPDF) -> None:
        pdf.set_encryption("owner", "secret")
        pdf.add_page()
        pdf.cell(text="hidden")

    return make_pdf(write)


def zip_without_word() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("hello.txt", "hello")
    return stream.getvalue()


def name_case(value: str | bytes) -> str:
    """Return the id of a value. Some files have random bytes: an id must not contain them."""
    return value if isinstance(value, str) else "data"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("broken.docx", b"PK\x03\x04 not a zip", "not a readable .docx"),
        ("other.docx", zip_without_word(), "not a readable .docx"),
        ("broken.pdf", b"%PDF-1.7 nothing", "not a readable PDF"),
        ("locked.pdf", encrypted_pdf(), "encrypted"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a readable picture"),
        ("noise.txt", bytes(range(256)) * 8, "binary"),
        ("picture.md", b"GIF89a....", "binary"),
    ],
    ids=name_case,
)
def test_unreadable_file_is_reported_with_its_name_and_a_remedy(
    name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableDocumentError, match=reason) as caught:
        load_document(data, f"some/{name}")
    assert caught.value.path == f"some/{name}"
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"---\n***\n"),
        ("a.html", b"<html><body><script>x</script></body></html>"),
        ("a.md", b"---\ntitle: x\n---\n"),
        ("scan.pdf", make_pdf(lambda pdf: pdf.add_page())),
        ("a.docx", make_docx(lambda document: None)),
    ],
    ids=name_case,
)
def test_document_without_text_is_reported_as_empty(name: str, data: bytes) -> None:
    with pytest.raises(EmptyDocumentError, match=name):
        load_document(data, name)


def test_unknown_empty_and_missing_files_are_reported(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text("words")
    (tmp_path / "b.txt").write_text(" \n")
    with pytest.raises(UnknownFormatError, match=r"a\.xyz .*\.pdf"):
        read_bytes(tmp_path / "a.xyz", "a.xyz")
    with pytest.raises(EmptyDocumentError, match="is empty"):
        read_bytes(tmp_path / "b.txt", "b.txt")
    with pytest.raises(UnreadableDocumentError, match="No such file"):
        read_bytes(tmp_path / "c.txt", "c.txt")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-16-le", "The harbour has nine cranes.\r\n"),
        ("utf-16-be", "Der Hafen in Köln hat neun Kräne.\n"),
        ("utf-16-le", "港には九つのクレーンがある。\nそれらは1954年に建てられた。\n"),
        ("utf-32-le", "Kräne\n"),
        ("shift_jis", "港には九つのクレーンがある。それらは1954年に建てられた。\n"),
        ("iso2022_jp", "港には九つのクレーンがある。\n"),
        ("gb18030", "港口有九台起重机。它们建于1954年。绳子很旧。\n"),
        ("big5", "港口有九台起重機。它們建於1954年。繩子很舊。\n"),
        ("euc-kr", "항구에는 크레인이 아홉 대 있다. 1954년에 지어졌다.\n"),
        ("koi8-r", "В порту девять кранов. Они построены в 1954 году.\n"),
    ],
)
def test_text_encoding_is_detected_without_a_byte_order_mark(encoding: str, text: str) -> None:
    assert load_document(text.encode(encoding), "a.txt").text == text.replace("\r\n", "\n")


def test_html_tags_in_markdown_are_removed() -> None:
    text = (
        "<!-- no -->\n<table>\n<tr><td>Nine <b>old</b> cranes</td></tr>\n</table>\n\n"
        "Press <kbd>F5</kbd>, see <name> and `<b>`.\n"
    )
    document = load_document(text.encode(), "a.md")
    shown = [strip_markup(text[b.start : b.end]) for b in document.blocks]
    assert shown == ["Nine old cranes", "Press F5, see <name> and <b>."]
