"""Tables of PDFs: each row is one block, whose cells follow each other."""

from collections.abc import Callable, Sequence

from fpdf import FPDF

from index import Document, join_lines
from index.documents import load_document
from index.text.sentences import split_sentences
from index.text.structure import Structure
from tests.printed import print_page


def draw(write: Callable[[FPDF], None]) -> bytes:
    pdf = FPDF()
    pdf.set_font("Times", size=10)
    pdf.add_page()
    write(pdf)
    return bytes(pdf.output())


def read(write: Callable[[FPDF], None]) -> Document:
    return load_document(draw(write), "a.pdf")


def rows(document: Document) -> list[tuple[str, str]]:
    return [
        (b.kind, document.text[b.start : b.end])
        for b in document.blocks
        if b.kind in ("header", "row")
    ]


def readable_rows(document: Document) -> list[str]:
    sentences = split_sentences(document.text, document.blocks)
    structure = Structure(document, sentences)
    numbers = range(len(sentences))
    return [structure.readable(n) for n in numbers if structure.block(n).kind == "row"]


def write_columns(
    pdf: FPDF, lines: Sequence[Sequence[str]], top: float = 30, pitch: float = 5
) -> None:
    for number, line in enumerate(lines):
        for column, text in enumerate(line):
            pdf.text(20 + 45 * column, top + pitch * number, text)


def write_cells(pdf: FPDF, lines: Sequence[Sequence[str]]) -> None:
    with pdf.table() as table:
        for line in lines:
            row = table.row()
            for text in line:
                row.cell(text)


def test_a_table_with_borders_whose_cells_are_wrapped() -> None:
    long = "It lifts whole boats from the water and puts them on the quay, where they are mended."
    cells = [["Crane", "Tons", "Use"], ["Anna", "40", long], ["Berta", "12", long]]
    document = read(lambda pdf: write_cells(pdf, cells))
    assert rows(document) == [
        ("header", "Crane | Tons | Use"),
        ("row", f"Anna | 40 | {long}"),
        ("row", f"Berta | 12 | {long}"),
    ]
    assert readable_rows(document)[1] == f"Crane: Berta | Tons: 12 | Use: {long}"


def test_empty_cells_are_kept_and_equal_ones_too() -> None:
    cells = [["Crane", "2024", "2025"], ["Anna", "", "40"], ["Berta", "12", "12"]]
    document = read(lambda pdf: write_cells(pdf, cells))
    assert readable_rows(document) == [
        "Crane: Anna | 2025: 40",
        "Crane: Berta | 2024: 12 | 2025: 12",
    ]


def test_a_header_over_several_columns() -> None:
    def write(pdf: FPDF) -> None:
        with pdf.table() as table:
            upper = table.row()
            upper.cell("Crane")
            upper.cell("Lifted in 2024", colspan=2)
            for line in (["", "tons", "boats"], ["Anna", "40.5", "3"], ["Berta", "12.1", "9"]):
                row = table.row()
                for text in line:
                    row.cell(text)

    assert readable_rows(read(write)) == [
        "Crane: Anna | Lifted in 2024 tons: 40.5 | Lifted in 2024 boats: 3",
        "Crane: Berta | Lifted in 2024 tons: 12.1 | Lifted in 2024 boats: 9",
    ]


def test_a_table_without_borders_between_paragraphs() -> None:
    def write(pdf: FPDF) -> None:
        pdf.text(20, 20, "The table below names the cranes.")
        lines = [
            ["Crane", "Tons lifted", "Built"],
            ["Anna", "40.5", "May 1901"],
            ["Berta of the old", "12.1", "June 1902"],
            ["harbour"],
            ["Cora", "7.0", "July 1903"],
        ]
        write_columns(pdf, lines)
        pdf.text(20, 70, "The cranes are still there.")

    document = read(write)
    assert rows(document) == [
        ("header", "Crane | Tons lifted | Built"),
        ("row", "Anna | 40.5 | May 1901"),
        ("row", "Berta of the old harbour | 12.1 | June 1902"),
        ("row", "Cora | 7.0 | July 1903"),
    ]
    assert [document.text[b.start : b.end] for b in document.blocks if b.kind == "paragraph"] == [
        "The table below names the cranes.",
        "The cranes are still there.",
    ]


def test_cells_that_are_written_one_after_the_other() -> None:
    def write(pdf: FPDF) -> None:
        for number, name in enumerate(("Anna", "Berta", "Cora")):
            top = 20 + 15 * number
            pdf.text(20, top, name)
            for at, line in enumerate(("lifts boats from the", "water of the harbour")):
                pdf.text(60, top + 5 * at, line)
            for at, line in enumerate((f"{number + 1}40", "tons")):
                pdf.text(120, top + 5 * at, line)

    assert rows(read(write)) == [
        ("row", "Anna | lifts boats from the water of the harbour | 140 tons"),
        ("row", "Berta | lifts boats from the water of the harbour | 240 tons"),
        ("row", "Cora | lifts boats from the water of the harbour | 340 tons"),
    ]


def test_signs_of_currencies_belong_to_their_amounts() -> None:
    def write(pdf: FPDF) -> None:
        for number, (name, amount) in enumerate((("Rope", "178"), ("Hook", "34"), ("All", "212"))):
            pdf.text(20, 20 + 5 * number, name)
            if number != 1:
                pdf.text(80, 20 + 5 * number, "$")
            pdf.text(100, 20 + 5 * number, amount)

    assert [text for _, text in rows(read(write))] == ["Rope | $ 178", "Hook | 34", "All | $ 212"]


def test_a_frame_around_text_is_no_table() -> None:
    def write(pdf: FPDF) -> None:
        pdf.rect(15, 10, 120, 30)
        pdf.text(20, 20, "The crane is forty metres tall, and it was")
        pdf.text(20, 25, "built in May.")

    document = read(write)
    assert [b.kind for b in document.blocks] == ["paragraph"]


def test_the_mark_is_on_the_cells_of_a_row() -> None:
    cells = [["Crane", "Tons"], ["Anna", "40"], ["Berta", "12"]]
    data = draw(lambda pdf: write_cells(pdf, cells))
    document = load_document(data, "a.pdf")
    start = document.text.index("Berta | 12")
    layout = print_page(data, document)
    lines = list(join_lines(layout, start, start + len("Berta | 12")))
    assert [document.text[line.start : line.end] for line in lines] == ["Berta", "12"]
