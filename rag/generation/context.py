"""Evidence -> the numbered sentences that a chat model is shown, within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers.citations import order_for_reading
from rag.types import Evidence

BUDGET = 12_000  # characters: about 3,000 tokens, which the smallest windows in use (8k) hold
_CHARACTERS_PER_TOKEN = 3.5  # rather too few: a context that is cut off is worse than a short one
_SHARE = 0.4  # of a model's window: the rest is for instructions, the conversation, the answer


@dataclass(frozen=True, slots=True)
class Context:
    """The sentences that a model may cite: number n is ``sentences[n - 1]``."""

    sentences: tuple[Evidence, ...]

    def render(self) -> str:
        """Return the sentences as the model sees them, grouped by document."""
        lines: list[str] = []
        document = None
        for number, item in enumerate(self.sentences, 1):
            if item.document != document:
                document = item.document
                lines.append(f"Document: {_neutralise(item.title)}")
            lines.append(f"[{number}] {_neutralise(item.readable)}")
        return "\n".join(lines)


def build_context(evidence: Sequence[Evidence], budget: int = BUDGET) -> Context:
    """Choose the likeliest sentences that fit in `budget` characters, whole ones only.

    They are put in reading order, the document with the likeliest sentence first.
    """
    chosen: list[Evidence] = []
    for item in sorted(evidence, key=lambda item: -item.score):
        size = len(item.readable) + 8
        if size <= budget:
            chosen.append(item)
            budget -= size
    return Context(tuple(order_for_reading(chosen)))


def find_budget(window: int | None) -> int:
    """Return the characters of context for a model whose window has this many tokens."""
    if window is None:
        return BUDGET
    return min(BUDGET, int(window * _SHARE * _CHARACTERS_PER_TOKEN))


def _neutralise(text: str) -> str:
    """Return text of a document on one line, its own marks and delimiters no longer ours.

    The model must not take a document's "[3]" for a source number, nor its angle brackets for the
    end of the sources.
    """
    marks = str.maketrans(
        {"[": "(", "]": ")", "\u3010": "(", "\u3011": ")", "<": "\u2039", ">": "\u203a"}
    )
    return _on_one_line(text).translate(marks)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
