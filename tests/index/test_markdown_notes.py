"""Notes of MkDocs, Docusaurus and GitHub, and HTML, in Markdown: their text is read as meant."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import load_document
from index.text.markup import strip_markup
from rag import Assistant
from rag.library.library import Library

_TAGS = ("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "<p>", "<li>", "<!-- -->")

Found = list[tuple[str, int, str]]


def find(text: str) -> Found:
    """Return the kind, depth and text of each block."""
    document = load_document(text.encode(), "a.md")
    return [
        (b.kind, b.depth, " ".join(document.text[b.start : b.end].split())) for b in document.blocks
    ]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        (
            "Before.\n\n!!! warning\n\n    Do *not* stop it.\n\n    - rope\n    - hook\n\nAfter.\n",
            [
                ("paragraph", 0, "Before."),
                ("paragraph", 0, "Do *not* stop it."),
                ("item", 1, "rope"),
                ("item", 1, "hook"),
                ("paragraph", 0, "After."),
            ],
        ),
        (
            'A line\n!!! note inline "Its title"\n    Told here.\n',
            [
                ("paragraph", 0, "A line"),
                ("paragraph", 0, "Its title"),
                ("paragraph", 0, "Told here."),
            ],
        ),
        ("??? tip\n    Folded.\n", [("paragraph", 0, "Folded.")]),
        (
            '=== "Linux"\n\n    Take the rope.\n',
            [("heading", 0, "Linux"), ("paragraph", 0, "Take the rope.")],
        ),
        (
            "- item\n    !!! note\n        Within it.\n- other\n",
            [("item", 1, "item"), ("paragraph", 1, "Within it."), ("item", 1, "other")],
        ),
        ("> [!NOTE]\n> Mind the gap.\n", [("paragraph", 0, "Mind the gap.")]),
        (
            "import Tabs from '@theme/Tabs';\n\n<Tabs\n  values={[{label: 'A', value: 'b'}]}>\n"
            '<TabItem value="linux" label="Linux">\n\nTake the rope.\n\n</TabItem>\n</Tabs>\n',
            [("heading", 0, "Linux"), ("paragraph", 0, "Take the rope.")],
        ),
        (
            "<Steps>\n- Open it.\n- Close it.\n</Steps>\n<Break/>\nAfter.\n",
            [("item", 1, "Open it."), ("item", 1, "Close it."), ("paragraph", 0, "After.")],
        ),
        ("<Name>\nis a placeholder.\n", [("paragraph", 0, "<Name> is a placeholder.")]),
        ("import a rope from the shop\n", [("paragraph", 0, "import a rope from the shop")]),
        ("```\n<TabItem>\n</TabItem>\n```\n", [("code", 0, "<TabItem> </TabItem>")]),
        ("## Fees {#fees}\n", [("heading", 0, "Fees")]),
        ("## Fees {: #fees .big}\n", [("heading", 0, "Fees")]),
        ("## Use {name}\n", [("heading", 0, "Use {name}")]),
        (
            ":::tip Its title\nTold here.\n:::\nAfter.\n",
            [
                ("paragraph", 0, "Its title"),
                ("paragraph", 0, "Told here."),
                ("paragraph", 0, "After."),
            ],
        ),
        (
            "!!! stop right here\n\nAfter.\n",
            [("paragraph", 0, "!!! stop right here"), ("paragraph", 0, "After.")],
        ),
        ("    !!! note\n        code\n", [("code", 0, "!!! note code")]),
    ],
)
def test_a_note_is_read_without_its_marks(text: str, blocks: Found) -> None:
    assert find(text) == blocks


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        (
            "<dl>\n  <dt>Kran</dt>\n  <dd>\n  A machine that\n  lifts <b>loads</b>.\n  </dd>\n"
            "  <dt>Boje</dt>\n  <dd>A buoy.</dd>\n</dl>\n",
            [
                ("item", 1, "Kran"),
                ("paragraph", 1, "A machine that lifts <b>loads</b>."),
                ("item", 1, "Boje"),
                ("paragraph", 1, "A buoy."),
            ],
        ),
        (
            "<dl>\n<dt>Kran</dt>\n<dd>A crane.</dd>\n\n<dt>Boje</dt>\n<dd>A buoy.</dd>\n</dl>\n",
            [
                ("item", 1, "Kran"),
                ("paragraph", 1, "A crane."),
                ("item", 1, "Boje"),
                ("paragraph", 1, "A buoy."),
            ],
        ),
        (
            "<h2 align=center>Ropes</h2>\n<p>Ropes are\nnew.<br>Hooks are old.</p>\n",
            [
                ("heading", 0, "Ropes"),
                ("paragraph", 0, "Ropes are new."),
                ("paragraph", 0, "Hooks are old."),
            ],
        ),
        (
            "<table>\n<tr><th>Name</th><th>Role</th></tr>\n<tr>\n<td>Ada</td>\n<td>chair</td>\n</tr>\n"
            "<tr><td></td><td>none<br>at all</td></tr>\n</table>\n",
            [
                ("header", 0, "Name</th><th>Role"),
                ("row", 0, "Ada</td> <td>chair"),
                ("row", 0, "</td><td>none<br>at all"),
            ],
        ),
        (
            '<table><tr><td><img src="a.png"></td><td>Told <b>here</b>.</td></tr></table>\n',
            [("paragraph", 0, "Told <b>here</b>.")],
        ),
        (
            "<details>\n<summary>More</summary>\nTold\nhere.\n</details>\n",
            [("paragraph", 0, "More"), ("paragraph", 0, "Told here.")],
        ),
    ],
)
def test_html_in_markdown_has_the_blocks_of_its_tags(text: str, blocks: Found) -> None:
    assert find(text) == blocks


def test_rows_of_an_html_table_in_markdown_are_rows_that_can_be_read_alone(
    make_library: Callable[..., Library],
) -> None:
    rows = "".join(
        f"<tr><td>{name}</td>\n<td>{role}</td></tr>\n"
        for name, role in (("Ada", "treasurer"), ("Bob", "crane driver"), ("Eve", "cook"))
    )
    text = f"# The crew\n\n<table>\n<tr><th>Name</th><th>Role</th></tr>\n{rows}</table>\n"
    answer = Assistant(library=make_library(crew__md=text)).ask("Who is the crane driver?")
    assert answer.text == "Name: Bob | Role: crane driver [1]"
    assert answer.citations[0].sentence == "Bob</td>\n<td>crane driver"


@pytest.mark.parametrize(
    "row",
    [
        "<td rowspan=2>North</td><td>A</td>",
        "<td>N|E</td><td>A</td>",
        "<td>N</td><td>A</td><td>x</td>",
    ],
)
def test_rows_whose_cells_are_not_in_the_columns_of_others_are_text(row: str) -> None:
    kinds = [
        kind
        for kind, _, _ in find(
            f"<table><tr><th>Region</th><th>City</th></tr><tr>{row}</tr><tr><td>S</td><td>C</td></tr></table>"
        )
    ]
    assert kinds.count("row") == (1 if "|" in row else 0)


def test_words_beside_a_line_break_in_a_cell_are_not_joined() -> None:
    text = "Monday<br>Tuesday</td><td><ul><li>Wed</li><li>Thu</li></ul><td>`a<br>b`"
    assert strip_markup(text).split() == ["Monday", "Tuesday", "|", "Wed", "Thu", "|", "a<br>b"]


def test_deeply_nested_notes_are_read() -> None:
    text = (
        "".join(f"{'    ' * depth}!!! note\n\n" for depth in range(300)) + "    " * 300 + "Told.\n"
    )
    assert any("Told." in block for _, _, block in find(text))


@given(st.lists(st.sampled_from([*'!?=:> -"[]NOTEab\n<>dlti/', *_TAGS])).map("".join))
def test_the_blocks_of_any_text_are_in_order_and_not_empty(text: str) -> None:
    document = load_document(f"a\n\n{text}\n".encode(), "a.md")
    ends = 0
    for block in document.blocks:
        assert ends <= block.start < block.end <= len(document.text)
        assert document.text[block.start : block.end].strip()
        ends = block.end
