"""A document, and the cited sentence in it -> HTML."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from itertools import groupby

from rag.library import Block, Document, Part, readable
from ui.rendering import escape_text

_MAX_BLOCKS = 400  # of a document shown at once, around the cited sentence

Span = tuple[int, int]


def render_source_hint() -> str:
    """Return what the source panel shows before a source is chosen."""
    return (
        '<p class="fn-hint">Choose a citation, or a document, to read it here '
        "with the sentence marked.</p>"
    )


def render_document(
    document: Document,
    cited: Span | None = None,
    others: Sequence[Span] = (),
    place: str = "",
    page_image: bytes | None = None,
    steps: str = "",
) -> str:
    """Return a document with the cited sentence marked, and other spans marked lightly.

    `place` says in words where the sentence is; `page_image` is a picture of its page, PNG;
    `steps` are the buttons of `render_steps`.
    """
    marks = [(*span, "fn-also") for span in others if span != cited]
    if cited is not None:
        marks.append((*cited, "fn-cited"))
    blocks, cut = _choose_blocks(document.blocks, cited)
    body = "".join(_render_blocks(document, blocks, sorted(marks)))
    note = '<p class="fn-hint">Only the part around the sentence is shown.</p>' if cut else ""
    where = " · ".join(filter(None, (document.path, place)))
    where = f'<span class="fn-place">{escape_text(where)}</span>'
    return (
        f'<header class="fn-title"><h2>{escape_text(document.title)}</h2>{where}'
        '<button type="button" class="fn-close" aria-label="Close the source">×</button></header>'  # noqa: RUF001
        f"{steps}{_render_page(page_image, place)}{note}"
        f'<div class="fn-text" tabindex="0">{body}</div>'
    )


def render_steps(turn: int, source: str, numbers: Sequence[int], current: int) -> str:
    """Return buttons that lead to the previous and the next of an answer's citations."""
    if len(numbers) < 2:
        return ""
    at = numbers.index(current)
    before, after = numbers[at - 1], numbers[(at + 1) % len(numbers)]

    def button(number: int, sign: str, label: str) -> str:
        return (
            f'<button type="button" class="fn-small fn-step" data-turn="{turn}" '
            f'data-list="{escape_text(source)}" data-number="{number}" aria-label="{label}">'
            f"{sign}</button>"
        )

    back = button(before, "\u2039", "Previous citation")
    on = button(after, "\u203a", "Next citation")
    return (
        f'<nav class="fn-steps" aria-label="Citations">{back}'
        f"<span>{at + 1} of {len(numbers)}</span>{on}</nav>"
    )


def _render_page(page_image: bytes | None, place: str) -> str:
    if page_image is None:
        return ""
    label = escape_text(place.capitalize())
    data = base64.b64encode(page_image).decode("ascii")
    return (
        f'<details class="fn-page-image"><summary>{label} as it is printed</summary>'
        f'<img alt="{label}, with the sentence marked" src="data:image/png;base64,{data}">'
        "</details>"
    )


def _choose_blocks(blocks: Sequence[Block], cited: Span | None) -> tuple[Sequence[Block], bool]:
    if len(blocks) <= _MAX_BLOCKS:
        return blocks, False
    start = cited[0] if cited else 0
    number = next((i for i, block in enumerate(blocks) if block.end > start), 0)
    first = max(0, min(number - _MAX_BLOCKS // 2, len(blocks) - _MAX_BLOCKS))
    return blocks[first : first + _MAX_BLOCKS], True


def _render_blocks(
    document: Document, blocks: Sequence[Block], marks: Sequence[tuple[int, int, str]]
) -> Iterator[str]:
    parts = [part for part in document.parts if part.kind != "sheet"]  # a sheet has a heading
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        items: list[str] = []
        for block in group:
            if kind not in ("row", "item"):
                items += _render_divider(parts, block)
            items.append(_render_block(document, block, marks))
        body = "".join(items)
        wrapped = {"row": f"<table><tbody>{body}</tbody></table>", "item": f"<ul>{body}</ul>"}
        yield wrapped.get(kind, body)


def _render_divider(parts: list[Part], block: Block) -> Iterator[str]:
    """Yield a line that names the part that begins with a block, if one does; it is used up."""
    begun = None
    while parts and parts[0].start <= block.start:
        begun = parts.pop(0)
    if begun is not None:
        yield f'<p class="fn-page">{begun.kind.capitalize()} {begun.number}</p>'


def _render_block(document: Document, block: Block, marks: Sequence[tuple[int, int, str]]) -> str:
    text = "".join(_render_marked(document, block, marks))
    if block.kind == "heading":
        level = min(block.level + 2, 6)
        return f"<h{level}>{text}</h{level}>"
    if block.kind == "row":
        # A mark covers the whole row, so it can be cut at the cells.
        cells = "</td><td>".join(text.split(" | "))
        return f"<tr><td>{cells}</td></tr>"
    tag = {"item": "li", "code": "pre"}.get(block.kind, "p")
    return f"<{tag}>{text}</{tag}>"


def _render_marked(
    document: Document, block: Block, marks: Sequence[tuple[int, int, str]]
) -> Iterator[str]:
    inside = [
        (max(start, block.start), min(end, block.end), name)
        for start, end, name in marks
        if start < block.end and end > block.start
    ]
    position = block.start
    for start, end, name in inside:
        if start < position:
            continue
        yield _show(document, position, start)
        yield f'<mark class="{name}">{_show(document, start, end)}</mark>'
        position = end
    yield _show(document, position, block.end)


def _show(document: Document, start: int, end: int) -> str:
    piece = document.text[start:end]
    lead = piece[: len(piece) - len(piece.lstrip())]
    return escape_text(lead + readable(piece[len(lead) :], document.format))
