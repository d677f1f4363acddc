"""Very deep, long or numerous content is kept, cut or refused, at low cost."""

import os
from collections.abc import Callable
from itertools import pairwise

import pytest

from index import DocumentRecord
from index.documents import load_document
from index.documents.outline import Outline
from rag.assistant import Assistant
from rag.errors import QuestionError, UnknownDocumentError
from rag.library.documents import choose_documents
from rag.library.library import Library
from tests.printed import find_boxes


@pytest.mark.parametrize("levels", [9, 10, 40, 400])
def test_lists_are_kept_however_deep_they_are(levels: int) -> None:
    text = "".join(f"{'  ' * level}- Crane {level} lifts.\n" for level in range(levels))
    document = load_document(f"{text}\nThe end is here.\n".encode(), "a.md")
    kept = "\n".join(document.text[block.start : block.end] for block in document.blocks)
    assert all(f"Crane {level} lifts." in kept for level in range(levels))
    assert document.text[document.blocks[-1].start :].strip() == "The end is here."
    assert all(one.end <= other.start for one, other in pairwise(document.blocks))
    if levels <= 40:  # each line is a separate item
        assert [block.kind for block in document.blocks[:-1]] == ["item"] * levels


@pytest.mark.parametrize("levels", [19, 25, 90, 3000])
def test_quotes_are_kept_however_deep_they_are(levels: int) -> None:
    document = load_document(f"{'>' * levels} So she said.\n\nThe end.\n".encode(), "a.md")
    kept = [document.text[block.start : block.end] for block in document.blocks]
    assert kept == ["So she said.", "The end."]


@pytest.mark.timeout(60)  # Python's parser needs more for a field of three megabytes
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "# {0}\n\nThe roof is flat."),
        ("a.html", "<title>{0}</title><h1>{0}</h1><p>The roof is flat.</p>"),
        ("a.eml", "Subject: {0}\n\nThe roof is flat.\n"),
    ],
)
def test_a_long_title_is_shortened(name: str, content: str) -> None:
    document = load_document(content.format("word " * 600_000).encode(), name)
    assert document.title.startswith("word word")
    assert len(document.title) <= 200
    place = Outline(document).place_at(document.text.rindex("The roof"))
    assert place.heading is not None
    assert len(place.heading) <= 200


def draw_pdf(text: bytes, **meanings: str) -> bytes:
    """Return a PDF with one line, in which some letters are mapped to other UTF-16 characters."""
    chars = " ".join(f"<{ord(letter):02X}> <{code}>" for letter, code in meanings.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "1 begincodespacerange <00> <FF> endcodespacerange "
        f"{len(meanings)} beginbfchar {chars} endbfchar endcmap end end"
    ).encode()
    page = b"BT /F 12 Tf 50 100 Td (" + text + b") Tj ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(cmap), cmap),
    ]
    body, places = b"%PDF-1.4\n", b""
    for number, part in enumerate(parts, 1):
        places += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj%bendobj\n" % (number, part)
    table = b"xref\n0 7\n0000000000 65535 f \n" + places
    return body + table + b"trailer<</Root 1 0 R/Size 7>>startxref\n%d\n%%%%EOF" % len(body)


def test_pdf_characters_beyond_the_basic_plane_are_whole() -> None:
    data = draw_pdf(b"AAAAAA of B the crane.", A="D835DC00", B="D835")
    document = load_document(data, "a.pdf")
    assert document.text == f"{chr(0x1D400) * 6} of \ufffd the crane."

    # The mark is at the same place as without the mapping.
    plain = draw_pdf(b"AAAAAA of B the crane.")
    unmapped = load_document(plain, "a.pdf")
    assert find_boxes(data, document, "crane") == find_boxes(plain, unmapped, "crane")


def make_records(count: int) -> tuple[DocumentRecord, ...]:
    paths = [f"docs/{number % 7}/report {number}.txt" for number in range(count)]
    return tuple(
        DocumentRecord(path, f"/home/ann/{path}", "", "text", "", 1, "", "s", row, 1, 1)
        for row, path in enumerate(paths)
    )


def test_many_names_among_many_documents_are_found_quickly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = make_records(20_000)
    calls = 0
    absolute = os.path.abspath

    def count(path: str) -> str:
        nonlocal calls
        calls += 1
        return absolute(path)

    monkeypatch.setattr("os.path.abspath", count)
    names = [f"report {n}.txt" for n in range(2_000)]
    assert choose_documents(records, [*names, *names]) == records[:2_000]
    assert calls == 2_000

    def fail(*given: object) -> list[str]:
        raise AssertionError("20,000 names were compared")

    monkeypatch.setattr("rag.library.documents.get_close_matches", fail)
    with pytest.raises(UnknownDocumentError, match="is not indexed"):
        choose_documents(records, ["docs/1/report 2.txt"])


def test_an_ambiguous_name_gives_a_short_error() -> None:
    records = [
        DocumentRecord(f"{n}/a.txt", f"/{n}/a.txt", "", "text", "", 1, "", "s", n, 1, 1)
        for n in range(1_000)
    ]
    with pytest.raises(UnknownDocumentError, match="or 995 more: give the whole path"):
        choose_documents(records, ["a.txt"])


def test_a_question_to_too_many_documents_is_refused(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(a__txt="The roof is flat.")
    with Assistant(library=library) as assistant:
        with pytest.raises(QuestionError, match="2,000 documents are named at once"):
            assistant.ask("Is the roof flat?", ["a.txt"] * 2_000)
        assert assistant.ask("Is the roof flat?", ["a.txt"] * 1_000).citations
