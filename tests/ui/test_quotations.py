"""A quotation looks like what it is, has its sources beside it, and follows the short answer."""

from dataclasses import replace

import pytest
from lxml import html

from rag.difference import Difference, DifferingSide
from rag.types import Answer, Citation
from ui.state.conversation import Conversation, Exchange
from ui.views.conversation import render_conversation
from ui.views.exported import list_exchanges
from ui.views.quotations import find_short_answer

QUESTION = "How many helmets does Germany deliver?"


def cite(number: int, sentence: str, document: str = "a.txt", **place: object) -> Citation:
    return Citation(number, document, document, 0, len(sentence), sentence, **place)  # type: ignore[arg-type]


def make(text: str, *citations: Citation, emphasis: str = "", sure: float = 0.9) -> Answer:
    start = text.find(emphasis)
    spans = ((start, start + len(emphasis)),) if emphasis else ()
    return Answer(QUESTION, text, False, "extractive", citations, spans, confidence=sure)


def parse(answer: Answer) -> html.HtmlElement:
    page = html.fromstring(render_conversation(Conversation((Exchange("Q?", answer=answer),))))
    for tip in page.find_class("fn-tip"):
        tip.drop_tree()
    return page


def cells(page: html.HtmlElement) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in page.iter("tr")]


def test_rows_of_a_table_are_a_table_with_their_header() -> None:
    answer = make(
        "Person: Ann Lee | Office: Mayor [1]\nPerson: Bo | Office: Clerk | Since: 2020 [2]",
        cite(1, "Ann Lee | Mayor | "),
        cite(2, "Bo | Clerk | 2020"),
        emphasis="Mayor",
    )
    page = parse(answer)
    assert cells(page) == [
        ["Person", "Office", "Since"],
        ["Ann Lee", "Mayor", "1"],
        ["Bo", "Clerk", "20202"],
    ]
    assert [each.text for each in page.iter("strong")] == ["Mayor"]


def test_a_row_of_many_columns_stands_upright() -> None:
    names = [f"N{number}" for number in range(6)]
    shown = " | ".join(f"{name}: v{name}" for name in names)
    page = parse(make(f"{shown} [1]", cite(1, " | ".join(f"v{name}" for name in names))))
    assert [row[0] for row in cells(page)] == names
    assert cells(page)[5] == ["N5", "vN51"]


@pytest.mark.parametrize(
    ("line", "sentence", "expected"),
    [
        ("a | b", "a | b", [["a", "b1"]]),  # no header
        ("year: 1990 | rate: 3", "year: 1990 | rate: 3", [["year", "rate"], ["1990", "31"]]),
        ("a | b", "Something else.", []),
        ("x: a | x: b", "a | b", []),  # the columns cannot be told apart
        ("One thing.", "One thing.", []),
    ],
)
def test_only_what_the_cited_row_says_is_a_table(
    line: str, sentence: str, expected: list[list[str]]
) -> None:
    assert cells(parse(make(f"{line} [1]", cite(1, sentence)))) == expected


def test_each_quotation_has_its_sources_beside_it() -> None:
    answer = make(
        "One. [1] Two. [2] Three. [3] [4]\n\nThe list: [5]\n- a [6]\n  - b [7]\n\nNot told.",
        *(cite(number, "One.", page=1) for number in (1, 2)),
        cite(3, "Three.", page=2),
        cite(4, "Three.", "b.txt"),
        *(cite(number, "a", "c.txt") for number in (5, 6, 7)),
    )
    page = parse(answer)
    assert [unit.text_content().split("\n")[0] for unit in page.find_class("fn-quoted")] == [
        "One.1 Two.2",
        "Three.34",
        "The list:5a6b7",
    ]
    beside = [
        [card.text_content() for card in unit.find_class("fn-source")]
        for unit in page.find_class("fn-unit")
    ]
    assert beside == [
        ["1\N{EN DASH}2 a.txt, page 1"],
        ["3 a.txt, page 2", "4 b.txt"],
        ["5\N{EN DASH}7 c.txt"],
    ]
    assert [item.get("class") for item in page.findall(".//ul/li")] == [None, "fn-depth-1"]
    assert [each.text_content().strip() for each in page.find_class("fn-missing")] == ["Not told."]


def test_the_short_answer_comes_first() -> None:
    answer = make(
        "Germany sends 5,000 helmets to Ukraine. [1]",
        cite(1, "Germany sends 5,000 helmets to Ukraine."),
        emphasis="5,000",
    )
    (short,) = parse(answer).find_class("fn-short")
    assert short.text_content() == "Short answer: 5,000"


SENTENCE = "Germany sends 5,000 helmets to Ukraine."
GOOD = make(f"{SENTENCE} [1]", cite(1, SENTENCE), emphasis="5,000")
DIFFERS = make(
    f"{SENTENCE} [1] They are 6,000 helmets. [2]",
    cite(1, SENTENCE),
    cite(2, "They are 6,000 helmets.", "b.txt"),
    emphasis="5,000",
)


@pytest.mark.parametrize(
    "answer",
    [
        replace(GOOD, confidence=0.74),
        replace(GOOD, confidence=None),
        replace(GOOD, emphasis=()),
        replace(GOOD, emphasis=((0, 38),)),  # nearly the whole sentence
        replace(GOOD, model="a-chat-model"),
        replace(GOOD, question="How many helmets does Germany deliver, and who asked for them?"),
        replace(GOOD, question="Compare the helmets of Germany and of France."),
        replace(DIFFERS, emphasis=((14, 19), (54, 59))),
        replace(GOOD, differences=(Difference("denial", ()),)),
    ],
)
def test_no_short_answer_where_it_may_mislead(answer: Answer) -> None:
    assert find_short_answer(GOOD) == "5,000"
    assert find_short_answer(answer) == ""


def test_the_closest_passages_of_a_refusal_are_open() -> None:
    refusal = Answer(QUESTION, "They do not say.", True, "extractive", closest=(cite(1, "One."),))
    page = parse(refusal)
    assert not list(page.iter("details"))
    (near,) = page.find_class("fn-closest")[0].iter("q")
    assert near.text == "One."


def test_documents_that_contradict_each_other_stand_side_by_side() -> None:
    answer = make(
        "The documents differ.\n\nNew: It is 9 m. [1] It is old. [2]\n\nOld: It is 8 m. [3]\n\n"
        "It is red. [4]",
        cite(1, "It is 9 m.", "new.txt", page=1),
        cite(2, "It is old.", "new.txt", page=2),
        cite(3, "It is 8 m.", "old.txt"),
        cite(4, "It is red.", "other.txt"),
    )
    sides = (DifferingSide((1,), "2024"), DifferingSide((3,), "2023"))
    page = parse(replace(answer, differences=(Difference("number", sides),)))
    (told,) = page.find_class("fn-differ")
    assert told.text_content() == "The documents differ."
    assert [
        [unit.text_content() for unit in side.find_class("fn-quoted")]
        for side in page.find_class("fn-side")
    ] == [["New: It is 9 m.1", "It is old.2"], ["Old: It is 8 m.3"]]
    assert [unit.text_content() for unit in page.find_class("fn-quoted")][-1] == "It is red.4"
    assert not parse(answer).find_class("fn-side")


def quote_below(written: str, quoted: str, *items: Citation) -> Answer:
    """Return what a chat model wrote, with quotations below it."""
    text = written + quoted
    return Answer(QUESTION, text, False, "a-model", items, quoted_from=len(written))


def test_sides_below_what_a_chat_model_wrote_stand_side_by_side() -> None:
    written = "It is 8 m high. [1]\n\n"
    quoted = (
        "From the documents:\n\nThe documents differ.\n\nNew: It is 9 m. [2]\n\nOld: It is 8 m. [1]"
    )
    items = (cite(1, "It is 8 m.", "old.txt"), cite(2, "It is 9 m.", "new.txt"))
    sides = (DifferingSide((2,), "2024"), DifferingSide((1,), "2023"))
    answer = quote_below(written, quoted, *items)
    page = parse(replace(answer, differences=(Difference("number", sides),)))
    assert [
        side.find_class("fn-quoted")[0].text_content() for side in page.find_class("fn-side")
    ] == [
        "New: It is 9 m.2",
        "Old: It is 8 m.1",
    ]


def test_quotations_below_a_chat_models_answer_look_like_quotations() -> None:
    written = "You may write. [1] ``` [?]\n\n"
    quoted = "From the documents:\n\nTo reach us: [2]\n- call [3]\n- <b>come</b> [4]"
    items = (cite(1, "write"), cite(2, "To reach us:"), cite(3, "call"), cite(4, "<b>come</b>"))
    page = parse(quote_below(written, quoted, *items))
    [rest] = page.find_class("fn-rest")
    assert rest.find_class("fn-missing")[0].text_content() == "From the documents:"
    [unit] = rest.find_class("fn-unit")
    assert [item.text_content() for item in unit.iter("li")] == [
        "call3",
        "<b>come</b>4",
        "2–4 a.txt",
    ]
    # The sentences that the model cites are listed below its text, and only those.
    own = [each for each in page.find_class("fn-source") if each not in rest.iter()]
    assert [each.get("data-number") for each in own] == ["1"]
    ids = [chip.get("aria-describedby") for chip in page.find_class("fn-cite")]
    assert len(ids) == len(set(ids)) == 4


def test_code_block_that_a_chat_model_left_open_ends_before_the_quotations() -> None:
    written = "```\nrm -r\n\n"
    answer = quote_below(written, "From the documents:\n\nCall us. [1]", cite(1, "Call us."))
    page = parse(answer)
    assert [each.text_content().strip() for each in page.iter("pre")] == ["rm -r"]
    [section] = list_exchanges([Exchange("Q?", answer=answer)], "")
    assert [part.kind for part in section.parts] == ["code", "paragraph", "paragraph"]


@pytest.mark.parametrize("mark", ["- ", "1. "])
def test_a_long_list_is_folded_after_twelve_items(mark: str) -> None:
    said = [f"Item {number}." for number in range(1, 16)]
    text = "\n".join(f"{mark}{item} [{number}]" for number, item in enumerate(said, 1))
    sources = (cite(n, item, f"{n}.txt") for n, item in enumerate(said, 1))
    page = parse(make(text, *sources))
    (quoted,) = page.find_class("fn-quoted")
    (more,) = quoted.find_class("fn-more")
    assert more.get("open") is None
    assert more.find("summary").text == "3 more"
    folded = [item.text_content() for item in more.iter("li")]
    assert folded == ["Item 13.13", "Item 14.14", "Item 15.15"]
    assert len([*quoted.iter("li")]) == 15  # none is cut
    (places,) = page.find_class("fn-places")
    assert [each.text for each in places.iter("summary")] == ["3 more"]
    assert len(places.find_class("fn-source")) == 15


def test_a_list_of_twelve_items_is_not_folded() -> None:
    said = [f"Item {number}." for number in range(1, 13)]
    text = "\n".join(f"- {item} [{number}]" for number, item in enumerate(said, 1))
    page = parse(make(text, *(cite(number, item) for number, item in enumerate(said, 1))))
    assert not page.find_class("fn-more")


def test_a_long_table_is_folded_below_its_header() -> None:
    rows = [f"Year: {2000 + n} | Rain: {n} [{n}]" for n in range(1, 15)]
    sources = (cite(n, f"{2000 + n} | {n}") for n in range(1, 15))
    page = parse(make("\n".join(rows), *sources))
    (more,) = page.find_class("fn-quoted")[0].find_class("fn-more")
    assert cells(more) == [["Year", "Rain"], ["2013", "1313"], ["2014", "1414"]]


@pytest.mark.parametrize("marks", ["A) B)", "1° 2°", "(i) (ii)", "(1) (2)"])
def test_numbered_lines_below_an_item_are_items_in_it(marks: str) -> None:
    one, two = marks.split()
    answer = make(
        f"Who drives: [1]\n- takes, in turn: [2]\n  {one} a test [3]\n  {two} a drive [4]",
        *(cite(number, "…") for number in range(1, 5)),
    )
    (bullets,) = parse(answer).iter("ul")
    items = [" ".join(item.text_content().split()) for item in bullets.iter("li")]
    assert [item.rstrip("234") for item in items if "in turn" not in item] == [
        f"{one} a test",
        f"{two} a drive",
    ]
