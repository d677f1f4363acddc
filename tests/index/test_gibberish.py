"""Pages of PDFs whose fonts do not say which letters they show."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from index import Document
from index.documents import load_document
from index.errors import EmptyDocumentError
from tests.printed import find_boxes

FONT = Path(__file__).parents[2] / "ui" / "views" / "fonts" / "DejaVuSans.ttf"
# fpdf numbers the letters of a font in the order of their first use. Without the table of letters,
# pdfium takes the numbers for characters: the first 31 are control characters.
RARE = "ABCDEFGJKLMNOPQRSUVWXYZ0123456789"
TEXT = "The harbour crane is forty metres tall. It was built by two engineers of the town."


def make_pdf(*texts: str, letters: bool = False) -> bytes:
    pdf = FPDF()
    pdf.add_font("DejaVu", fname=FONT)
    pdf.set_font("DejaVu", size=14)
    for text in texts:
        pdf.add_page()
        pdf.multi_cell(0, 8, text, align="L")
    data = bytes(pdf.output())
    assert b"/ToUnicode" in data
    return data if letters else data.replace(b"/ToUnicode", b"/NoUnicode")


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)


def read(data: bytes) -> Document:
    return load_document(data, "a.pdf")


GIBBERISH: dict[str, Callable[[], bytes]] = {
    "all is unknown": lambda: make_pdf(TEXT),
    "some is unknown": lambda: make_pdf(f"{RARE}\n\n{TEXT}\n\n{TEXT}\n\n{TEXT}"),
}


def test_a_page_with_only_a_few_unknown_letters_is_recognised() -> None:
    assert read(make_pdf("The crane is tall.")).text == "The crane is tall."


@pytest.mark.parametrize("name", GIBBERISH)
def test_gibberish_is_recognised_like_a_scan(name: str) -> None:
    data = GIBBERISH[name]()
    document = read(data)
    assert "The harbour crane is forty metres tall." in document.text
    assert [scan.page for scan in document.scans] == [1]
    assert find_boxes(data, document, "harbour")


@pytest.mark.parametrize("name", GIBBERISH)
def test_without_the_extra_gibberish_is_named(name: str, without_extra: None) -> None:
    with pytest.raises(EmptyDocumentError, match="fonts do not say which letters") as caught:
        read(GIBBERISH[name]())
    assert caught.value.needs == "ocr"


def write_both(pdf: FPDF, text: str, unknown: str) -> None:
    pdf.set_font("Helvetica", size=14)
    pdf.text(20, 40, text)
    pdf.set_font("DejaVu", size=14)
    pdf.text(20, 60, unknown)


def test_other_pages_are_read_without_the_extra(without_extra: None) -> None:
    pdf = FPDF()
    pdf.add_font("DejaVu", fname=FONT)
    for text in ("The first page has text.", ""):
        pdf.add_page()
        write_both(pdf, text, "" if text else TEXT)
    document = read(bytes(pdf.output()).replace(b"/ToUnicode", b"/NoUnicode"))
    assert document.text == "The first page has text."
    assert document.remark == (
        "page 2 was not read, because its fonts do not say which letters they show: "
        "install footnote-rag[ocr], then run `rag index` again"
    )


def test_a_line_of_unknown_letters_is_left_out_of_a_page(without_extra: None) -> None:
    pdf = FPDF()
    pdf.add_font("DejaVu", fname=FONT)
    pdf.add_page()
    write_both(pdf, TEXT, "abcdefghijklmnopqrstuv")
    document = read(bytes(pdf.output()).replace(b"/ToUnicode", b"/NoUnicode"))
    assert document.text == TEXT
    assert document.remark == ""


def test_unknown_letters_below_running_headers_are_no_text(without_extra: None) -> None:
    pdf = FPDF()
    pdf.add_font("DejaVu", fname=FONT)
    for unknown in ("abc", "abcd", "abcde"):
        pdf.add_page()
        write_both(pdf, "The annual report", unknown)
    with pytest.raises(EmptyDocumentError, match="holds no text"):
        read(bytes(pdf.output()).replace(b"/ToUnicode", b"/NoUnicode"))


def test_a_font_with_letters_is_read(without_extra: None) -> None:
    assert read(make_pdf(f"{RARE} {TEXT}", letters=True)).text.endswith("of the town.")
