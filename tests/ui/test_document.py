"""The reader's document: marks, tables, dividers, portions, printed pages."""

import json
from dataclasses import replace

from lxml import html

from index import Block, Document, DocumentRecord, Part
from index.page_text import PageLayout, TextRun
from rag.library.reading import OpenDocument, TextSearch, cut_portions, list_headings
from ui.views.document import CitedPlace, render_document, render_outline
from ui.views.marks import ALSO, CITED, FOUND, Mark
from ui.views.sheet import render_sheet
from ui.views.text import render_text

HOSTILE = "<img src=x onerror=alert(1)> ${alert(2)} {{3}}"


def make(
    *blocks: tuple[str, str], parts: tuple[Part, ...] = (), kind: str = "pdf", level: int = 0
) -> Document:
    """Return a document of blocks, given as kind and text."""
    text, made = "", []
    for each, words in blocks:
        made.append(Block(len(text), len(text) + len(words), each, level))  # type: ignore[arg-type]
        text += f"{words}\n"
    return Document("a.pdf", "A", kind, text, tuple(made), parts)


def open_(document: Document) -> OpenDocument:
    record = DocumentRecord("a.pdf", "/a.pdf", "A", document.format, "0" * 64, 1, "", "s", 0, 1, 1)
    return OpenDocument(record, document)


def parse(markup: str) -> html.HtmlElement:
    return html.fragment_fromstring(markup, create_parent="div")


def span(document: Document, words: str) -> tuple[int, int]:
    start = document.text.index(words)
    return start, start + len(words)


def show(document: Document, *marks: Mark) -> html.HtmlElement:
    return parse(render_text(document, 0, len(document.blocks), marks))


def test_all_cells_of_a_cited_row_are_marked() -> None:
    document = make(
        ("header", "City | Founded | People"), ("row", "Tarn | 1701 | 12"), ("row", "Ulm | 850 | 9")
    )
    for cited in ("Tarn", "1701", "Tarn | 1701 | 12"):
        page = show(document, Mark(*span(document, cited), CITED))
        assert [mark.text for mark in page.find_class("fn-cited")] == ["Tarn", "1701", "12"]
    found = show(document, Mark(*span(document, "1701"), FOUND))
    assert [mark.text for mark in found.find_class("fn-found")] == ["1701"]
    assert [cell.text for cell in found.iter("th")] == ["City", "Founded", "People"]
    (box,) = found.find_class("fn-table")  # scrolls, also with the keyboard
    assert box.get("tabindex") == "0"


def test_empty_cells_keep_their_columns() -> None:
    page = show(make(("row", "a | | c"), ("row", "a |  | c")))
    assert [[cell.text for cell in row.iter("td")] for row in page.iter("tr")] == [
        ["a", None, "c"]
    ] * 2


def test_the_columns_of_a_table_are_named_again_in_its_next_portion() -> None:
    document = make(("header", "City | Founded"), ("row", "Tarn | 1701"), ("row", "Ulm | 850"))
    page = parse(render_text(document, 2, 3))
    assert [cell.text for cell in page.iter("th")] == ["City", "Founded"]
    assert [cell.text for cell in page.iter("td")] == ["Ulm", "850"]
    assert parse(render_text(document, 0, 3)).find_class("fn-repeated") == []


def test_pages_are_divided_where_they_begin() -> None:
    blocks = [("paragraph", "One and a half."), ("row", "a | 1"), ("row", "b | 2")]
    blocks += [("item", "x"), ("item", "y")]
    text = make(*blocks).text
    starts = [0, text.index("a half"), text.index("b | 2"), text.index("y")]
    ends = [*starts[1:], len(text)]
    parts = [Part("page", n, *each) for n, each in enumerate(zip(starts, ends, strict=True), 1)]
    document = make(*blocks, parts=tuple(parts))
    page = show(document, Mark(*span(document, "and a half"), CITED))
    words = " ".join(page.itertext())
    assert " ".join(words.split()) == "Page 1 One and Page 2 a half . a 1 Page 3 b 2 x Page 4 y"
    assert [mark.text for mark in page.find_class("fn-cited")] == ["and ", "a half"]
    later = parse(render_text(document, 1, 2))  # page 2 began before
    assert later.text_content() == "a1"


def test_the_portions_of_a_document_are_its_whole_text() -> None:
    document = make(*(("paragraph", f"Word{number}.") for number in range(1_000)))
    portions = cut_portions(document)
    assert len(portions) > 3
    assert all(portion.last - portion.first <= 100 for portion in portions)
    texts = [parse(render_text(document, each.first, each.last)) for each in portions]
    assert "".join(text.text_content() for text in texts) == document.text.replace("\n", "")
    assert cut_portions(make()) == []


def test_the_reader_opens_at_the_cited_place() -> None:
    document = make(*(("paragraph", f"Word{number}.") for number in range(1_000)))
    cited, other = (CitedPlace(*span(document, word), "p") for word in ("Word600.", "Word3."))
    page = parse(render_document(open_(document), cited, [other, cited]))
    (item,) = page.find_class("fn-item")
    assert [mark.text for mark in item.find_class("fn-cited")] == ["Word600."]
    layout = json.loads(page.find_class("fn-reader")[0].get("data-layout"))
    assert layout["at"] == cited.start
    assert layout["portions"][int(item.get("data-item"))][1] <= cited.start
    assert layout["marks"] == [
        [other.start, other.end, ALSO],
        [cited.start, cited.end, CITED],
    ]
    assert [label for *_, label in layout["labels"]] == [
        "Cited place 1 of 2: p",
        "Cited place 2 of 2: p",
    ]


def test_marks_of_a_citation_and_of_a_search_may_overlap() -> None:
    document = make(("paragraph", "The **red mill** at [Tarn](http://x.example/mill) is old."))
    document = Document(**{**fields(document), "format": "markdown"})
    cited = Mark(*span(document, "The **red mill** at [Tarn](http://x.example/mill)"), CITED)
    (hit,) = TextSearch().find(open_(document), "red  MILL").spans
    page = show(document, cited, Mark(*hit, FOUND))
    assert page.text_content() == "The red mill at Tarn is old."
    assert [(each.text, each.get("class")) for each in page.iter("mark")][:3] == [
        ("The ", "fn-cited"),
        ("red mill", "fn-cited fn-found"),
        (" at Tarn", "fn-cited"),
    ]


def fields(document: Document) -> dict[str, object]:
    return {name: getattr(document, name) for name in document.__slots__}


def test_a_search_finds_what_a_reader_sees() -> None:
    document = make(
        ("paragraph", "The mill's **red** door, [Tarn](http://x.example/door)."),
        ("paragraph", "A door of\nthe mill."),
        ("row", "door | mill"),
    )
    document = Document(**{**fields(document), "format": "markdown"})
    search = TextSearch()

    def find(query: str) -> list[str]:
        return [document.text[a:b] for a, b in search.find(open_(document), query).spans]

    assert find("DOOR") == ["door", "door", "door"]  # not the one in the address
    assert find("of the  mill") == ["of\nthe mill"]
    assert find("door mill") == ["door | mill"]
    assert find("mill\u2019s") == []
    assert find("mill's red") == ["mill's **red"]
    assert find("") == find("zebra") == []


def test_only_the_first_hits_are_listed() -> None:
    hits = TextSearch().find(open_(make(("paragraph", "a " * 12_000))), "a")
    assert (len(hits.spans), hits.more) == (10_000, True)
    assert hits.between(10, 14) == ((10, 11), (12, 13))


def test_headings_are_listed_with_their_levels() -> None:
    document = make(("heading", "A <b>"), ("paragraph", "x"), ("heading", HOSTILE), level=3)
    headings = list_headings(document)
    assert [(each.level, each.text) for each in headings] == [(1, "A <b>"), (1, HOSTILE)]
    page = parse(render_outline(headings))
    buttons = page.find_class("fn-heading")
    assert [button.text for button in buttons] == ["A <b>", HOSTILE]
    assert buttons[1].get("data-start") == str(document.text.index("<img"))
    assert "and 1 more headings" in render_outline(headings[:1] * 3_001)


def test_a_printed_page_has_its_text_in_lines_over_its_picture() -> None:
    text = f"{HOSTILE} is\nred."
    document = Document("a.pdf", "A", "pdf", text, (Block(0, len(text)),), runs=(TextRun(0, 1, 0),))
    offsets = tuple(at for at, sign in enumerate(text) if not sign.isspace())
    places = [
        (at / 100, 0.1, (at + 1) / 100, 0.12)
        if at < text.index("red")
        else ((at - text.index("red")) / 100, 0.14, (at + 1 - text.index("red")) / 100, 0.16)
        for at in offsets
    ]
    layout = PageLayout(1, 3, 600, 800, offsets, tuple(places))
    start, end = span(document, "is\nred")
    page = parse(render_sheet(open_(document), layout, [Mark(start, end, CITED)]))
    marks = page.find_class("fn-cited")
    assert [mark.text for mark in marks] == ["is ", "red"]
    assert marks[0].get("data-box") == f"{start}.00 10.00 {start + 2}.00 12.00"
    assert page.find_class("fn-layer")[0].text_content() == text.replace("\n", " ")
    assert not page.find(".//section").findall(".//script")
    (image,) = page.iter("img")
    assert image.get("src") == f"reader/image?document=a.pdf&version={'0' * 16}&page=1"


def test_hostile_text_stays_text() -> None:
    document = make(*((kind, HOSTILE) for kind in ("heading", "item", "row", "code", "paragraph")))
    marked = Mark(*span(document, "onerror=alert(1)> ${"), CITED)
    markup = render_document(open_(document), CitedPlace(marked.start, marked.end, HOSTILE))
    assert not set("{}$`\\") & set(markup)  # Gradio would read it as a template
    page = parse(markup)
    assert not list(page.iter("img", "script"))
    texts = [each.text_content() for each in page.find_class("fn-item")]
    assert texts[0].count(HOSTILE) == 5


def test_the_reader_names_the_mail_that_a_reply_answers() -> None:
    document = make(("paragraph", "Nine."), kind="eml")
    opened = open_(document)
    answered = replace(opened.record, answered="<b>Cranes</b> (2026-11-28)")
    page = parse(render_document(OpenDocument(answered, document)))
    (place,) = page.find_class("fn-place")
    assert place.text_content().strip() == "a.pdf · In reply to: <b>Cranes</b> (2026-11-28)"
    assert "reply" not in render_document(opened)
