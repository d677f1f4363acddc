"""Finds earlier questions and answers in a visitor's conversations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ui.state.chats import Chat
from ui.state.conversation import Exchange

MOST_FOUND = 50
_MARK = re.compile(r" ?\[(?:\d{1,4}|\?)\]")  # of a citation
_LONGEST = 200  # characters of a search
_BEFORE, _AROUND = 60, 200  # characters of the answer before the first word found, and altogether


@dataclass(frozen=True, slots=True)
class Found:
    """An exchange that holds all words of a search.

    `chat` and `exchange` are the keys of the conversation and of the exchange, `title` is the
    conversation's. `pieces` are a part of the answer, in order; those with True are words of the
    search.
    """

    chat: str
    exchange: str
    title: str
    changed: str
    question: str
    pieces: tuple[tuple[str, bool], ...]


def find_exchanges(chats: Iterable[Chat], wanted: str) -> list[Found]:
    """Return the exchanges whose question and answer hold every word of a search.

    A word may be a part of a longer one; capitals do not matter. Exchanges with more of the words
    in their question come first, then those of the conversations that come first. At most
    `MOST_FOUND` are returned, and none for an empty search.
    """
    words = wanted[:_LONGEST].casefold().split()
    if not words:
        return []
    scored = [
        (-sum(word in exchange.question.casefold() for word in words), chat, exchange)
        for chat in chats
        for exchange in chat.conversation.exchanges
        if _holds(exchange, words)
    ]
    scored.sort(key=lambda each: each[0])  # stable: conversations keep their order
    return [_show(chat, exchange, words) for _, chat, exchange in scored[:MOST_FOUND]]


def _holds(exchange: Exchange, words: Iterable[str]) -> bool:
    text = f"{exchange.question}\n{exchange.text}".casefold()
    return all(word in text for word in words)


def _show(chat: Chat, exchange: Exchange, words: list[str]) -> Found:
    text = _MARK.sub("", " ".join(exchange.text.split()))
    low = text.casefold()
    if len(low) != len(text):  # a few letters become two: then offsets differ
        low = text.lower() if len(text.lower()) == len(text) else text
    at = min((place for word in words if (place := low.find(word)) >= 0), default=0)
    start = 0 if at <= _BEFORE else text.rfind(" ", 0, at - _BEFORE) + 1
    piece = slice(start, start + _AROUND)
    pieces = list(_cut(text[piece], low[piece], words))
    if start:
        pieces.insert(0, ("… ", False))
    if start + _AROUND < len(text):
        pieces.append((" …", False))
    return Found(
        chat.conversation.key,
        exchange.key,
        chat.title,
        chat.changed,
        exchange.question,
        tuple(pieces),
    )


def _cut(text: str, low: str, words: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text: the words, and what is between them."""
    position = 0
    while position < len(text):
        places = [(at, len(word)) for word in words if (at := low.find(word, position)) >= 0]
        at, length = min(places, key=lambda each: (each[0], -each[1]), default=(len(text), 0))
        if at > position:
            yield text[position:at], False
        if length:
            yield text[at : at + length], True
        position = at + length
