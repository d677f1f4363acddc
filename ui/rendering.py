"""Conversations -> HTML. Pure functions; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from rag.types import Answer, Citation
from ui.conversation import Exchange
from ui.export import copy_answer, write_conversation

# The window's component reads its content as a template too: these would start an expression.
_TEMPLATE_MARKS = str.maketrans({c: f"&#{ord(c)};" for c in "{}$`\\"})

_UNSUPPORTED = (
    '<span class="fn-unsupported" role="img" aria-label="No document supports this sentence" '
    'title="No document supports this sentence">?</span>'
)


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
    export = ""
    if any(each.answer for each in exchanges) and not exchanges[-1].open:
        whole = escape_text(write_conversation(exchanges))
        export = (
            f'<button type="button" class="fn-small fn-export" data-text="{whole}">'
            "Export as Markdown</button>"
        )
    return f'<div class="fn-log" role="log" aria-live="polite">{turns}</div>{export}'


def render_suggestions(suggestions: Sequence[str]) -> str:
    """Return questions to try."""
    chips = "".join(
        f'<button type="button" class="fn-suggestion">{escape_text(text)}</button>'
        for text in suggestions
    )
    return f'<div class="fn-suggestions">{chips}</div>'


def _render_exchange(number: int, exchange: Exchange) -> str:
    edit = (
        ""
        if exchange.open
        else f'<button type="button" class="fn-small fn-edit" data-turn="{number}" '
        'aria-label="Edit this question and ask again">Edit</button>'
    )
    question = (
        f'<div class="fn-asked">{edit}'
        f'<div class="fn-question">{escape_text(exchange.question)}</div></div>'
    )
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
        body = _render_answer(number, exchange, exchange.answer)
    return f'<article class="fn-exchange">{question}{body}</article>'


def _render_answer(turn: int, exchange: Exchange, answer: Answer) -> str:
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
    return f"{body}{_render_actions(turn, exchange, answer)}</div>"


def _render_actions(turn: int, exchange: Exchange, answer: Answer) -> str:
    """Return what can be done with an answer: copy it, say what one thinks of it."""
    copied = escape_text(copy_answer(answer))
    buttons = (
        f'<button type="button" class="fn-small fn-copy" data-text="{copied}">'
        "Copy with citations</button>"
    )
    for good, label in ((True, "Helpful"), (False, "Not helpful")):
        pressed = str(exchange.good is good).lower()
        buttons += (
            f'<button type="button" class="fn-small fn-rate" data-turn="{turn}" '
            f'data-good="{str(good).lower()}" aria-pressed="{pressed}">{label}</button>'
        )
    comment = ""
    if exchange.good is not None and not exchange.commented:
        comment = (
            f'<input class="fn-comment" data-turn="{turn}" maxlength="2000" '
            'placeholder="What was good or bad? (Enter)" aria-label="Comment on the answer">'
        )
    elif exchange.commented:
        comment = '<span class="fn-place" role="status">Thank you, noted.</span>'
    return f'<div class="fn-actions">{buttons}{comment}</div>'


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
    place = escape_text(_place(citation))
    tip = f"fn-tip-{turn}-{citation.number}"
    return (
        '<span class="fn-chip">'
        f'<button type="button" class="fn-cite" data-turn="{turn}" data-list="cite" '
        f'data-number="{citation.number}" aria-label="Source {citation.number}: {place}" '
        f'aria-describedby="{tip}">{citation.number}</button>'
        f'<span class="fn-tip" role="tooltip" id="{tip}"><b>{place}</b> '
        f"{escape_text(' '.join(citation.sentence.split()))}</span></span>"
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
