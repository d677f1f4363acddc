"""Conversations -> HTML. Pure functions; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from rag.types import Answer, Citation
from ui.conversation import Conversation, Exchange
from ui.export import copy_answer, write_conversation
from ui.wording import ENGLISH, Wording

# The window's component reads its content as a template too: these would start an expression.
_TEMPLATE_MARKS = str.maketrans({c: f"&#{ord(c)};" for c in "{}$`\\"})

# From where an answer is called sure, or fairly sure; `benchmarks/results.md` has how many of
# these are right.
SURE, FAIRLY_SURE = 0.8, 0.5


def escape_text(text: str) -> str:
    """Return text as HTML that shows it and does nothing else."""
    return escape(text, quote=True).translate(_TEMPLATE_MARKS)


def render_conversation(
    conversation: Conversation, say: Wording = ENGLISH, *, linked: bool = False, step: str = ""
) -> str:
    """Return the conversation; with nothing asked yet, a greeting.

    With `linked` it is kept on disk, and each answer has a link. `step` is what the browser calls
    its request for it.
    """
    data = f'data-step="{escape_text(step)}" data-drop="{say("drop")}"'
    if not conversation.exchanges:
        return (
            f'<div class="fn-welcome" {data}><h2>{say("welcome")}</h2>'
            f"<p>{say('welcome_hint')}</p></div>"
        )
    key = conversation.key if linked else ""
    turns = "".join(
        _render_exchange(number, each, key, say)
        for number, each in enumerate(conversation.exchanges)
    )
    export = ""
    if any(each.answer for each in conversation.exchanges) and not conversation.open:
        whole = escape_text(write_conversation(conversation.exchanges))
        export = _button("fn-small fn-export", say("export"), text=whole)
    return (
        f'<div class="fn-log" role="log" aria-live="polite" data-chat="{key}" '
        f"{data}>{turns}</div>{export}"
    )


def render_suggestions(suggestions: Sequence[str]) -> str:
    """Return questions to try."""
    chips = "".join(_button("fn-suggestion", escape_text(text)) for text in suggestions)
    return f'<div class="fn-suggestions">{chips}</div>'


def _button(kind: str, content: str, label: str = "", **data: object) -> str:
    """Return a button; what it holds, its label and its data are HTML already."""
    fields = "".join(f' data-{name}="{value}"' for name, value in data.items())
    named = f' aria-label="{label}"' if label else ""
    return f'<button type="button" class="{kind}"{fields}{named}>{content}</button>'


def _render_exchange(number: int, exchange: Exchange, chat: str, say: Wording) -> str:
    edit = ""
    if not exchange.open:
        edit = _button("fn-small fn-edit", say("edit"), say("edit_label"), turn=number)
    question = (
        f'<div class="fn-asked">{edit}'
        f'<div class="fn-question">{escape_text(exchange.question)}</div></div>'
    )
    if exchange.error:
        body = f'<div class="fn-error" role="alert">{escape_text(exchange.error)}</div>'
    elif exchange.answer is not None:
        body = _render_answer(number, exchange, exchange.answer, chat, say)
    else:
        body = _render_partial(exchange, say)
    return f'<article class="fn-exchange" data-answer="{exchange.key}">{question}{body}</article>'


def _render_partial(exchange: Exchange, say: Wording) -> str:
    said = escape_text(exchange.text)
    if exchange.open:
        wait = f'<span class="fn-wait" role="status">{say("searching")}…</span>'
        return f'<div class="fn-answer fn-partial">{said or wait}</div>'
    notice = say("stopped") if said else say("unanswered")
    return (
        f'<div class="fn-answer fn-partial">{said}</div>'
        f'<p class="fn-notice" role="status">{notice}</p>'
    )


def _render_answer(turn: int, exchange: Exchange, answer: Answer, chat: str, say: Wording) -> str:
    kind = "fn-answer fn-refusal" if answer.refused else "fn-answer"
    body = f'<div class="{kind}"><p>{_render_text(turn, answer, say)}</p>'
    if answer.citations:
        items = "".join(
            _render_source(turn, citation, "cite", say) for citation in answer.citations
        )
        body += f'<ol class="fn-sources">{items}</ol>'
    if answer.refused and answer.closest:
        items = "".join(_render_source(turn, citation, "near", say) for citation in answer.closest)
        body += (
            f'<details class="fn-closest"><summary>{say("closest")}</summary>'
            f'<ol class="fn-sources">{items}</ol></details>'
        )
    if answer.notice:
        body += f'<p class="fn-notice" role="status">{escape_text(answer.notice)}</p>'
    facts = filter(None, (_describe_confidence(answer, say), _describe_usage(answer, say)))
    if told := " · ".join(facts):
        body += f'<p class="fn-usage">{escape_text(told)}</p>'
    return f"{body}{_render_actions(turn, exchange, answer, chat, say)}</div>"


def _render_actions(turn: int, exchange: Exchange, answer: Answer, chat: str, say: Wording) -> str:
    """Return what can be done with an answer: take it along, say what one thinks of it."""
    done = say("copied")
    copied = escape_text(copy_answer(answer))
    buttons = _button("fn-small fn-copy", say("copy"), text=copied, done=done)
    if chat:
        link = f"?chat={chat}&amp;answer={exchange.key}"
        buttons += _button("fn-small fn-link", say("link"), link=link, done=done)
    for good, label in ((True, say("helpful")), (False, say("not_helpful"))):
        pressed = str(exchange.good is good).lower()
        buttons += (
            f'<button type="button" class="fn-small fn-rate" data-turn="{turn}" '
            f'data-good="{str(good).lower()}" aria-pressed="{pressed}">{label}</button>'
        )
    comment = ""
    if exchange.good is not None and not exchange.commented:
        comment = (
            f'<input class="fn-comment" data-turn="{turn}" maxlength="2000" '
            f'placeholder="{say("comment_hint")}" aria-label="{say("comment")}">'
        )
    elif exchange.commented:
        comment = f'<span class="fn-place" role="status">{say("noted")}</span>'
    return f'<div class="fn-actions">{buttons}{comment}</div>'


def _describe_confidence(answer: Answer, say: Wording) -> str:
    if answer.confidence is None:
        return ""
    if answer.confidence >= SURE:
        return say("sure")
    return say("fairly_sure") if answer.confidence >= FAIRLY_SURE else say("unsure")


def _describe_usage(answer: Answer, say: Wording) -> str:
    usage = answer.usage
    if usage is None:
        return ""
    tokens = usage.input_tokens + usage.output_tokens
    key = "tokens" if tokens else "seconds"
    return say(key, model=answer.model, seconds=f"{usage.seconds:.1f}", tokens=f"{tokens:,}")


def _render_text(turn: int, answer: Answer, say: Wording) -> str:
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
        text = text.replace(f" {mark}", _render_chip(turn, citation, say))
    if not answer.unsupported:
        return text
    said = say("unsupported")
    mark = f'<span class="fn-unsupported" role="img" aria-label="{said}" title="{said}">?</span>'
    return text.replace(" [?]", mark)


def _render_chip(turn: int, citation: Citation, say: Wording) -> str:
    place = escape_text(_refer(citation, say))
    label = say("source_number", number=citation.number, place=place)
    tip = f"fn-tip-{turn}-{citation.number}"
    return (
        '<span class="fn-chip">'
        f'<button type="button" class="fn-cite" data-turn="{turn}" data-list="cite" '
        f'data-number="{citation.number}" aria-label="{label}" '
        f'aria-describedby="{tip}">{citation.number}</button>'
        f'<span class="fn-tip" role="tooltip" id="{tip}"><b>{place}</b> '
        f"{escape_text(' '.join(citation.sentence.split()))}</span></span>"
    )


def _render_source(turn: int, citation: Citation, source: str, say: Wording) -> str:
    sentence = escape_text(" ".join(citation.sentence.split()))
    place = escape_text(_refer(citation, say))
    content = f'<b>{citation.number}</b> <span class="fn-place">{place}</span> <q>{sentence}</q>'
    button = _button("fn-source", content, turn=turn, list=source, number=citation.number)
    return f"<li>{button}</li>"


def _refer(citation: Citation, say: Wording) -> str:
    return ", ".join(filter(None, (citation.title, name_place(citation, say))))


def name_place(citation: Citation, say: Wording) -> str:
    """Return where people find a cited sentence, in words, as `Citation.place` does in English."""
    if citation.page is not None:
        return say("page", number=citation.page)
    if citation.slide is not None:
        return say("slide", number=citation.slide)
    row = say("row", number=citation.row) if citation.row is not None else ""
    if citation.sheet is not None:
        return ", ".join(filter(None, (say("sheet", name=citation.sheet), row)))
    return row or citation.place
