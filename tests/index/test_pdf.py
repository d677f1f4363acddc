"""PDF: order of reading, directions, paragraphs, headings, running lines and forms."""

import io
from collections.abc import Callable

import pypdfium2 as pdfium
import pytest
from fpdf import FPDF

from index import Document
from index.documents import load_document
from index.documents.outline import Outline
from index.text.postings import split_terms
from index.text.sentences import split_sentences
from tests.printed import find_boxes


def make_pdf(write: Callable[[FPDF], None]) -> bytes:
    pdf = FPDF()
    pdf.set_font("Times", size=12)
    pdf.add_page()
    write(pdf)
    return bytes(pdf.output())


def read(write: Callable[[FPDF], None]) -> Document:
    return load_document(make_pdf(write), "a.pdf")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def write_lines(pdf: FPDF, x: float, y: float, *lines: str, pitch: float = 5) -> None:
    for number, line in enumerate(lines):
        pdf.text(x, y + pitch * number, line)


def turn_pages(data: bytes, angle: int) -> bytes:
    """Return the PDF with the key /Rotate on each page."""
    with pdfium.PdfDocument(data) as pdf:
        for page in pdf:
            page.set_rotation(angle)
            page.close()
        stream = io.BytesIO()
        pdf.save(stream)
    return stream.getvalue()


def assemble(parts: list[str]) -> bytes:
    """Return a PDF of these objects. The first one is its root."""
    body, places = "%PDF-1.4\n", ""
    for number, part in enumerate(parts, 1):
        places += f"{len(body):010} 00000 n \n"
        body += f"{number} 0 obj{part}endobj\n"
    size = len(parts) + 1
    end = f"trailer<</Root 1 0 R/Size {size}>>startxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{places}{end}".encode("latin-1")


def write_letters(text: str, unicode: dict[str, str]) -> bytes:
    """Return a PDF with one line of Helvetica, in which some letters mean other characters."""
    pairs = [(letter, meaning.encode("utf-16-be").hex()) for letter, meaning in unicode.items()]
    meanings = " ".join(f"<{ord(letter):02X}> <{code}>" for letter, code in pairs)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "1 begincodespacerange <00> <FF> endcodespacerange "
        f"{len(pairs)} beginbfchar {meanings} endbfchar endcmap end end"
    )
    content = f"BT /F 12 Tf 50 100 Td ({text}) Tj ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream",
    ]
    return assemble(parts)


@pytest.mark.parametrize(("drawn", "shown"), [(90, 90), (270, 270), (180, 180), (90, 0)])
def test_a_turned_page_is_read_as_if_it_were_upright(drawn: int, shown: int) -> None:
    def write(pdf: FPDF) -> None:
        with pdf.rotation(drawn, 105, 148):
            write_lines(pdf, 60, 140, "The crane is forty metres", "tall and was built in May.")

    data = turn_pages(make_pdf(write), shown)
    document = load_document(data, "a.pdf")
    assert blocks(document) == [
        ("paragraph", "The crane is forty metres tall and was built in May.")
    ]


def test_the_mark_is_on_the_words_of_a_turned_page() -> None:
    def write(pdf: FPDF) -> None:
        with pdf.rotation(90, 105, 148):
            write_lines(pdf, 60, 140, "The crane is forty metres", "tall and was built in May.")

    data = turn_pages(make_pdf(write), 90)
    document = load_document(data, "a.pdf")
    (box,) = find_boxes(data, document, "built in May")
    assert box[1] == pytest.approx(0.5, abs=0.05)  # the middle of the page


def test_text_set_sideways_in_the_margin_stands_apart() -> None:
    def write(pdf: FPDF) -> None:
        with pdf.rotation(90, 10, 150):
            pdf.text(10, 150, "arXiv:2203.01017v2 11 Mar 2022")
        write_lines(pdf, 30, 20, "The crane is forty metres tall", "and was built in May.")

    assert blocks(read(write)) == [
        ("paragraph", "The crane is forty metres tall and was built in May."),
        ("paragraph", "arXiv:2203.01017v2 11 Mar 2022"),
    ]


def test_text_from_right_to_left_is_in_the_order_of_reading() -> None:
    letters = dict(zip("ABCDEF", "שלום דג".replace(" ", ""), strict=True))
    drawn = "FE DCBA"  # as it stands on the page, from left to right
    document = load_document(write_letters(drawn, letters), "a.pdf")
    assert document.text == "שלום דג"


def test_the_arabic_ligature_of_lam_and_alef_is_in_the_order_of_reading() -> None:
    letters = {"A": "س", "B": "\ufefc", "C": "م"}
    document = load_document(write_letters("CBA", letters), "a.pdf")
    assert document.text == "سلام"


def test_a_character_without_a_meaning_is_a_bullet_at_the_start_of_a_line() -> None:
    document = load_document(write_letters("A The rope is old.", {"A": "\uf0b7"}), "a.pdf")
    assert blocks(document) == [("item", "• The rope is old.")]


def test_parts_drawn_too_early_or_too_late_are_put_in_their_place() -> None:
    def write(pdf: FPDF) -> None:
        write_lines(pdf, 20, 280, "The foot of the page stands here.")
        write_lines(
            pdf, 20, 60, "Then the second part follows,", "which is drawn before the first."
        )
        write_lines(pdf, 20, 20, "The first part is drawn last,", "although it is at the top.")

    text = read(write).text
    places = [text.index(word) for word in ("first part", "second part", "foot of")]
    assert places == sorted(places)


def test_the_end_of_a_line_that_is_drawn_after_the_next_line_is_put_in_its_place() -> None:
    def write(pdf: FPDF) -> None:
        for y, cells in ((20, ("Crane", "2009")), (26, ("Anna", "40.5", "41.0"))):
            for column, cell in enumerate(cells):
                pdf.text(20 + 40 * column, y, cell)
        pdf.text(100, 20, "2010")
        for column, cell in enumerate(("Berta", "12.1", "13.5")):
            pdf.text(20 + 40 * column, 32, cell)

    assert blocks(read(write)) == [
        ("header", "Crane | 2009 | 2010"),
        ("row", "Anna | 40.5 | 41.0"),
        ("row", "Berta | 12.1 | 13.5"),
    ]


def test_a_footnote_and_a_caption_do_not_divide_a_sentence() -> None:
    def write(pdf: FPDF) -> None:
        write_lines(
            pdf, 20, 20, "The harbour has a crane that is forty metres", "tall. It was built by"
        )
        write_lines(pdf, 20, 30, "masters who came from the north of the old")
        pdf.set_font("Times", size=8)
        write_lines(pdf, 20, 270, "1 The rope is from Riga.")
        pdf.add_page()
        pdf.set_font("Times", size=12)
        write_lines(pdf, 20, 20, "country in the year of the flood.")

    assert blocks(read(write)) == [
        ("paragraph", "1 The rope is from Riga."),
        (
            "paragraph",
            "The harbour has a crane that is forty metres tall. It was built by masters who came "
            "from the north of the old country in the year of the flood.",
        ),
    ]


def test_headings_by_size_and_weight() -> None:
    def write(pdf: FPDF) -> None:
        def add(style: str, size: int, y: float, *lines: str) -> None:
            pdf.set_font("Times", style, size)
            write_lines(pdf, 20, y, *lines)

        add("", 20, 20, "The Harbour")
        add("", 16, 40, "Cranes")
        add("", 12, 50, "The first crane is forty metres tall, and", "it was built by two masters.")
        add("B", 12, 70, "Ropes")
        add("", 12, 76, "A rope is made of hemp that comes from", "the north, where it grows well.")
        add("B", 12, 96, "This whole sentence is bold, but it is a sentence.")

    document = read(write)
    headings = [(b.level, document.text[b.start : b.end]) for b in document.blocks if b.level]
    assert headings == [(1, "The Harbour"), (2, "Cranes"), (3, "Ropes")]
    place = Outline(document).place_at(document.text.index("hemp"))
    assert place.heading == "Ropes"


def test_a_text_that_is_the_same_on_each_page_is_kept() -> None:
    def write(pdf: FPDF) -> None:
        for number in range(3):
            if number:
                pdf.add_page()
            write_lines(
                pdf, 20, 20, "Each copy of this form has the same", "text from its top to its end."
            )

    assert read(write).text.count("Each copy of this form") == 3


def write_pages(pdf: FPDF, pages: int, head: Callable[[int], str], size: int = 10) -> None:
    for page in range(pages):
        if page:
            pdf.add_page()
        pdf.set_font("Times", size=size)
        pdf.text(20, 15, head(page))
        pdf.set_font("Times", size=12)
        name = "ab" * page  # no number, which would make the lines of all pages alike
        write_lines(pdf, 20, 40, f"This is the harbour of {name}.", f"Its crane is {name}.")


def test_running_lines_of_a_chapter_are_left_out() -> None:
    def head(page: int) -> str:
        return f"2. The Harbours {page}" if page in (4, 6, 8) else f"About town {'ab' * page}"

    text = read(lambda pdf: write_pages(pdf, 20, head)).text
    assert "The Harbours" not in text
    assert "About town" in text


def test_a_long_running_line_with_the_page_number_is_left_out() -> None:
    name = "The harbours of the north and what their cranes have carried since 1954"
    text = read(lambda pdf: write_pages(pdf, 4, lambda page: f"{page + 10} {name}")).text
    assert "cranes have carried" not in text


def test_a_heading_that_is_repeated_on_some_pages_is_kept() -> None:
    def head(page: int) -> str:
        return "Results" if page in (4, 8, 14) else f"About town {'ab' * page}"

    assert read(lambda pdf: write_pages(pdf, 20, head)).text.count("Results") == 3


def test_a_title_that_is_repeated_on_some_slides_is_kept() -> None:
    def head(page: int) -> str:
        return f"The Cranes ({page})" if page in (4, 5, 6) else f"About town {'ab' * page}"

    assert "The Cranes (5)" in read(lambda pdf: write_pages(pdf, 20, head, size=24)).text


def test_hyphens_at_line_ends_and_numbers_stay_whole() -> None:
    def write(pdf: FPDF) -> None:
        write_lines(pdf, 20, 20, "The har-", "bour sold 1,625,601 tons of well-", "Known ropes.")

    assert read(write).text == "The harbour sold 1,625,601 tons of well-Known ropes."


def test_raised_digits_join_no_number_and_begin_no_sentence() -> None:
    def write(pdf: FPDF) -> None:
        pdf.set_xy(20, 20)
        for text, raised in (
            ("The harbour has 1,625", False), ("4", True), (" tons of rope.", False),
            ("12", True), (" It is old. H", False),
        ):  # fmt: skip
            pdf.char_vpos = "SUP" if raised else "LINE"
            pdf.write(5, text)
        pdf.char_vpos = "SUB"
        pdf.write(5, "2")
        pdf.char_vpos = "LINE"
        pdf.write(5, "O is water.")

    document = read(write)
    assert document.text == "The harbour has 1,625⁴ tons of rope.¹² It is old. H2O is water."
    sentences = split_sentences(document.text, document.blocks)
    assert [document.text[s.start : s.end] for s in sentences] == [
        "The harbour has 1,625⁴ tons of rope.¹²",
        "It is old.",
        "H2O is water.",
    ]
    assert "1625" in split_terms(document.text)


def test_a_table_of_contents_has_one_row_for_each_entry() -> None:
    def write(pdf: FPDF) -> None:
        for number, name in enumerate(("Cranes", "Ropes", "Tides")):
            pdf.text(20, 20 + 6 * number, f"{name} " + ". " * (40 - 4 * number))
            pdf.text(120, 20 + 6 * number, str(number + 3))

    assert blocks(read(write)) == [
        ("row", "Cranes | 3"),
        ("row", "Ropes | 4"),
        ("row", "Tides | 5"),
    ]


def make_form() -> bytes:
    """Return a PDF with the text of a form and two filled fields."""
    text = "BT /F 12 Tf 50 100 Td (Name:) Tj 0 -30 Td (Member) Tj ET"
    field = "/Type/Annot/Subtype/Widget/P 3 0 R/F 4"
    parts = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R 7 0 R]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Contents 4 0 R/Annots[6 0 R 7 0 R]"
        "/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<<{field}/FT/Tx/T(name)/V(Nora Lind)/Rect[100 96 300 112]>>",
        f"<<{field}/FT/Tx/Ff 8192/T(secret)/V(hunter2)/Rect[100 66 300 82]>>",
    ]
    return assemble(parts)


def test_the_values_of_a_form_stand_beside_their_labels() -> None:
    text = load_document(make_form(), "a.pdf").text
    assert "Name: Nora Lind" in text
    assert "hunter2" not in text  # a password


def test_a_damaged_page_does_not_lose_the_others() -> None:
    text = "BT /F 12 Tf 50 100 Td (The rope is old.) Tj ET"
    parts = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[6 0 R 3 0 R]/Count 2>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/Nothing>>",
    ]
    assert load_document(assemble(parts), "a.pdf").text == "The rope is old."
