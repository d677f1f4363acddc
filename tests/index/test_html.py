"""Web pages: the article without navigation, tables, formulas and lists of definitions."""

import pytest

from index import Document
from index.documents import load_document

PARAGRAPH = (
    "The harbour of Kiel has nine cranes, which were built between 1954 and 1961, and each of them "
    "can lift forty tons, as the report of the harbour office says. "
)
LINKS = "".join(f'<li><a href="/{n}">Another story, number {n}</a></li>' for n in range(30))


def read(html: str) -> Document:
    return load_document(html.encode(), "a.html")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def page(article: str) -> str:
    return (
        f'<html><body><div class="top"><ul>{LINKS}</ul></div><div class="wrap">'
        f'<div class="story">{article}</div><div class="right"><h3>Most read</h3><ul>{LINKS}</ul>'
        f'</div></div><div class="bottom"><ul>{LINKS}</ul>Subscribe now</div></body></html>'
    )


def test_an_article_is_read_without_the_navigation_around_it() -> None:
    article = (
        f"<h1>Cranes</h1><p>{PARAGRAPH}</p><ul><li>a list, short</li></ul>"
        "<table><tr><th>Crane</th><th>Tons</th></tr><tr><td>Nine</td><td>40</td></tr></table>"
        f"<pre>lift(40)</pre>{f'<p>{PARAGRAPH}</p>' * 4}"
        '<div class="related"><p>Read more: <a href="/x">Ships of the world</a></p></div>'
    )
    found = blocks(read(page(article)))
    assert found[:6] == [
        ("heading", "Cranes"),
        ("paragraph", PARAGRAPH.strip()),
        ("item", "a list, short"),
        ("header", "Crane | Tons"),
        ("row", "Nine | 40"),
        ("code", "lift(40)"),
    ]
    assert {text for _, text in found[6:]} == {PARAGRAPH.strip()}


@pytest.mark.parametrize(
    "html",
    [
        f"<html><body><h1>Manual</h1><p>{PARAGRAPH}</p><ul><li>one</li></ul></body></html>",
        "<html><body>" + "".join(
            f"<div><h2>Part {n}</h2><p>{PARAGRAPH}</p></div>" for n in range(20)
        ) + "</body></html>",
    ],
)  # fmt: skip
def test_a_page_without_navigation_keeps_all_its_text(html: str) -> None:
    text = read(html).text
    assert text.count("forty tons") == html.count("forty tons")
    assert text.count("Part ") == html.count("Part ")


def test_a_page_of_short_entries_is_not_taken_for_navigation() -> None:
    entries = "".join(f"<dt>Term {n}</dt><dd>Meaning number {n}.</dd>" for n in range(80))
    text = read(f"<html><body><dl>{entries}</dl></body></html>").text
    assert "Term 0" in text and "Meaning number 79." in text


def test_marked_navigation_is_omitted() -> None:
    html = (
        "<header>Site</header><nav><a href='/'>Home</a></nav>"
        "<main><header><h1>Cranes</h1></header>"
        f"<p>{PARAGRAPH}</p></main><div role='contentinfo'>Imprint</div><footer>2026</footer>"
    )
    assert blocks(read(html)) == [("heading", "Cranes"), ("paragraph", PARAGRAPH.strip())]


def test_merged_cells_and_two_header_rows() -> None:
    html = (
        "<table><caption>Sales</caption><thead><tr><th rowspan=2>Region<th colspan=2>2025</tr>"
        "<tr><th>Q1<th>Q2</tr></thead><tbody><tr><td rowspan=2>North<td>5<td>5</tr>"
        "<tr><td><td>7</tr><tr><td colspan=3>No other regions</tr></table>"
    )
    assert blocks(read(html)) == [
        ("caption", "Sales"),
        ("header", "Region | 2025, Q1 | 2025, Q2"),
        ("row", "North | 5 | 5"),
        ("row", "North |  | 7"),
        ("row", "No other regions"),
    ]


def test_a_nested_table_is_text_and_a_layout_table_is_none() -> None:
    inner = "<table><tr><td>x<td>y</tr></table>"
    assert blocks(read(f"<table><tr><td>a<td>{inner}</tr></table>")) == [("row", "a | x y")]
    layout = f"<table><tr><td><h2>News</h2><p>First.</p><p>Second.</p></td><td>{inner}</td></tr>"
    assert blocks(read(f"{layout}</table>")) == [
        ("heading", "News"),
        ("paragraph", "First."),
        ("paragraph", "Second."),
        ("row", "x | y"),
    ]


def test_formulas_are_latex() -> None:
    html = (
        "<p>It is <math><mfrac><mi>a</mi><msup><mi>b</mi><mn>2</mn></msup></mfrac></math>, or "
        '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">\\alpha_1'
        "</annotation></semantics></math>.</p>"
    )
    assert blocks(read(html)) == [("paragraph", r"It is \frac{a}{b^{2}}, or \alpha_1.")]


def test_soft_hyphens_are_removed_and_definitions_belong_to_their_term() -> None:
    document = read("<dl><dt>Kran</dt><dd>Eine Hebe&shy;maschine.</dd></dl>")
    assert blocks(document) == [("item", "Kran"), ("paragraph", "Eine Hebemaschine.")]
    assert [block.depth for block in document.blocks] == [1, 1]


def test_an_article_of_lists_is_not_lost_to_its_comments() -> None:
    news = "".join(
        f"<li>Crane {n} was painted in spring, tested in summer, and lifted the ships of "
        "three companies in autumn and in winter.</li>"
        for n in range(12)
    )
    comment = "I saw it, it is tall, it is red, and it lifts, turns, creaks and shines. " * 4
    links = "".join(f'<a href="/{n}">Another page with news {n}</a> ' for n in range(30))
    page = (
        f"<body><div>{links}</div><article><h1>Cranes</h1><ul>{news}</ul></article>"
        f'<section id="comments"><ol><li><div><p>{comment}</p><p>{comment}</p></div></li></ol>'
        "</section></body>"
    )
    text = load_document(page.encode(), "a.html").text
    assert text.count("was painted in spring") == 12


LABELS = [
    (
        "<tr><td>Topic</td><td>Cranes</td></tr><tr><td>Time</td><td>9:00</td></tr>"
        "<tr><td>Meeting ID</td><td>123 456</td></tr>",
        ["Topic: Cranes", "Time: 9:00", "Meeting ID: 123 456"],
    ),
    (  # titles over both columns, colons, and a value that is missing
        "<tr><td colspan=2>Contact<tr><td>Name:<td>Ann<tr><td>Fax:<td><tr><td colspan=2>Address"
        "<tr><td>Town:<td>Kiel",
        ["Contact", "Name: Ann", "Fax:", "Address", "Town: Kiel"],
    ),
    (  # marked or bold labels with numbers only
        "<tr><th>Height<td>40<tr><th>Length<td>90<tr><th>Weight<td>7<tr><th>Year<td>1954",
        ["Height: 40", "Length: 90", "Weight: 7", "Year: 1954"],
    ),
    (
        "<tr><td><b>Built</b><td>1954<tr><td><p><strong>Torn down</strong></p><td>1999",
        ["Built: 1954", "Torn down: 1999"],
    ),
]
NAMES = [
    "<tr><td>Port<td>Cranes<tr><td>Kiel<td>9<tr><td>Riga<td>7<tr><td>Oslo<td>5",
    "<tr><td>Field<td>Description<tr><td>id<td>the number<tr><td>town<td>where it is",
    "<tr><td><b>Port</b><td><b>Owner</b><tr><td>Kiel<td>Ann<tr><td>Riga<td>Bob",
    "<tr><th>Port<th>Owner<tr><td>Kiel<td>Ann<tr><td>Riga<td>Bob",
    "<tr><td>Port<td>Owner<tr><td>Kiel<td>Ann<tr><td>Kiel<td>Bob",
    "<tr><td>Rule<td>Reason<tr><td>Nobody may be in the harbour at night.<td>Ice",
]


@pytest.mark.parametrize(("rows", "expected"), LABELS)
def test_a_table_of_labels_and_values_has_no_names_of_columns(
    rows: str, expected: list[str]
) -> None:
    assert [text for _, text in blocks(read(f"<table>{rows}</table>"))] == expected


@pytest.mark.parametrize("rows", NAMES)
def test_the_first_row_of_another_table_names_its_columns(rows: str) -> None:
    kinds = [kind for kind, _ in blocks(read(f"<table>{rows}</table>"))]
    assert kinds == ["header", *["row"] * (len(kinds) - 1)]


def test_a_row_whose_name_is_marked_names_no_columns() -> None:
    rows = "<tr><th>Owner<td>Ann<td>Bob<tr><th>Town<td>Kiel<td>Riga"
    assert blocks(read(f"<table>{rows}</table>")) == [
        ("row", "Owner | Ann | Bob"),
        ("row", "Town | Kiel | Riga"),
    ]
    corner = "<tr><th><td>Kiel<td>Riga<tr><th>Owner<td>Ann<td>Bob"
    assert [kind for kind, _ in blocks(read(f"<table>{corner}</table>"))] == ["header", "row"]
