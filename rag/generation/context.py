"""Evidence -> the numbered sentences in a chat model's prompt, within a budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from index import Snapshot
from rag.answers.citations import order_for_reading
from rag.generation.gathering import (
    arrange,
    find_leads,
    gather_units,
    name_section,
    write_sentence,
)
from rag.types import Evidence

BUDGET = 12_000  # characters: about 3,000 tokens, which fit in the smallest common window (8k)
_CHARACTERS_PER_TOKEN = 3.5  # a low estimate: a truncated context is worse than a short one
_SHARE = 0.4  # of a model's window; the rest is for instructions, conversation and answer


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that a model wrote about a part of a text, and the numbers of its sources."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """The sentences that a model may cite: number n is ``sentences[n - 1]``.

    `leads` has, for the numbers of list items, the sentence that announces their list. If there are
    `notes`, the model is shown these in place of the sentences, which are more than it can take.
    """

    sentences: tuple[Evidence, ...]
    leads: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def before(self, number: int) -> str:
        """Return what a numbered sentence goes on from, as far as it is known.

        This is the sentence that announces its list, or else the one before it in its document.
        """
        if number in self.leads:
            return self.leads[number]
        item = self.sentences[number - 1]
        if item.position:
            return item.around[item.position - 1]
        previous = self.sentences[number - 2] if number > 1 else item
        follows = previous.document == item.document and previous.row == item.row - 1
        return previous.readable if follows else ""

    def render(self) -> str:
        """Return the sentences, or the notes, as text for the prompt, grouped by document."""
        return "\n".join(self._render_notes() if self.notes else self._render_sentences())

    def _render_notes(self) -> Iterator[str]:
        document = None
        for note in self.notes:
            item = self.sentences[note.numbers[0] - 1]
            if item.document != document:
                document = item.document
                yield f"Document: {_neutralise(item.title)}"
            marks = "".join(f"[{number}]" for number in note.numbers)
            yield f"{marks} {_neutralise(note.text)}"

    def _render_sentences(self) -> Iterator[str]:
        document = None
        section = ""
        for number, item in enumerate(self.sentences, 1):
            if item.document != document:
                document, section = item.document, ""
                yield f"Document: {_neutralise(item.title)}"
            if name_section(item) not in ("", section):
                section = name_section(item)
                yield f"Section: {_neutralise(section)}"
            yield f"[{number}] {_neutralise(write_sentence(item))}"


def build_context(
    evidence: Sequence[Evidence],
    budget: int = BUDGET,
    snapshot: Snapshot | None = None,
) -> Context:
    """Choose the likeliest sentences that fit in `budget` characters. Sentences are not cut.

    With a snapshot, each brings the unit that it stands in; see `gathering`. Without, they are
    sorted in reading order, the document with the likeliest sentence first.
    """
    if snapshot is not None:
        units = gather_units(evidence, snapshot, budget)
        arranged = arrange(units)
        while len(Context(tuple(arranged)).render()) > budget:
            units.pop()  # the order of the documents may repeat the line of a section
            arranged = arrange(units)
        return make_context(arranged, snapshot)
    chosen: list[Evidence] = []
    for item in sorted(evidence, key=lambda item: -item.score):
        context = Context(tuple(order_for_reading([*chosen, item])))
        if len(context.render()) <= budget:
            chosen.append(item)
    return Context(tuple(order_for_reading(chosen)))


def make_context(sentences: Sequence[Evidence], snapshot: Snapshot | None) -> Context:
    """Return a context of all these sentences. What announces lists is known from a snapshot."""
    leads = find_leads(sentences, snapshot) if snapshot is not None else {}
    return Context(tuple(sentences), leads)


def find_budget(window: int | None) -> int:
    """Return the number of context characters for a model with a window of `window` tokens."""
    if window is None:
        return BUDGET
    return min(BUDGET, int(window * _SHARE * _CHARACTERS_PER_TOKEN))


def _neutralise(text: str) -> str:
    """Return text of a document on one line, with square and angle brackets replaced.

    Otherwise the model could take a document's "[3]" for a source number, or its angle brackets for
    the end of the sources.
    """
    marks = str.maketrans(
        {"[": "(", "]": ")", "\u3010": "(", "\u3011": ")", "<": "\u2039", ">": "\u203a"}
    )
    return _on_one_line(text).translate(marks)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
