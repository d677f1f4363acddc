"""Answers and documents -> HTML. Pure functions; whatever comes from outside is escaped."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

from rag.library import Block, Document, DocumentRecord, Part, readable
from rag.types import Answer, Citation
from ui.conversation import Exchange

_MAX_BLOCKS = 400  # of a document shown at once, around the cited sentence
# The window's component reads its content as a template too: these would start an expression.
_TEMPLATE_MARKS = str.maketrans({c: f"&#{ord(c)};" for c in "{}$`\\"})

_UNSUPPORTED = (
    '<span class="fn-unsupported" role="img" aria-label="No document supports this sentence" '
    'title="No document supports this sentence">?</span>'
)

Span = tuple[int, int]


def escape_text(text: str) -> str:
    """Return text as HTML that shows it and does nothing else."""
    return escape(text, quote=True).translate(_TEMPLATE_MARKS)


def render_conversation(exchanges: Sequence[Exchange]) -> str:
    """Return the conversation; with nothing asked yet, a greeting."""
    if not exchanges:
        return (
            '<div class="fn-welcome"><h2>Ask your documents</h2>'
            "<p>Every answer is quoted; choose a number to see the sentence where it stands.</p>"
            "</div>"
        )
    turns = "".join(_render_exchange(number, each) for number, each in enumerate(exchanges))
    return f'<div class="fn-log" role="log" aria-live="polite">{turns}</div>'


def render_suggestions(suggestions: Sequence[str]) -> str:
    """Return questions to try."""
    chips = "".join(
        f'<button type="button" class="fn-suggestion">{escape_text(text)}</button>'
        for text in suggestions
    )
    return f'<div class="fn-suggestions">{chips}</div>'


def _render_exchange(number: int, exchange: Exchange) -> str:
    question = f'<div class="fn-question">{escape_text(exchange.question)}</div>'
    if exchange.error:
        body = f'<div class="fn-error" role="alert">{escape_text(exchange.error)}</div>'
    elif exchange.answer is None:
        shown = escape_text(exchange.text) or '<span class="fn-wait" aria-label="Searching"></span>'
        body = f'<div class="fn-answer fn-partial">{shown}</div>'
        if exchange.stopped:
            said = escape_text(exchange.text)
            body = (
                f'<div class="fn-answer fn-partial">{said}</div>'
                '<p class="fn-notice" role="status">Stopped. Nothing of this was checked.</p>'
            )
    else:
        body = _render_answer(number, exchange.answer)
    return f'<article class="fn-exchange">{question}{body}</article>'


def _render_answer(turn: int, answer: Answer) -> str:
    kind = "fn-answer fn-refusal" if answer.refused else "fn-answer"
    body = f'<div class="{kind}"><p>{_render_text(turn, answer)}</p>'
    if answer.citations:
        items = "".join(_render_source(turn, citation, "cite") for citation in answer.citations)
        body += f'<ol class="fn-sources">{items}</ol>'
    if answer.refused and answer.closest:
        items = "".join(_render_source(turn, citation, "near") for citation in answer.closest)
        body += (
            '<details class="fn-closest"><summary>Closest passages, which may not answer it'
            f'</summary><ol class="fn-sources">{items}</ol></details>'
        )
    if answer.notice:
        body += f'<p class="fn-notice" role="status">{escape_text(answer.notice)}</p>'
    if answer.usage:
        body += f'<p class="fn-usage">{escape_text(_describe_usage(answer))}</p>'
    return body + "</div>"


def _describe_usage(answer: Answer) -> str:
    usage = answer.usage
    if usage is None:
        return ""
    tokens = usage.input_tokens + usage.output_tokens
    counted = f", {tokens:,} tokens" if tokens else ""
    return f"{answer.model}, {usage.seconds:.1f} s{counted}"


def _render_text(turn: int, answer: Answer) -> str:
    """Return the answer's text: short answers strong, ``[n]`` a button."""
    numbers = {f"[{citation.number}]": citation for citation in answer.citations}
    edges = sorted({0, len(answer.text), *(edge for span in answer.emphasis for edge in span)})
    pieces = []
    for start, end in pairwise(edges):
        piece = escape_text(answer.text[start:end])
        strong = any(a <= start and end <= b for a, b in answer.emphasis)
        pieces.append(f"<strong>{piece}</strong>" if strong else piece)
    text = "".join(pieces)
    for mark, citation in numbers.items():
        text = text.replace(f" {mark}", _render_chip(turn, citation))
    return text.replace(" [?]", _UNSUPPORTED) if answer.unsupported else text


def _render_chip(turn: int, citation: Citation) -> str:
    label = escape_text(f"Source {citation.number}: {_place(citation)}")
    return (
        f'<button type="button" class="fn-cite" data-turn="{turn}" data-list="cite" '
        f'data-number="{citation.number}" aria-label="{label}" '
        f'title="{escape_text(" ".join(citation.sentence.split()))}">{citation.number}</button>'
    )


def _render_source(turn: int, citation: Citation, source: str) -> str:
    sentence = escape_text(" ".join(citation.sentence.split()))
    place = escape_text(_place(citation))
    return (
        f'<li><button type="button" class="fn-source" data-turn="{turn}" data-list="{source}" '
        f'data-number="{citation.number}"><b>{citation.number}</b> '
        f'<span class="fn-place">{place}</span> <q>{sentence}</q></button></li>'
    )


def _place(citation: Citation) -> str:
    return ", ".join(filter(None, (citation.title, citation.place)))


def render_documents(records: Iterable[DocumentRecord]) -> str:
    """Return the list of indexed documents."""
    items = "".join(
        f'<li><button type="button" class="fn-document" data-path="{escape_text(record.path)}">'
        f"<b>{escape_text(record.title)}</b>"
        f'<span class="fn-place">{escape_text(record.path)} · {record.sentences} sentences</span>'
        "</button></li>"
        for record in records
    )
    return f'<ul class="fn-documents">{items}</ul>'


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
) -> str:
    """Return a document with the cited sentence marked, and other spans marked lightly.

    `place` says in words where the sentence is; `page_image` is a picture of its page, PNG.
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
        f'{_render_page(page_image, place)}{note}<div class="fn-text" tabindex="0">{body}</div>'
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
