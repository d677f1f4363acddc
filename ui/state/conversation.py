"""A conversation as the window keeps it: every question with what has come of it so far."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag.types import Answer, Citation, Delta, Turn

MOST_EXCHANGES = 100  # of a conversation
_KEPT = 50  # exchanges that a browser keeps
_KEPT_BYTES = 48_000  # of them as JSON: the browser sends them back in one request
_KEY = re.compile(r"[A-Za-z0-9_-]{22}")


def new_key() -> str:
    """Return a name that nobody guesses: 128 bits."""
    return secrets.token_urlsafe(16)


def is_key(text: object) -> bool:
    """Whether this may be a name that `new_key` gave; anything may come from outside."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as shown, with its answer so far.

    `error` stands in place of an answer; `stopped` says that no more will come. `standalone` is the
    question as it was understood, once it is answered. `good` is what the reader thinks of it.
    """

    question: str
    text: str = ""
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    standalone: str = ""
    good: bool | None = None
    commented: bool = False
    key: str = field(default_factory=new_key, compare=False)

    def add(self, delta: Delta) -> Exchange:
        """Return the exchange with one more piece of its answer."""
        text = delta.text if delta.restart else self.text + delta.text
        return replace(self, text=text, answer=delta.answer)

    @property
    def open(self) -> bool:
        """Whether more is to come."""
        return self.answer is None and not self.error and not self.stopped

    def to_dict(self) -> dict[str, Any]:
        """Return the exchange as JSON values; half an answer, which nobody checked, is left out."""
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
        """Make an exchange of what `to_dict` returned; one without an answer is open no more.

        Raises `TypeError`, `KeyError`, `ValueError` or `AttributeError` for anything else.
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
    """Questions with their answers, in order. `key` names it once something was asked.

    `editing` is the key of the exchange whose question is in the box again, to be asked anew.
    """

    exchanges: tuple[Exchange, ...] = ()
    key: str = ""
    editing: str = ""

    @property
    def open(self) -> bool:
        """Whether an answer is still to come."""
        return any(each.open for each in self.exchanges)

    def put(self, exchange: Exchange) -> Conversation:
        """Return the conversation with an exchange that is new, or has come further."""
        kept = [exchange if each.key == exchange.key else each for each in self.exchanges]
        if all(each.key != exchange.key for each in kept):
            kept.append(exchange)
        return replace(self, exchanges=tuple(kept), key=self.key or new_key())

    def branch(self) -> Conversation:
        """Return the conversation that begins with what came before the question being edited.

        It has a name of its own, so that this one stays as it is.
        """
        keys = [each.key for each in self.exchanges]
        if self.editing not in keys:
            return self.leave()
        return Conversation(self.exchanges[: keys.index(self.editing)], new_key())

    def leave(self) -> Conversation:
        """Return the conversation with no question being edited."""
        return replace(self, editing="")

    def stop(self) -> Conversation:
        """Return the conversation with its last question no longer waiting."""
        stopped = [replace(each, stopped=True) if each.open else each for each in self.exchanges]
        return replace(self, exchanges=tuple(stopped))

    def history(self) -> tuple[Turn, ...]:
        """Return the turns that follow-up questions look back on: what was answered."""
        return tuple(
            Turn(each.question, each.standalone or each.question, each.answer)
            for each in self.exchanges
            if each.answer is not None
        )


def read_turn(event: Mapping[str, Any], asked: Conversation) -> int | None:
    """Return the number of the exchange that an event is about; a browser may send anything."""
    turn = event.get("turn")
    return turn if type(turn) is int and 0 <= turn < len(asked.exchanges) else None


def find_citation(
    asked: Conversation, wanted: Mapping[str, Any]
) -> tuple[Citation | None, Sequence[Citation]]:
    """Return the citation that a click names, and its neighbours; a browser may send anything."""
    turn, number = read_turn(wanted, asked), wanted.get("number")
    answer = None if turn is None else asked.exchanges[turn].answer
    if answer is None:
        return None, ()
    citations = answer.closest if wanted.get("list") == "near" else answer.citations
    return next((each for each in citations if each.number == number), None), citations


def pack(conversation: Conversation) -> list[dict[str, Any]]:
    """Return what was answered last as JSON values, for a browser to keep."""
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
    """Return the exchanges that `pack` packed; none if these are not such."""
    try:
        return tuple(Exchange.from_dict(each) for each in packed)  # type: ignore[attr-defined]
    except (TypeError, KeyError, ValueError, AttributeError):
        return ()
