"""A conversation as the window keeps it: every question with what has come of it so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rag.types import Answer, Delta, Turn


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
