import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from index import Block, Document, DocumentRecord, Failure, Plan
from rag.library.reading import OpenDocument
from rag.types import Answer, CheckedSpan, Citation, Delta
from rag.usage import Usage
from ui.state.conversation import Conversation, Exchange
from ui.views.conversation import render_conversation, render_filter, render_suggestions
from ui.views.document import CitedPlace, render_document
from ui.views.html import escape_text
from ui.views.lists import render_documents
from ui.views.wording import choose_wording

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)> {{value}} ${value} \"'`\\"
CITATION = Citation(1, "a.txt", "A", 4, 9, "Words", 3)
ANSWER = Answer("Q?", "Some Words. [1]", False, "extractive", (CITATION,), ((0, 4),))


def open_document(document: Document, *spans: tuple[int, int]) -> str:
    """Return the reader with the first of some cited spans opened."""
    path = document.path
    record = DocumentRecord(path, path, "A", "text", "0" * 64, 1, "", "s", 0, 1, 1)
    cited, *others = (*(CitedPlace(*span) for span in spans), None)
    places = [place for place in others if place is not None]
    return render_document(OpenDocument(record, document), cited, places)


def parse(markup: str) -> html.HtmlElement:
    return html.fragment_fromstring(markup, create_parent="div")


def shown(markup: str) -> str:
    return str(parse(markup).text_content())


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_escaped_text_is_shown_literally(text: str) -> None:
    escaped = escape_text(text)
    assert not set("<>\"'{}$`\\") & set(escaped)
    visible = "".join(c for c in text if c.isprintable())
    assert "".join(c for c in shown(f"x{escaped}")[1:] if c.isprintable()) == visible


def test_a_citation_is_a_button_that_names_its_source() -> None:
    page = parse(render_conversation(Conversation((Exchange("Q?", answer=ANSWER),))))
    (chip,) = page.find_class("fn-cite")
    assert (chip.text, chip.get("data-turn"), chip.get("data-number")) == ("1", "0", "1")
    assert chip.get("aria-label") == "Source 1: A, page 3"
    assert [strong.text for strong in page.iter("strong")] == ["Some"]
    assert len(page.find_class("fn-source")) == 1


def test_a_quotation_is_told_once_and_without_markup() -> None:
    sentence = "There are [11 local holidays](https://a.example) a **year**."
    cited = replace(CITATION, document="a.md", sentence=sentence)
    answer = replace(ANSWER, text="There are 11 local holidays a year. [1]", citations=(cited,))

    def render(answer: Answer) -> html.HtmlElement:
        return parse(render_conversation(Conversation((Exchange("Q?", answer=answer),))))

    page = render(answer)
    (card,) = page.find_class("fn-source")
    assert card.text_content().split() == ["1", "A,", "page", "3"]
    assert page.find_class("fn-said")[0].text == "There are 11 local holidays a year."
    written = render(replace(answer, model="a-model"))  # the model's words are not the document's
    assert "There are 11 local" in written.find_class("fn-source")[0].text_content()
    refusal = render(replace(answer, text="No.", refused=True, citations=(), closest=(cited,)))
    assert "There are 11 local" in refusal.find_class("fn-source")[0].text_content()
    assert not [page for page in (page, written, refusal) if "https://" in page.text_content()]


def test_only_answers_with_citations_are_copied_with_citations() -> None:
    def labels(answer: Answer) -> list[str]:
        page = parse(render_conversation(Conversation((Exchange("Q?", answer=answer),))))
        return [button.text for button in page.find_class("fn-copy")]

    assert labels(ANSWER) == ["Copy with citations"]
    assert labels(Answer("Hello", "Hello!", False, "extractive")) == []


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    for language, one, two in (("en", "1 sentence", "2 sentences"), ("de", "1 Satz", "2 Sätze")):
        say = choose_wording(language)
        assert (say("sentences", count=1), say("sentences", count=2)) == (one, two)


def test_a_refusal_shows_the_closest_passages_separately() -> None:
    refusal = Answer("Q?", "The documents do not say.", True, "extractive", closest=(CITATION,))
    page = parse(render_conversation(Conversation((Exchange("Q?", answer=refusal),))))
    assert page.find_class("fn-refusal")
    (near,) = page.find_class("fn-source")
    assert near.get("data-list") == "near"
    assert not page.find_class("fn-cite")


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(EVIL),
        Exchange("q", text=EVIL),
        Exchange("q", error=EVIL),
        Exchange("q", answer=replace(ANSWER, text=f"{EVIL} [1]", emphasis=((0, 20),))),
        Exchange("q", answer=replace(ANSWER, citations=(replace(CITATION, title=EVIL),))),
        Exchange("q", answer=replace(ANSWER, citations=(replace(CITATION, sentence=EVIL),))),
    ],
)
def test_values_never_become_markup(exchange: Exchange) -> None:
    markup = render_conversation(Conversation((exchange,)))
    assert "<script" not in markup
    assert "<img" not in markup
    assert "{{" not in markup
    assert "${" not in markup
    assert "alert(1)" in shown(markup) + str([e.attrib for e in parse(markup).iter()])


def test_suggestions_are_escaped() -> None:
    assert "<script" not in render_suggestions([EVIL])


def make_document(text: str, *blocks: Block, format_name: str = "text") -> Document:
    return Document("d/a.txt", "A", format_name, text, blocks or (Block(0, len(text)),))


@settings(deadline=None)  # the first example also loads the templates
@given(st.text(min_size=1, max_size=40), st.data())
def test_the_marked_text_is_the_cited_span(text: str, data: st.DataObject) -> None:
    text = "".join(c for c in text if c.isprintable()) or "x"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    page = parse(open_document(make_document(text), (start, end)))
    assert "".join(m.text_content() for m in page.find_class("fn-cited")) == text[start:end]
    assert page.find_class("fn-text")[0].text_content() == text


def test_a_document_keeps_its_headings_lists_and_tables() -> None:
    text = "Head\n\none\n\ntwo\n\na | b\nc | d\n\nEnd."
    blocks = (
        Block(0, 4, "heading", 1),
        Block(6, 9, "item"),
        Block(11, 14, "item"),
        Block(16, 21, "row"),
        Block(22, 27, "row"),
        Block(29, 33),
    )
    page = parse(open_document(make_document(text, *blocks), (22, 27), (29, 33)))
    assert page.findtext(".//h3") == "Head"
    assert [item.text for item in page.iter("li")] == ["one", "two"]
    assert len(page.findall(".//table//tr")) == 2
    assert page.find_class("fn-cited")
    assert page.find_class("fn-also")[0].text == "End."


def test_markdown_is_shown_without_its_marks() -> None:
    text = "The **big** tower. It is *tall*."
    page = parse(open_document(make_document(text, format_name="markdown"), (19, 32)))
    assert page.find_class("fn-text")[0].text_content() == "The big tower. It is tall."
    assert page.find_class("fn-cited")[0].text_content() == "It is tall."


def test_a_long_document_is_shown_around_the_sentence() -> None:
    text = "\n\n".join(f"Paragraph {n:05d}." for n in range(5000))
    blocks = [Block(18 * n, 18 * n + 16) for n in range(5000)]
    markup = open_document(make_document(text, *blocks), (18 * 4000, 18 * 4000 + 16))
    assert parse(markup).find_class("fn-cited")[0].text == "Paragraph 04000."
    assert len(markup) < 40_000


def test_names_of_documents_are_escaped() -> None:
    record = DocumentRecord(EVIL, EVIL, EVIL, "text", "", 1, "", "s", 0, 1, 1)
    listed = json.loads(render_documents([record]))
    assert listed["rows"][0]["title"] == EVIL  # plain text: the script writes no HTML
    failed = json.loads(render_documents((), [Failure(EVIL, "is no PDF", EVIL, "its hash")]))
    assert "<script" not in failed["notes"]


def test_a_failed_file_is_shown_with_its_reason_until_it_changes() -> None:
    plan = Plan(added=("docs/tried.pdf", "docs/mended.pdf", "docs/new.pdf"))
    here = Path.cwd() / "docs"
    failures = [
        # tried.pdf did not fail because of its content, so every rebuild tries it again.
        # mended.pdf was changed after its failure.
        Failure("docs/tried.pdf", "ended its parser", str(here / "tried.pdf")),
        Failure(str(here / "mended.pdf"), "is encrypted", str(here / "mended.pdf"), "its hash"),
        Failure("docs/broken.pdf", "is no PDF", str(here / "broken.pdf"), "its hash"),
    ]
    listed = parse(json.loads(render_documents((), failures, plan=plan))["notes"]).iter("li")
    assert {item.findtext("b"): item.findtext("span") for item in listed} == {
        "docs/mended.pdf": "new",
        "docs/new.pdf": "new",
        "docs/tried.pdf": "not readable",
        "docs/broken.pdf": "not readable",
    }


def test_unsupported_sentences_are_marked() -> None:
    text = "Some Words. [1] Other words. [?]"
    answer = replace(ANSWER, text=text, unsupported=((16, 28),))
    markup = render_conversation(Conversation((Exchange("Q?", answer=answer),)))
    [mark] = parse(markup).find_class("fn-unsupported")
    assert mark.get("aria-label") == "No document supports this sentence"
    plain = replace(ANSWER, text="Really [?]", citations=())
    assert not parse(render_conversation(Conversation((Exchange("Q?", answer=plain),)))).find_class(
        "fn-unsupported"
    )


def test_each_clause_shows_what_the_documents_say_of_it() -> None:
    text = "One is so, but two is not, and three is. [1]"
    checked = (
        CheckedSpan(0, 9, "supported"),
        CheckedSpan(11, 25, "contradicted"),
        CheckedSpan(27, 40, "not told"),
        CheckedSpan(9, 10, "<made up>"),  # of a stored conversation, which a browser may change
    )
    answer = replace(ANSWER, text=text, emphasis=(), checked=checked)
    page = parse(render_conversation(Conversation((Exchange("Q?", answer=answer),))))
    clauses = [each for each in page.find_class("fn-clause") if each.getparent().tag == "p"]
    body = [each for each in clauses if each.get("title")]
    assert [(each.text_content(), each.get("class").split()[1]) for each in body] == [
        ("One is so", "fn-supported"),
        ("but two is not", "fn-contradicted"),
        ("and three is.", "fn-not-told"),
    ]
    assert body[1].get("title") == "the documents say something else"
    # A screen reader reads out which clauses are not supported. A legend explains the lines.
    assert [aside.text_content() for aside in page.find_class("fn-aside")] == [
        " (the documents say something else)", " (the documents do not say this)"
    ]  # fmt: skip
    (legend,) = page.find_class("fn-legend")
    assert "the documents say this" in legend.text_content()
    plain = render_conversation(Conversation((Exchange("Q?", answer=ANSWER),)))
    assert "fn-legend" not in plain
    assert "fn-clause" not in plain


def test_what_a_model_wrote_in_vain_can_be_unfolded_and_is_text() -> None:
    for text, count in ((EVIL, 1), ("", 0)):
        answer = replace(ANSWER, written=text)
        markup = render_conversation(Conversation((Exchange("Q?", answer=answer),)))
        found = parse(markup).find_class("fn-written")
        assert [(each.tag, each.get("open")) for each in found] == [("details", None)] * count
        assert all(EVIL in each.text_content() for each in found)


def test_a_notice_and_the_cost_of_an_answer_are_shown_as_text() -> None:
    answer = replace(ANSWER, notice=EVIL, model="m", usage=Usage(1200, 34, 2.04))
    markup = render_conversation(Conversation((Exchange("Q?", answer=answer),)))
    [notice] = parse(markup).find_class("fn-notice")
    assert notice.text_content() == EVIL
    [usage] = parse(markup).find_class("fn-usage")
    assert usage.text_content() == "m, 2.0 s, 1,234 tokens"


def test_tokens_that_are_estimated_are_said_to_be_about_so_many() -> None:
    answer = replace(ANSWER, model="m", usage=Usage(1200, 34, 2.04, estimated=True))
    markup = render_conversation(Conversation((Exchange("Q?", answer=answer),)))
    [usage] = parse(markup).find_class("fn-usage")
    assert usage.text_content() == "m, 2.0 s, about 1,234 tokens"


def test_part_of_a_long_text_that_is_being_read_is_told_until_the_answer_begins() -> None:
    exchange = Exchange("Q?").add(Delta(progress=(2, 4)))
    markup = render_conversation(Conversation((exchange,)))
    assert [each.text for each in parse(markup).find_class("fn-wait")] == ["Reading part 2 of 4…"]
    begun = render_conversation(Conversation((exchange.add(Delta("It is")),)))
    assert "fn-wait" not in begun
    assert "It is" in begun


def test_search_questions_of_a_model_are_listed_as_text() -> None:
    answer = replace(ANSWER, searches=("What is a lighthouse?", EVIL))
    markup = render_conversation(Conversation((Exchange("Q?", answer=answer),)))
    [listed] = parse(markup).find_class("fn-searches")
    assert listed.text.strip() == "Searched for:"
    assert [item.text_content() for item in listed.iter("li")] == [*answer.searches]
    plain = render_conversation(Conversation((Exchange("Q?", answer=ANSWER),)))
    assert "fn-searches" not in plain


STRUCTURED = """The parts are: [1]
a: 1; b: [2]
- first <i> [1]
- second

7. seven [1]

```sh
ls a [1]
  rm <x>
``` [1]"""


def test_an_answer_keeps_its_paragraphs_lists_and_code() -> None:
    answer = replace(ANSWER, text=STRUCTURED, emphasis=((4, 9),))
    page = parse(render_conversation(Conversation((Exchange("Q?", answer=answer),))))
    units = page.find_class("fn-quoted")
    for tip in page.find_class("fn-tip"):
        tip.drop_tree()
    shown_units = [[(each.tag, each.text_content()) for each in unit] for unit in units]
    assert shown_units == [
        [("p", "The parts are:1a: 1; b: [2]"), ("ul", "first <i>1second")],
        [("ol", "seven1")],
        [("pre", "ls a [1]\n  rm <x>"), ("p", "1")],
    ]
    assert [item.text for item in units[0].findall("./ul/li")] == ["first <i>", "second"]
    assert units[1].findall("./ol/li")[0].get("value") == "7"
    assert len(units[0].findall("./p/br")) == 1
    assert units[0].findtext("./p/strong") == "parts"
    assert [card.text_content() for card in page.find_class("fn-source")] == ["1 A, page 3"] * 3
    ids = [chip.get("aria-describedby") for chip in page.find_class("fn-cite")]
    assert len(set(ids)) == 4


def test_a_partial_answer_has_line_breaks_but_no_citations() -> None:
    exchange = Exchange("Q?", "One [1]\n- two\n```\nthree")
    page = parse(render_conversation(Conversation((exchange,))))
    (body,) = page.find_class("fn-partial")
    assert [(each.tag, each.text_content()) for each in body] == [
        ("p", "One [1]"),
        ("ul", "two"),
        ("pre", "three"),
    ]


def test_a_cited_row_is_highlighted_cell_by_cell() -> None:
    text = "a | b"
    page = parse(open_document(make_document(text, Block(0, 5, "row")), (0, 5)))
    assert [cell.findtext("mark") for cell in page.iter("td")] == ["a", "b"]


def test_a_document_filter_shows_its_documents() -> None:
    many = ["x/<b>.md", "b.md", *"cdefghij"]
    assert render_filter(None, many) == ""
    assert "Only: <b>.md, b.md" in shown(render_filter(many[:2], many))
    assert "<b>.md, b.md, c and 2 more" in shown(render_filter(many[:5], many))
    assert "2 weitere" in shown(render_filter(many[:5], many, choose_wording("de")))
    assert "Without: <b>.md" in shown(render_filter(many[1:], many))
    assert "No document is ticked" in shown(render_filter((), many))


def test_files_of_unknown_formats_are_counted_and_not_listed() -> None:
    failures = [
        Failure(f"docs/{name}", "has an unknown format", f"/docs/{name}", unsupported=True)
        for name in ("a.xyz", "b.xyz", "Makefile")
    ]
    [line] = parse(json.loads(render_documents((), failures))["notes"]).iter("li")
    assert " ".join(line.text_content().split()) == (
        "Files of other kinds that cannot be read: 3 (2 .xyz, 1 without suffix)"
    )


def test_only_web_addresses_become_links() -> None:
    def find_links(path: str) -> list[dict[str, str]]:
        document = replace(make_document("Words.", Block(0, 6)), path=path)
        return [dict(link.attrib) for link in parse(open_document(document)).iter("a")]

    address = 'https://a.example/?q="><script>'
    (link,) = find_links(address)
    assert link == {"href": address, "target": "_blank", "rel": "noopener noreferrer"}
    assert find_links("javascript://%0aalert(1)") == []
    assert find_links("docs/a.txt") == []


def test_a_page_that_was_not_fetched_again_is_called_so() -> None:
    address = "https://a.example/"
    record = DocumentRecord(address, address, "A", "html", "", 1, "", "s", 0, 1, 1)
    listed = json.loads(
        render_documents([record], [Failure(address, "is no longer there", address)])
    )
    (badge,) = parse(listed["notes"]).find_class("fn-badge")
    assert badge.text == "not updated"
