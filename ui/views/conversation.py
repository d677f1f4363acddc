"""Renders conversations as HTML. Pure functions; the templates escape all values."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from rag.library.documents import show_sentence
from rag.settings import EXTRACTIVE
from rag.types import Answer, Citation
from ui.state.conversation import Conversation, Exchange
from ui.views.answer_parts import (
    OUTCOMES,
    find_outcomes,
    list_written,
    split_text,
    split_written,
)
from ui.views.export import copy_answer, write_conversation
from ui.views.html import render
from ui.views.quotations import arrange_sides, find_short_answer, split_quotations
from ui.views.wording import ENGLISH, Wording

# Lowest confidence for "high" and "good". `benchmarks/results.md` says how many of these answers
# are right.
SURE, FAIRLY_SURE = 0.75, 0.5
_NAMED = 3  # documents that the filter line names; further documents are counted


def render_conversation(
    conversation: Conversation,
    say: Wording = ENGLISH,
    *,
    linked: bool = False,
    step: str = "",
    notice: str = "",
    found: str = "",
) -> str:
    """Return the conversation, or a greeting before the first question.

    `linked` means that the conversation is stored on disk; then each answer has a link. `step` is
    the id of the browser's request for this conversation. `notice` is shown with the greeting.
    `found` is the key of the exchange to scroll to.
    """
    exported = ""
    if any(each.answer for each in conversation.exchanges) and not conversation.open:
        exported = write_conversation(conversation.exchanges)
    chat = conversation.key if linked else ""
    return render(
        "conversation.html",
        say,
        exchanges=[
            _render_exchange(turn, each, conversation, chat, say)
            for turn, each in enumerate(conversation.exchanges)
        ],
        editing=conversation.editing,
        chat=chat,
        step=step,
        exported=exported,
        notice=notice,
        found=found,
    )


def _render_exchange(
    turn: int, exchange: Exchange, conversation: Conversation, chat: str, say: Wording
) -> str:
    edited, editable = exchange.key == conversation.editing, not conversation.open
    # The whole conversation is rendered again for each word of a running answer, so the HTML of
    # finished exchanges is cached.
    show = _show_exchange.__wrapped__ if exchange.open else _show_exchange
    return show(turn, exchange, exchange.key, chat, edited, editable, say)


@lru_cache(maxsize=256)
def _show_exchange(
    turn: int,
    exchange: Exchange,
    key: str,  # part of the cache key: `Exchange` objects are compared without their key
    chat: str,
    edited: bool,
    editable: bool,
    say: Wording,
) -> str:
    return render(
        "exchange.html",
        say,
        turn=turn,
        exchange=exchange,
        key=key,
        chat=chat,
        edited=edited,
        editable=editable,
        split_written=split_written,
        list_written=list_written,
        split_text=split_text,
        split_quotations=lambda answer: split_quotations(answer, lambda each: _refer(each, say)),
        arrange_sides=arrange_sides,
        find_short_answer=find_short_answer,
        find_outcomes=find_outcomes,
        OUTCOMES=OUTCOMES,
        copy_answer=copy_answer,
        describe=lambda answer: _describe(answer, say),
        refer=lambda citation: _refer(citation, say),
        quote=lambda citation: show_sentence(citation.document, citation.sentence),
        quotes=exchange.answer is not None and exchange.answer.model == EXTRACTIVE,
    )


def render_suggestions(suggestions: Sequence[str], say: Wording = ENGLISH) -> str:
    """Return the suggested questions as buttons."""
    return render("suggestions.html", say, questions=suggestions)


def render_filter(
    chosen: Sequence[str] | None, documents: Sequence[str], say: Wording = ENGLISH
) -> str:
    """Return a line that names the chosen documents, or those left out if these are fewer.

    It is empty if `chosen` is None: all documents are asked.
    """
    if chosen is None:
        return ""
    left_out = [path for path in documents if path not in set(chosen)]
    key, named = ("only", chosen) if len(chosen) <= len(left_out) else ("without", left_out)
    if not chosen:
        told = say("none_ticked")
    else:
        names = ", ".join(PurePosixPath(path).name for path in named[:_NAMED])
        more = len(named) - _NAMED
        told = say(f"{key}_more", names=names, count=more) if more > 0 else say(key, names=names)
    return render("filter.html", say, told=told)


def _describe(answer: Answer, say: Wording) -> str:
    """Return an answer's confidence and usage (model, seconds, tokens)."""
    facts = _describe_confidence(answer, say), _describe_usage(answer, say)
    return " · ".join(filter(None, facts))


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
    counted = "tokens_estimated" if usage.estimated else "tokens"
    key = counted if tokens else "seconds"
    return say(key, model=answer.model, seconds=f"{usage.seconds:.1f}", tokens=f"{tokens:,}")


def _refer(citation: Citation, say: Wording) -> str:
    return ", ".join(filter(None, (citation.title, name_place(citation, say))))


def name_place(citation: Citation, say: Wording) -> str:
    """Return the place of a cited sentence in words, like `Citation.place` does in English."""
    if citation.page is not None:
        return say("page", number=citation.page)
    if citation.slide is not None:
        return say("slide", number=citation.slide)
    row = say("row", number=citation.row) if citation.row is not None else ""
    if citation.sheet is not None:
        return ", ".join(filter(None, (say("sheet", name=citation.sheet), row)))
    return row or citation.place
