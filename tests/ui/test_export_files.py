"""Exports as Word and PDF."""

from dataclasses import replace
from io import BytesIO

import docx
import pypdfium2
import pytest

from rag.errors import FootnoteError
from rag.types import Answer, Citation
from ui.state.conversation import Exchange
from ui.state.notes import Note
from ui.views.export import write_markdown
from ui.views.export_pdf import write_pdf
from ui.views.export_word import write_word
from ui.views.exported import list_exchanges, list_notes

CITATION = Citation(1, "a/b.txt", "A title", 4, 9, "Größe", 3)
TEXT = "Größe: Привет. [1] 5 kg\u0007\n\n- one\n- two [1]\n\n3. three\n\n```\nmake  all\n```"
ANSWER = Answer("Q?", TEXT, False, "extractive", (CITATION,), emphasis=((0, 5),))
SECTIONS = [
    *list_exchanges(
        [Exchange("What?", answer=ANSWER), Exchange("And?", error="It failed")], "None"
    ),
    *list_notes([Note("Why?", replace(ANSWER, text="Because. [1]"), remark="My own words")]),
]


def read_pdf(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_word_document_has_headings_lists_marks_and_references() -> None:
    document = docx.Document(BytesIO(write_word("Notes", SECTIONS, "References")))
    shown = [(each.style.name, each.text) for each in document.paragraphs]
    assert ("Heading 1", "What?") in shown
    assert ("List Bullet", "two[1]") in shown
    assert ("Normal", "3. three") in shown
    assert ("No Spacing", "make  all") in shown
    assert ("Normal", "It failed") in shown
    assert ("Intense Quote", "My own words") in shown
    # The same sentence is one reference.
    assert [text for _, text in shown if text.startswith("[")] == [
        "[1] A title, page 3 (a/b.txt, characters 4 to 9)"
    ]
    (line,) = [each for each in document.paragraphs if "Привет" in each.text]
    assert [run.text for run in line.runs if run.bold] == ["Größe"]
    assert [run.text for run in line.runs if run.font.superscript] == ["[1]"]


def test_a_pdf_has_the_same() -> None:
    text = read_pdf(write_pdf("Notes", SECTIONS, "References"))
    for told in (
        "What?",
        "Größe: Привет.[1] 5 kg",
        "two[1]",
        "3. three",
        "make all",
        "It failed",
        "My own words",
        "[1] A title, page 3 (a/b.txt, characters 4 to 9)",
    ):
        assert told in text


def test_a_pdf_goes_on_over_many_pages() -> None:
    content = write_pdf("Notes", SECTIONS * 60, "References")
    assert len(pypdfium2.PdfDocument(content)) > 5


def test_a_pdf_that_would_lose_letters_is_refused() -> None:
    chinese = list_exchanges([Exchange("漢字?", error="x")], "None")
    with pytest.raises(FootnoteError, match="save it as Word"):
        write_pdf("Notes", chinese, "References")
    assert "漢字" in docx.Document(BytesIO(write_word("N", chinese, "R"))).paragraphs[1].text
    symbol = list_exchanges([Exchange("A \U0001fae0 face", error="x")], "None")
    assert "face" in read_pdf(write_pdf("Notes", symbol, "References"))


def test_markdown_keeps_the_visitors_own_words() -> None:
    assert "\n> My own words\n" in write_markdown("Notes", SECTIONS)


ROW = Citation(1, "fees.csv", "Fees", 0, 10, "Skiff | 12", 0)
FEES = "boat: Skiff | fee: 12 [1]"
TABLE = list_exchanges(
    [
        Exchange(
            "Fees?", answer=Answer("Q?", "boat: Skiff | fee: 12 [1]", False, "extractive", (ROW,))
        )
    ],
    "None",
)


def test_rows_of_tables_are_exported_with_the_names_of_their_columns() -> None:
    word = docx.Document(BytesIO(write_word("Notes", TABLE, "References")))
    assert "boat: Skiff | fee: 12[1]" in [each.text for each in word.paragraphs]
    assert "boat: Skiff | fee: 12" in read_pdf(write_pdf("Notes", TABLE, "References"))
    assert "fee: 12[^1-1]" in write_markdown("Notes", TABLE)
