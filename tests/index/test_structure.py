"""Structure of a document: how its sentences belong together, in formats with such markup."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.documents import load_document
from index.documents.enumerations import split_enumerations
from index.text.sentences import split_sentences
from index.text.structure import Structure
from index.types import Block

MARKDOWN = """# Club

## Rooms

You can book a room by:

- the form
    - on paper
    - on screen
- a letter

![A picture](room.png)

- a call

Run this:

```
book --room 3
```

## Prices

| Room | Price |
| ---- | ----- |
| Red  | 5     |
| Blue | 7     |
"""


def read(text: str, name: str) -> tuple[Structure, list[str]]:
    document = load_document(text.encode(), name)
    sentences = split_sentences(document.text, document.blocks)
    structure = Structure(document, sentences)
    return structure, [structure.readable(number) for number in range(len(sentences))]


def test_a_list_has_its_items_and_what_announces_it() -> None:
    structure, texts = read(MARKDOWN, "a.md")
    group = structure.group(texts.index("a call"))
    assert group is not None
    assert group.kind == "list"
    assert [texts[n] for n in group.items] == [
        "the form", "on paper", "on screen", "a letter", "a call",
    ]  # fmt: skip
    assert group.lead == texts.index("You can book a room by:")
    assert structure.announced_by(group.lead) == group
    first, last = structure.item(texts.index("the form"))
    assert texts[first : last + 1] == ["the form", "on paper", "on screen"]


@pytest.mark.parametrize("picture", ["![A room](room.png)", "[![A room](a room.png)](a room.png)"])
@pytest.mark.parametrize("marks", ["*", "**", "_"])
def test_a_paragraph_in_italics_below_a_picture_is_its_caption(picture: str, marks: str) -> None:
    text = f"Open the box.\n\n{picture}\n\n{marks}The red room{marks}\n\n*Take care.*\n"
    structure, texts = read(text, "a.md")
    kinds = [structure.block(number).kind for number in range(len(texts))]
    assert [*zip(texts, kinds, strict=True)] == [
        ("Open the box.", "paragraph"),
        ("A room", "caption"),
        ("The red room", "caption"),
        ("Take care.", "paragraph"),
    ]


def test_code_has_the_sentence_that_announces_it() -> None:
    structure, texts = read(MARKDOWN, "a.md")
    group = structure.group(texts.index("book --room 3"))
    assert group is not None
    assert (group.kind, texts[group.lead or 0]) == ("code", "Run this:")


def test_a_row_is_read_with_the_names_of_its_columns() -> None:
    structure, texts = read(MARKDOWN, "a.md")
    assert "Room: Blue | Price: 7" in texts
    assert structure.headings(texts.index("Room: Red | Price: 5")) == ("Club", "Prices")


def test_a_section_ends_at_the_next_heading_of_its_level() -> None:
    structure, texts = read(MARKDOWN, "a.md")
    first, last = structure.section(texts.index("a letter"))
    assert (texts[first], texts[last]) == ("Rooms", "book --room 3")
    assert structure.section(0) == (0, len(texts) - 1)
    assert structure.path(texts.index("Prices")) == (0,)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", "<p>Bring:<ul><li>a rope<li><p>a hook</p><p>of iron</p></ul><p>Go.</p>"),
        ("a.rst", "Bring:\n\n- a rope\n- a hook\n\n  of iron\n\nGo.\n"),
        ("a.md", "Bring:\n\n1. a rope\n2. a hook\n\n   of iron\n\nGo.\n"),
        ("a.txt", "Bring:\n- a rope\n- a hook\n  of iron\n\nGo.\n"),
    ],
)
def test_lists_are_recognised_in_every_format(name: str, text: str) -> None:
    structure, texts = read(text, name)
    group = structure.announced_by(texts.index("Bring:"))
    assert group is not None
    assert len(group.items) == 2
    assert "iron" in texts[group.last]
    assert structure.group(texts.index("Go.")) is None


def test_lettered_lines_of_a_law_are_items() -> None:
    law = "It does not apply to:\nA) animals that\n are wild.\nB) plants.\nThe rest follows.\n"
    structure, texts = read(law, "law.md")
    group = structure.announced_by(0)
    assert group is not None
    assert [texts[n].split()[0] for n in group.items] == ["A)", "B)"]


@pytest.mark.parametrize(
    ("name", "text", "items"),
    [
        (
            "law.md",
            "Who applies takes:\n\nA) a test\n of the rules.\n\nB) a drive.\n\nGo.\n",
            "A) B)",
        ),
        ("law.txt", "He has to:\n\n(a) stop;\n\n(b) help;\n\n(c) call.\n\nGo.\n", "(a) (b) (c)"),
        ("law.html", "<p>Il faut :</p><p>1° un nom ;</p><p>2° une date.</p><p>Go.</p>", "1° 2°"),
        ("law.md", "São fins:\n\nI - a paz;\n\nII - o bem;\n\nIII - a lei.\n\nGo.\n", "I II III"),
        ("law.md", "He pays:\n\n1. a fee\n\n2. a fine\n\nGo.\n", "a a"),
    ],
)
def test_numbered_paragraphs_of_a_law_are_items(name: str, text: str, items: str) -> None:
    structure, texts = read(text, name)
    group = structure.announced_by(0)
    assert group is not None
    assert [texts[n].split()[0] for n in group.items] == items.split()
    assert structure.group(texts.index("Go.")) is None


def test_a_list_in_an_item_of_numbered_paragraphs_is_nested() -> None:
    law = "Duties:\n\n(a) to stop:\n\n(1) at once;\n\n(2) with care;\n\n(b) to help.\n"
    structure, texts = read(law, "law.txt")
    depths = [structure.block(number).depth for number in range(1, len(texts))]
    assert depths == [1, 2, 2, 1]
    assert structure.item(1) == (1, 3)


@pytest.mark.parametrize(
    ("law", "depths"),
    [
        ("Duties:\n\n(a) to stop:\n\n(i) at once;\n\n(ii) soon;\n\n(b) to help.\n", [1, 2, 2, 1]),
        ("Duties:\n(a) to stop:\n(i) at once;\n(ii) soon;\n(b) to help.\n", [1, 2, 2, 1]),
        ("Duties:\n1. to stop:\n- at once;\n- soon;\n2. to help.\n", [1, 2, 2, 1]),
        ("Duties:\n1. to stop:\n   1. at once;\n   2. soon;\n2. to help.\n", [1, 2, 2, 1]),
        ("Duties:\ni. to stop:\n   - at once;\n   - soon;\ni. to help.\n", [1, 2, 2, 1]),
        ("Fees\n1.4 Fee\n1.5 Fine\n1.6 Toll\n", []),
        ("Duties:\n(g) one.\n(a) one.\n(b) two.\n(c) three.\n", [1, 1, 1]),
        ("".join(f"({letter}) one.\n\n" for letter in "abcdefghij"), [1] * 10),
        ("".join(f"{number}. one.\n\n" for number in ("I", "II", "III", "IV", "V")), [1] * 5),
    ],
)
def test_numbers_of_another_kind_are_a_list_in_the_item(law: str, depths: list[int]) -> None:
    structure, texts = read(law, "law.txt")
    blocks = [structure.block(number) for number in range(len(texts))]
    assert [block.depth for block in blocks if block.kind == "item"] == depths


def test_items_that_pandoc_numbers_are_a_list_without_that_mark() -> None:
    structure, texts = read("Members:\n\n#.  Arts:\n    #.  Music\n    #.  Dance\n#. Law\n", "a.md")
    assert texts == ["Members:", "Arts:", "Music", "Dance", "Law"]
    assert [structure.block(number).depth for number in range(1, 5)] == [1, 2, 2, 1]


def test_numbered_paragraphs_below_an_item_belong_to_it() -> None:
    law = "3) He takes:\n\nA) a test.\n\nB) a drive.\n\nGo.\n"
    structure, _ = read(law, "law.md")
    assert structure.item(0) == (0, 2)


def test_numbered_sections_are_no_list() -> None:
    sections = "\n\n".join(f"({n}) {'This section says a lot. ' * 20}" for n in (1, 2, 3))
    structure, texts = read(f"{sections}\n", "law.txt")
    assert not any(structure.group(number) for number in range(len(texts)))


@pytest.mark.parametrize(
    "text", ["He left in\n1995. It was\n1996.", "a line\nand another one\n- no"]
)
def test_lines_that_only_look_like_items_stay_a_paragraph(text: str) -> None:
    assert list(split_enumerations(text, [Block(0, len(text))])) == [Block(0, len(text))]


@given(st.text(alphabet="abI1 )\n.-:•", max_size=80))
def test_splitting_lists_loses_only_white_space(text: str) -> None:
    blocks = list(split_enumerations(text, [Block(0, len(text))]))
    ends = [0, *(block.end for block in blocks)]
    starts = [*(block.start for block in blocks), len(text)]
    assert all(not text[end:start].strip() for end, start in zip(ends, starts, strict=True))


_LINES = [
    "- one",
    "  - two",
    "    - three",
    "1. four",
    "![five](a.png)",
    "six.",
    "    seven",
    "!!! eight",
    "",
    "```",
]


@example(["- one", "    - two", "", "    !!! eight", "", "        seven"])
@example(["- one", "  - two", "", "![five](a.png)", "", "- three"])
@settings(deadline=None)  # the first document imports the parser
@given(st.lists(st.sampled_from(_LINES), max_size=14))
def test_every_unit_around_a_sentence_contains_it(lines: list[str]) -> None:
    structure, _ = read("\n".join(["# zero", *lines]), "a.md")
    for number in range(len(structure)):
        for first, last in (
            structure.item(number),
            structure.paragraph(number),
            structure.section(number),
        ):
            assert first <= number <= last


def test_items_of_numbered_lists_have_the_numbers_of_their_document() -> None:
    text = "- a rope\n\n1. Open it.\n   Slowly.\n   1) Look inside.\n3. Close it.\n"
    structure, texts = read(text, "a.md")
    markers = {texts[n]: structure.marker(n) for n in range(len(texts))}
    assert markers == {
        "a rope": "",
        "Open it.": "1.",
        "Slowly.": "",
        "Look inside.": "1)",
        "Close it.": "3.",
    }


def test_items_without_a_written_number_have_no_marker() -> None:
    structure, texts = read("<ol><li>Open it.</li><li>Close it.</li></ol>", "a.html")
    assert [structure.marker(n) for n in range(len(texts))] == ["", ""]
