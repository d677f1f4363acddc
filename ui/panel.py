"""A document, and the cited sentence in it -> HTML."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from itertools import groupby

from rag.library import Block, Document, PageImage, Part, readable
from ui.rendering import escape_text
from ui.wording import ENGLISH, Wording

_MAX_BLOCKS = 400  # of a document shown at once, around the cited sentence

Span = tuple[int, int]


def render_source_hint(say: Wording = ENGLISH) -> str:
    """Return what the source panel shows before a source is chosen."""
    return f'<p class="fn-hint">{say("source_hint")}</p>'


def render_document(
    document: Document,
    cited: Span | None = None,
    others: Sequence[Span] = (),
    place: str = "",
    page: PageImage | None = None,
    steps: str = "",
    say: Wording = ENGLISH,
) -> str:
    """Return a document with the cited sentence marked, and other spans marked lightly.

    `place` says in words where the sentence is; `page` is a picture of its page; `steps` are the
    buttons of `render_steps`.
    """
    marks = [(*span, "fn-also") for span in others if span != cited]
    if cited is not None:
        marks.append((*cited, "fn-cited"))
    blocks, cut = _choose_blocks(document.blocks, cited)
    body = "".join(_render_blocks(document, blocks, sorted(marks), say))
    note = f'<p class="fn-hint">{say("cut")}</p>' if cut else ""
    where = " · ".join(filter(None, (document.path, place)))
    where = f'<span class="fn-place">{escape_text(where)}</span>'
    return (
        f'<header class="fn-title"><h2>{escape_text(document.title)}</h2>{where}'
        f'<button type="button" class="fn-close" aria-label="{say("close")}">×</button></header>'  # noqa: RUF001
        f"{steps}{_render_page(page, say)}{note}"
        f'<div class="fn-text" tabindex="0">{body}</div>'
    )


def render_steps(
    turn: int, source: str, numbers: Sequence[int], current: int, say: Wording = ENGLISH
) -> str:
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

    back = button(before, "\u2039", say("previous"))
    on = button(after, "\u203a", say("next"))
    return (
        f'<nav class="fn-steps" aria-label="{say("citations")}">{back}'
        f"<span>{say('position', at=at + 1, count=len(numbers))}</span>{on}</nav>"
    )


def _render_page(page: PageImage | None, say: Wording) -> str:
    if page is None:
        return ""
    data = base64.b64encode(page.png).decode("ascii")
    return (
        f'<details class="fn-page-image" open data-mark="{page.mark:.3f}">'
        f"<summary>{say('printed', number=page.number)}</summary>"
        f'<div class="fn-page-sheet"><img alt="{say("printed_alt", number=page.number)}" '
        f'src="data:image/png;base64,{data}"></div></details>'
    )


def _choose_blocks(blocks: Sequence[Block], cited: Span | None) -> tuple[Sequence[Block], bool]:
    if len(blocks) <= _MAX_BLOCKS:
        return blocks, False
    start = cited[0] if cited else 0
    number = next((i for i, block in enumerate(blocks) if block.end > start), 0)
    first = max(0, min(number - _MAX_BLOCKS // 2, len(blocks) - _MAX_BLOCKS))
    return blocks[first : first + _MAX_BLOCKS], True


def _render_blocks(
    document: Document,
    blocks: Sequence[Block],
    marks: Sequence[tuple[int, int, str]],
    say: Wording,
) -> Iterator[str]:
    parts = [part for part in document.parts if part.kind != "sheet"]  # a sheet has a heading
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        items: list[str] = []
        for block in group:
            if kind not in ("row", "item"):
                items += _render_divider(parts, block, say)
            items.append(_render_block(document, block, marks))
        body = "".join(items)
        wrapped = {"row": f"<table><tbody>{body}</tbody></table>", "item": f"<ul>{body}</ul>"}
        yield wrapped.get(kind, body)


def _render_divider(parts: list[Part], block: Block, say: Wording) -> Iterator[str]:
    """Yield a line that names the part that begins with a block, if one does; it is used up."""
    begun = None
    while parts and parts[0].start <= block.start:
        begun = parts.pop(0)
    if begun is not None:
        yield f'<p class="fn-page">{say(f"part_{begun.kind}", number=begun.number)}</p>'


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
