"""A conversation in the window: questions with their answers, ratings and errors."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag.types import Answer, Citation, Delta, Turn

MOST_EXCHANGES = 100  # per conversation
_KEPT = 50  # exchanges stored in a browser
_KEPT_BYTES = 48_000  # of their JSON, because the browser sends all of it back in one request
_KEY = re.compile(r"[A-Za-z0-9_-]{22}")


def new_key() -> str:
    """Return a random key of 128 bits, which cannot be guessed."""
    return secrets.token_urlsafe(16)


def is_key(text: object) -> bool:
    """Return whether a value has the form of a key from `new_key`. Clients may send any value."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer so far.

    `error` is a message shown instead of an answer. `stopped` means that the answer was aborted.
    `standalone` is the question with its references to earlier questions resolved; it is set with
    the answer. `good` is the visitor's rating, None without one. `commented` says whether the
    visitor wrote a comment. `progress` says which part of a long text is being read, of how many.
    """

    question: str
    text: str = ""
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    standalone: str = ""
    good: bool | None = None
    commented: bool = False
    progress: tuple[int, int] | None = None
    key: str = field(default_factory=new_key, compare=False)

    def add(self, delta: Delta) -> Exchange:
        """Return the exchange with one more part of its answer."""
        text = delta.text if delta.restart else self.text + delta.text
        return replace(self, text=text, answer=delta.answer, progress=delta.progress)

    @property
    def open(self) -> bool:
        """Whether the answer is still running."""
        return self.answer is None and not self.error and not self.stopped

    def to_dict(self) -> dict[str, Any]:
        """Return the exchange as JSON values. Partial text is left out, because it is unchecked."""
        return {
            "key": self.key,
            "question": self.question,
            "standalone": self.standalone,
            "answer": self.answer.to_dict() if self.answer else None,
            "error": self.error,
            "good": self.good,
            "commented": self.commented,
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Exchange:
        """Create an exchange from the values of `to_dict`. Without an answer, it is stopped.

        Raises `TypeError`, `KeyError`, `ValueError` or `AttributeError` for invalid values.
        """
        answer = Answer.from_dict(fields["answer"]) if fields["answer"] else None
        good = fields["good"]
        return cls(
            str(fields["question"]),
            answer.text if answer else "",
            answer,
            error=str(fields["error"]),
            stopped=answer is None,
            standalone=str(fields["standalone"]),
            good=good if isinstance(good, bool) else None,
            commented=fields["commented"] is True,
            key=fields["key"] if is_key(fields["key"]) else new_key(),
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions with their answers, in order.

    `key` identifies the conversation; it is empty before the first question. `editing` is the key
    of the exchange whose question is being edited, or empty.
    """

    exchanges: tuple[Exchange, ...] = ()
    key: str = ""
    editing: str = ""

    @property
    def open(self) -> bool:
        """Whether an answer is still running."""
        return any(each.open for each in self.exchanges)

    def put(self, exchange: Exchange) -> Conversation:
        """Return the conversation with a new exchange, or with a new state of an exchange."""
        kept = [exchange if each.key == exchange.key else each for each in self.exchanges]
        if all(each.key != exchange.key for each in kept):
            kept.append(exchange)
        return replace(self, exchanges=tuple(kept), key=self.key or new_key())

    def branch(self) -> Conversation:
        """Return a new conversation with the exchanges before the question being edited.

        It has a new key, so the stored original does not change. If no question is being edited,
        the conversation itself is returned.
        """
        keys = [each.key for each in self.exchanges]
        if self.editing not in keys:
            return self.leave()
        return Conversation(self.exchanges[: keys.index(self.editing)], new_key())

    def leave(self) -> Conversation:
        """Return the conversation in which no question is being edited."""
        return replace(self, editing="")

    def stop(self) -> Conversation:
        """Return the conversation with its running answer stopped."""
        stopped = [replace(each, stopped=True) if each.open else each for each in self.exchanges]
        return replace(self, exchanges=tuple(stopped))

    def history(self) -> tuple[Turn, ...]:
        """Return the answered questions as turns, which follow-up questions refer to."""
        return tuple(
            Turn(each.question, each.standalone or each.question, each.answer)
            for each in self.exchanges
            if each.answer is not None
        )


def read_turn(event: Mapping[str, Any], conversation: Conversation) -> int | None:
    """Return the index of an event's exchange; None if the event names none that exists.

    The value is checked because clients may send any value.
    """
    turn = event.get("turn")
    return turn if type(turn) is int and 0 <= turn < len(conversation.exchanges) else None


def find_citation(
    conversation: Conversation, wanted: Mapping[str, Any]
) -> tuple[Citation | None, Sequence[Citation]]:
    """Return the citation that a click names, and all citations of the same list.

    The citation is None if there is none: clients may send any value.
    """
    turn, number = read_turn(wanted, conversation), wanted.get("number")
    answer = None if turn is None else conversation.exchanges[turn].answer
    if answer is None:
        return None, ()
    citations = answer.closest if wanted.get("list") == "near" else answer.citations
    return next((each for each in citations if each.number == number), None), citations


def list_citations(conversation: Conversation) -> list[Citation]:
    """Return the citations of all answers of a conversation."""
    answers = (each.answer for each in conversation.exchanges)
    return [citation for answer in answers if answer for citation in answer.citations]


def pack(conversation: Conversation) -> list[dict[str, Any]]:
    """Return the last answered exchanges as JSON values, to be stored in the browser.

    At most `_KEPT` exchanges and `_KEPT_BYTES` bytes.
    """
    answered = [each.to_dict() for each in conversation.exchanges if each.answer is not None]
    kept: list[dict[str, Any]] = []
    size = 0
    for fields in reversed(answered[-_KEPT:]):
        size += len(json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if size > _KEPT_BYTES:
            break
        kept.append(fields)
    return kept[::-1]


def unpack(packed: object) -> tuple[Exchange, ...]:
    """Return the exchanges from the values of `pack`; an empty tuple for invalid values."""
    try:
        return tuple(Exchange.from_dict(each) for each in packed)  # type: ignore[attr-defined]
    except (TypeError, KeyError, ValueError, AttributeError):
        return ()
