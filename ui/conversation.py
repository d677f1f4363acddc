"""A conversation as the window keeps it: every question with what has come of it so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.types import Answer, Citation, Delta, Turn

_KEPT = 50  # exchanges that a browser keeps


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

    def add(self, delta: Delta) -> Exchange:
        """Return the exchange with one more piece of its answer."""
        text = delta.text if delta.restart else self.text + delta.text
        return replace(self, text=text, answer=delta.answer)

    @property
    def open(self) -> bool:
        """Whether more is to come."""
        return self.answer is None and not self.error and not self.stopped


Conversation = tuple[Exchange, ...]


def read_history(conversation: Iterable[Exchange]) -> tuple[Turn, ...]:
    """Return the turns that follow-up questions look back on: what was answered."""
    return tuple(
        Turn(each.question, each.standalone or each.question, each.answer)
        for each in conversation
        if each.answer is not None
    )


def stop(conversation: Conversation) -> Conversation:
    """Return the conversation with its last question no longer waiting."""
    return tuple(replace(each, stopped=True) if each.open else each for each in conversation)


def read_turn(event: Mapping[str, Any], asked: Conversation) -> int | None:
    """Return the number of the exchange that an event is about; a browser may send anything."""
    turn = event.get("turn")
    return turn if type(turn) is int and 0 <= turn < len(asked) else None


def find_citation(
    asked: Conversation, wanted: Mapping[str, Any]
) -> tuple[Citation | None, Sequence[Citation]]:
    """Return the citation that a click names, and its neighbours; a browser may send anything."""
    turn, number = read_turn(wanted, asked), wanted.get("number")
    answer = None if turn is None else asked[turn].answer
    if answer is None:
        return None, ()
    citations = answer.closest if wanted.get("list") == "near" else answer.citations
    return next((each for each in citations if each.number == number), None), citations


def pack(conversation: Conversation) -> list[dict[str, Any]]:
    """Return what was answered as JSON values, for the browser to keep."""
    return [
        {
            "question": each.question,
            "standalone": each.standalone,
            "answer": each.answer.to_dict(),
            "good": each.good,
            "commented": each.commented,
        }
        for each in conversation
        if each.answer is not None
    ][-_KEPT:]


def unpack(packed: object) -> Conversation:
    """Return the conversation that a browser kept; none if it is not one."""
    try:
        return tuple(_unpack_exchange(each) for each in packed)  # type: ignore[attr-defined]
    except (TypeError, KeyError, ValueError, AttributeError):
        return ()


def _unpack_exchange(fields: dict[str, Any]) -> Exchange:
    answer = Answer.from_dict(fields["answer"])
    good = fields["good"]
    return Exchange(
        str(fields["question"]),
        answer.text,
        answer,
        standalone=str(fields["standalone"]),
        good=good if isinstance(good, bool) else None,
        commented=fields["commented"] is True,
    )
