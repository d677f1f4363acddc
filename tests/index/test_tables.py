"""Tables of presentations, sheets, CSV and Markdown: rows that can be read by themselves."""

import datetime
import io
from collections.abc import Sequence

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from index import Document, Structure
from index.documents import load_document
from index.documents.content import ContentBuilder
from index.documents.number_formats import show_value
from index.documents.tables import add_table
from index.text.sentences import split_sentences


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def readable(document: Document) -> list[str]:
    sentences = split_sentences(document.text, document.blocks)
    structure = Structure(document, sentences)
    return [structure.readable(number) for number in range(len(structure))]


def table(rows: Sequence[Sequence[str]], headers: int | None = None) -> list[tuple[str, str]]:
    builder = ContentBuilder()
    add_table(builder, rows, headers=headers)
    content = builder.build()
    return [(b.kind, content.text[b.start : b.end]) for b in content.blocks]


@pytest.mark.parametrize(
    ("rows", "headers", "expected"),
    [
        ([["a", "b"], ["1", "1"]], None, [("header", "a | b"), ("row", "1 | 1")]),
        ([["a", "b"], ["1", ""]], None, [("header", "a | b"), ("row", "1 |")]),
        ([["1", "2"], ["3", "4"]], None, [("row", "1 | 2"), ("row", "3 | 4")]),
        ([["", "2024", "2025"], ["x", "5", "6"]], None,
         [("header", "| 2024 | 2025"), ("row", "x | 5 | 6")]),
        ([["T"], ["a", "b"], ["x", "y"]], None,
         [("caption", "T"), ("header", "a | b"), ("row", "x | y")]),
        ([["k", "v|w"], ["x", "y"]], 0, [("row", r"k | v\|w"), ("row", "x | y")]),
        ([["a", "b"], ["", ""], ["1", "2"], ["", ""]], 1, [("header", "a | b"), ("row", "1 | 2")]),
        ([["", ""]], None, []),
    ],
)  # fmt: skip
def test_headers_titles_and_cells_in_their_columns(
    rows: list[list[str]], headers: int | None, expected: list[tuple[str, str]]
) -> None:
    assert table(rows, headers) == expected


def read_csv(text: str) -> list[str]:
    return [text for _, text in blocks(load_document(text.encode(), "a.csv"))]


def test_a_title_and_two_rows_of_names_in_csv() -> None:
    assert read_csv("Sales,,\n,2024,,2025\nRegion,Q1,Q2,Q1\nNorth,1,2,3\nSouth,4,,6\n") == [
        "Sales",
        "2024 | | 2025".replace("| |", "|  |"),
        "Region | Q1 | Q2 | Q1",
        "Region: North | 2024, Q1: 1 | 2024, Q2: 2 | 2025, Q1: 3",
        "Region: South | 2024, Q1: 4 | 2025, Q1: 6",
    ]


def test_another_table_below_an_empty_row_and_a_note_at_the_end() -> None:
    rows = "Item,Price,Paid\nRope,5,yes\n,,\nPort,Cranes,Depth\nKiel,9,11\nSource: our own count\n"
    assert read_csv(rows) == [
        "Item | Price | Paid",
        "Item: Rope | Price: 5 | Paid: yes",
        "Port | Cranes | Depth",
        "Port: Kiel | Cranes: 9 | Depth: 11",
        "Source: our own count",
    ]


def test_a_gap_alone_begins_no_table() -> None:
    rows = "Name,City\nAnn,Rome\n,\nBob,Kiel\nEve,Ulm\n"
    assert read_csv(rows)[2:] == ["Name: Bob | City: Kiel", "Name: Eve | City: Ulm"]


def test_xlsx_shows_dates_and_numbers_as_excel_does_with_comments_and_merged_cells() -> None:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["Region", "Day", "Share"])
    sheet.append(["North", datetime.date(2026, 11, 28), 0.125])
    sheet.append([None, datetime.date(2026, 1, 2), 0.5])
    sheet.merge_cells("A2:A3")
    for row in (2, 3):
        sheet.cell(row, 2).number_format = "dd.mm.yyyy"
        sheet.cell(row, 3).number_format = "0.0%"
    sheet["C3"].comment = Comment("An estimate.", "Ann")
    book.save(stream)
    document = load_document(stream.getvalue(), "a.xlsx")
    assert [text for _, text in blocks(document)][2:] == [
        "Region: North | Day: 28.11.2026 | Share: 12.5%",
        "Region: North | Day: 02.01.2026 | Share: 50.0%",
        "Comment on C3 by Ann: An estimate.",
    ]
    assert document.blocks[-1].row == 3


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (-3, '#,##0" €"', "-3 €"),
        (-3, "0;(0)", "(3)"),
        (5, "[$€-407]0.0", "€5.0"),
        (0.1 + 0.2, "General", "0.3"),
        (12, "0.00E+00", "12"),
        (0.5, "# ?/?", "0.5"),
        (datetime.datetime(2026, 3, 4, 15, 7), "d mmm yy h:mm", "4 Mar 26 15:07"),
        (datetime.datetime(2026, 3, 4, 15, 7), "hh:mm AM/PM", "03:07 PM"),
        (datetime.datetime(2026, 3, 4), "mm-dd-yy", "2026-03-04"),
        (datetime.time(9, 5), "h:mm:ss", "9:05:00"),
        (True, "General", "yes"),
        (None, "0", ""),
    ],
)
def test_values_are_shown_in_their_format(value: object, number_format: str, shown: str) -> None:
    assert show_value(value, number_format) == shown


def make_pptx() -> bytes:
    presentation, stream = Presentation(), io.BytesIO()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Costs"
    box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1))
    box.text_frame.text = "First line\vsecond line"
    frame = slide.shapes.add_table(3, 3, Inches(1), Inches(2), Inches(4), Inches(1))
    cells = [["Crane", "Tons", "Year"], ["Nine", "40", "1954"], ["", "40", "1961"]]
    for top, row in enumerate(cells):
        for left, text in enumerate(row):
            frame.table.cell(top, left).text = text
    frame.table.cell(1, 0).merge(frame.table.cell(2, 0))
    data = CategoryChartData()
    data.categories = ["2024", "2025"]
    data.add_series("Ships", (5, 7))
    where = Inches(1), Inches(4), Inches(4), Inches(3)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *where, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Ships a year"
    presentation.save(stream)
    return stream.getvalue()


def test_pptx_merged_cells_charts_and_line_breaks() -> None:
    document = load_document(make_pptx(), "a.pptx")
    assert blocks(document) == [
        ("heading", "Costs"),
        ("paragraph", "First line\nsecond line"),
        ("header", "Crane | Tons | Year"),
        ("row", "Nine | 40 | 1954"),
        ("row", "Nine | 40 | 1961"),
        ("caption", "Ships a year"),
        ("header", "| Ships"),
        ("row", "2024 | 5"),
        ("row", "2025 | 7"),
    ]
    assert "Crane: Nine | Tons: 40 | Year: 1961" in readable(document)
    assert "2025 | Ships: 7" in readable(document)


def test_pptx_merged_cells_end_where_they_end() -> None:
    presentation, stream = Presentation(), io.BytesIO()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = slide.shapes.add_table(5, 5, Inches(1), Inches(2), Inches(4), Inches(1)).table
    cells = [
        ["", "Cranes", "", "Ships", ""],
        ["", "new", "old", "new", "old"],
        ["North", "1", "2", "3", "4"],
        ["", "5", "6", "7", "8"],
        ["South", "9", "10", "11", "12"],
    ]
    for top, row in enumerate(cells):
        for left, text in enumerate(row):
            table.cell(top, left).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 3).merge(table.cell(0, 4))
    table.cell(2, 0).merge(table.cell(3, 0))
    presentation.save(stream)
    assert blocks(load_document(stream.getvalue(), "a.pptx")) == [
        ("header", "| Cranes, new | Cranes, old | Ships, new | Ships, old"),
        ("row", "North | 1 | 2 | 3 | 4"),
        ("row", "North | 5 | 6 | 7 | 8"),
        ("row", "South | 9 | 10 | 11 | 12"),
    ]


@pytest.mark.parametrize(("name", "kind"), [("a.ppsx", "slideshow"), ("a.potx", "template")])
def test_slide_shows_and_templates(name: str, kind: str) -> None:
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make_pptx())) as old, zipfile.ZipFile(stream, "w") as new:
        for item in old.namelist():
            body = old.read(item)
            if item == "[Content_Types].xml":
                body = body.replace(b"presentation.main", f"{kind}.main".encode())
            new.writestr(item, body)
    assert load_document(stream.getvalue(), name).blocks[0].kind == "heading"


def test_empty_cells_of_markdown_keep_their_columns() -> None:
    text = "| a | b | c |\n|---|---|---|\n|  | 2 |  |\n| 1 |  | 1 |\n"
    document = load_document(text.encode(), "a.md")
    assert readable(document)[1:] == ["b: 2", "a: 1 | c: 1"]
