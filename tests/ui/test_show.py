"""`rag show`: documents as they were read. Programs outside rely on the form of its JSON."""

import io
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from docx import Document as WordDocument
from fpdf import FPDF

from ui.cli import main

Show = Callable[..., dict[str, Any]]

pytestmark = pytest.mark.usefixtures("commands_here")


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str]) -> Show:
    def run(*arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        assert main(["show", "--json", *arguments]) == 0
        shown: dict[str, Any] = json.loads(capsys.readouterr().out)
        return shown

    return run


def make_docx() -> bytes:
    document, stream = WordDocument(), io.BytesIO()
    document.add_heading("Harbour", 1)
    document.add_heading("Cranes", 2)
    table = document.add_table(2, 2)
    for row, cells in enumerate((("Crane", "Tons"), ("Anna", "40"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.save(stream)
    return stream.getvalue()


def make_pdf() -> bytes:
    pdf = FPDF()
    for number in (1, 2):
        pdf.add_page()
        pdf.set_font("Times", size=12)
        pdf.text(20, 20, f"Page {number} tells of the crane.")
    return bytes(pdf.output())


HTML = "<h1>Harbour</h1><h2>Cranes</h2><table><tr><th>Crane<th>Tons<tr><td>Anna<td>40</table>"
MARKDOWN = "# Harbour\n\n## Cranes\n\n| Crane | Tons |\n| --- | --- |\n| Anna | 40 |\n"


@pytest.mark.parametrize(
    ("name", "data", "rows"),
    [
        ("a.md", MARKDOWN.encode(), ["Crane | Tons", "Anna | 40"]),
        ("a.html", HTML.encode(), ["Crane | Tons", "Anna | 40"]),
        ("a.docx", make_docx(), ["Crane | Tons", "Anna | 40"]),
        ("a.csv", b"Crane,Tons\nAnna,40\n", ["Crane | Tons", "Crane: Anna | Tons: 40"]),
    ],
    ids=["md", "html", "docx", "csv"],  # the bytes of a .docx change with the time
)
def test_each_row_of_a_table_is_a_block(
    name: str, data: bytes, rows: list[str], show: Show
) -> None:
    Path(name).write_bytes(data)
    shown = show(name)
    assert list(shown) == ["document", "title", "blocks"]
    assert shown["document"] == name
    found = [block for block in shown["blocks"] if block["kind"] == "row"]
    assert [block["text"] for block in found] == rows
    if name == "a.csv":
        assert [(block["heading"], block["row"]) for block in found] == [([], 1), ([], 2)]
    else:
        assert shown["title"] == "Harbour" or name == "a.html"
        assert [block["heading"] for block in found] == [["Harbour", "Cranes"]] * 2
    assert all(
        list(block) == ["kind", "text", "start", "end", "heading", "page", "slide", "sheet", "row"]
        for block in found
    )


def test_the_offsets_are_those_of_the_text(show: Show) -> None:
    text = "# Tower \U0001f5fc\n\nIt is *50* metres tall.\n\n- old\n- high\n"
    Path("a.md").write_text(text, "utf-8")
    blocks = show("a.md")["blocks"]
    assert [block["kind"] for block in blocks] == ["heading", "paragraph", "item", "item"]
    assert all(text[block["start"] : block["end"]] == block["text"] for block in blocks)
    assert [block["heading"] for block in blocks] == [[], *[["Tower \U0001f5fc"]] * 3]


def test_the_pages_of_a_pdf(show: Show) -> None:
    Path("a.pdf").write_bytes(make_pdf())
    blocks = show("a.pdf")["blocks"]
    assert [(block["page"], block["text"]) for block in blocks] == [
        (1, "Page 1 tells of the crane."),
        (2, "Page 2 tells of the crane."),
    ]


def test_an_indexed_document_is_shown_from_the_index(show: Show, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tower.md").write_text("# Tower\n\nIt is 50 metres tall.\n")
    assert main(["index", "docs", "--store", "store"]) == 0
    (docs / "tower.md").unlink()
    for name in ("docs/tower.md", "tower.md", str(docs / "tower.md")):
        shown = show(name, "--store", "store")
        assert shown["document"] == "docs/tower.md"
        assert [block["text"] for block in shown["blocks"]] == ["Tower", "It is 50 metres tall."]
    Path("new.txt").write_text("The pier is new.")
    assert show("new.txt", "--store", "store")["blocks"][0]["text"] == "The pier is new."


def test_attachments_and_replies_are_shown(show: Show, capsys: pytest.CaptureFixture[str]) -> None:
    docs = Path("docs")
    docs.mkdir()
    for name, subject, fields in (
        ("a.eml", "Tower", {"Message-ID": "<1@x>", "Date": "Sat, 28 Nov 2026 09:00:00 +0100"}),
        ("b.eml", "Re: Tower", {"In-Reply-To": "<1@x>"}),
    ):
        mail = EmailMessage()
        mail["Subject"] = subject
        for field, value in fields.items():
            mail[field] = value
        mail.set_content("It is old.")
        mail.add_attachment(b"# Plan\n\nIt is high.\n", "text", "markdown", filename="plan.md")
        (docs / name).write_bytes(mail.as_bytes())
    assert main(["index", "docs", "--store", "store"]) == 0
    shown = show("docs/a.eml/plan.md", "--store", "store")
    assert shown["title"] == "plan.md (attached to: Tower) (a.eml)"
    assert [block["text"] for block in shown["blocks"]] == ["Plan", "It is high."]
    assert show("b.eml", "--store", "store")["in_reply_to"] == "Tower (2026-11-28)"
    assert main(["show", "b.eml", "--store", "store"]) == 0
    assert "In reply to: Tower (2026-11-28)" in capsys.readouterr().out
    assert main(["documents", "--store", "store"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  in reply to: Tower (2026-11-28)" in lines
    assert not any("plan.md" in line and "bytes" in line for line in lines)


def test_what_cannot_be_shown_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder").mkdir()
    Path("bad.pdf").write_bytes(b"%PDF-1.4 and nothing else")
    Path("a.xyz").write_bytes(b"words")
    for name, message in (
        ("missing.md", "missing.md does not exist"),
        ("x" * 1000, "does not exist"),
        ("folder", "folder is a folder"),
        ("bad.pdf", "bad.pdf is not a readable PDF"),
        ("a.xyz", "a.xyz has an unknown format"),
    ):
        assert main(["show", name]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert message in captured.err
        assert len(captured.err.splitlines()) == 1


def test_people_see_headings_items_rows_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    code = "\n- one\n  - two\n\n```sh\nls\n```\n"
    Path("a.md").write_text(MARKDOWN + code)
    assert main(["show", "a.md"]) == 0
    shown = capsys.readouterr().out
    assert shown == (
        "Harbour (a.md)\n\n# Harbour\n\n## Cranes\n\n| Crane | Tons\n| Anna | 40\n\n"
        "- one\n  - two\n\n    ls\n"
    )
    Path("a.pdf").write_bytes(make_pdf())
    assert main(["show", "a.pdf"]) == 0
    assert "\n--- page 2 ---\n\nPage 2 tells" in capsys.readouterr().out
