"""The visible text of HTML elements, and the cells of HTML tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement as Element

from index.documents.formulas import write_formula
from index.documents.labels import has_labels

HIDDEN = frozenset(
    (
        "script style noscript template head nav svg iframe object canvas select "
        "button textarea video audio"
    ).split()
)
BLOCKS = frozenset(
    (
        "address article aside blockquote body caption center dd details div dl dt fieldset "
        "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre "
        "section summary table tbody tfoot thead tr ul"
    ).split()
)
CELLS = frozenset(("td", "th"))
_MAX_SPAN = 100  # columns or rows of one cell
_MAX_CELLS = 200_000  # cells of one table with those that merged cells cover
_LONG_CELL = 500  # characters; a table with several paragraphs in so long a cell arranges text


@dataclass(slots=True)
class HtmlTable:
    """The cells of a table. A merged cell is repeated in every row and column that it covers.

    `headers` is the number of rows at the top that name the columns; None if nothing is marked.
    With `has_labels`, each row is a label and its value.
    """

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)
    headers: int | None = None
    has_labels: bool = False


def is_hidden(element: Element) -> bool:
    """Whether an element is not shown."""
    style = (element.get("style") or "").replace(" ", "").lower()
    return (
        element.tag in HIDDEN
        or element.get("hidden") is not None
        or (element.get("aria-hidden") == "true" and element.tag != "math")
        or "display:none" in style
        or "visibility:hidden" in style
    )


def read_math(element: Element) -> str:
    """Return a ``math`` element as LaTeX: as its author wrote it, if the page says so."""
    written = element.get("alttext") or ""
    return written if "\\" in written else write_formula(element)


def read_text(element: Element) -> str:
    """Return the visible text in an element in one line."""
    pieces: list[str] = []
    stack: list[tuple[Element, bool]] = [(element, True)]
    while stack:  # not recursive, so any depth is allowed
        node, opens = stack.pop()
        if not opens:
            pieces.append(" " if node.tag in BLOCKS or node.tag in CELLS else "")
            pieces.append(node.tail or "")
            continue
        if not isinstance(node.tag, str) or is_hidden(node):
            pieces.append((node.tail or "") if node is not element else "")
            continue
        if node is not element:
            stack.append((node, False))
        if node.tag == "math":
            pieces.append(read_math(node))
            continue
        pieces.append(" " if node.tag in BLOCKS or node.tag in CELLS or node.tag == "br" else "")
        pieces.append(node.text or "")
        stack += [(child, True) for child in reversed(node)]
    return " ".join("".join(pieces).replace("\u00ad", "").split())


def arranges_text(table: Element) -> bool:
    """Whether a table does not hold values, but arranges text on the page."""
    if table.get("role") in ("presentation", "none"):
        return True
    if next(table.iter("th", "caption"), None) is not None and not _holds(table, "table"):
        return False
    rows = [list(_cells(row)) for row in _rows(table)]
    if all(len(row) <= 1 for row in rows):
        return True
    if _holds(table, "h1", "h2", "h3", "h4", "h5", "h6", "form"):
        return True
    return any(
        len(list(cell.iter("p", "div", "li", "pre", "table"))) > 1
        and len(cell.text_content()) > _LONG_CELL
        for row in rows
        for cell in row
    )


def _holds(table: Element, *tags: str) -> bool:
    return any(element is not table for element in table.iter(*tags))


def read_table(table: Element) -> HtmlTable:
    """Return the cells of a table that holds values. A nested table is text in its cell."""
    found = table.find("caption")
    read = HtmlTable("" if found is None else read_text(found))
    covered: dict[int, tuple[str, int]] = {}  # column -> text of a cell above, rows it still covers
    marked = total = 0
    emphasised: list[list[bool]] = []
    for number, row in enumerate(_rows(table)):
        cells: list[str] = []
        marks: list[bool] = []
        parts = list(_cells(row))
        alone = len(parts) == 1 and not covered
        for cell in parts:
            _take_covered(cells, covered)
            text = read_text(cell)
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            for _ in range(width):
                if height > 1:
                    covered[len(cells)] = text, height - 1
                cells.append(text)
            marks.append(_is_emphasised(cell))
        _take_covered(cells, covered)
        read.rows.append(cells[:1] if alone else cells)
        emphasised.append((marks + [False] * len(cells))[: len(cells)])
        total += len(cells)
        if number == marked and _names_columns(row):
            marked += 1
        if total > _MAX_CELLS:
            break
    first = next(_rows(table), None)
    names_row = first is not None and _names_row(first)
    read.headers = marked or (0 if names_row else None)
    read.has_labels = not marked and has_labels(read.rows, emphasised)
    return read


def _is_emphasised(cell: Element) -> bool:
    """Whether a cell is marked as a name, or all of its text is bold."""
    if cell.tag == "th":
        return True
    weight = (cell.get("style") or "").replace(" ", "").lower()
    bold = "".join("".join(each.itertext()) for each in cell.iter("b", "strong"))
    text = cell.text_content()
    return bool(text.strip()) and ("font-weight:bold" in weight or bold.split() == text.split())


def _names_row(row: Element) -> bool:
    """Whether the first cell of a row is marked as its name, and the others hold values."""
    first, *others = [*_cells(row)] or [row]
    values = bool(others) and all(cell.tag == "td" for cell in others)
    return values and first.tag == "th" and bool(read_text(first))


def _take_covered(cells: list[str], covered: dict[int, tuple[str, int]]) -> None:
    """Append the cells at the current place that merged cells of earlier rows cover."""
    while len(cells) in covered:
        text, rows = covered.pop(len(cells))
        if rows > 1:
            covered[len(cells)] = text, rows - 1
            cells.append(text)
            continue
        cells.append(text)


def _span(cell: Element, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    return min(max(int(text), 1), _MAX_SPAN) if text.isdecimal() else 1


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from child.iterchildren("tr")


def _cells(row: Element) -> Iterator[Element]:
    return (cell for cell in row if cell.tag in CELLS and not is_hidden(cell))


def _names_columns(row: Element) -> bool:
    cells = list(_cells(row))
    parent = row.getparent()
    return bool(cells) and (
        all(cell.tag == "th" for cell in cells) or (parent is not None and parent.tag == "thead")
    )
