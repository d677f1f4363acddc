"""Evidence -> evidence with what the reader makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.reader import Reader, Reading
from rag.types import Evidence

READ = 24  # sentences: reading is what takes most of the time of an answer
_HEADINGS = 2  # the innermost ones
NEIGHBOURS = 1  # sentences before and after that the reader is shown: pronouns need them
# Log-probability from which a span is worth pointing out: rather none than a wrong one.
CERTAIN = -1.6

Window = tuple[tuple[str, tuple[str, ...]], int, int]
"""A passage (its document and sentences), and which of the sentences: first, and after the last."""


def read_evidence(
    reader: Reader, question: str, evidence: Sequence[Evidence], count: int = READ
) -> list[Evidence]:
    """Return the evidence, in its order, with the reader's logits and the short answers it sees.

    Only the first `count` are read. Sentences near each other in a passage are read together.
    """
    windows = list(find_windows(evidence[:count]))
    titles = {(item.document, item.around): _entitle(item) for item in evidence}
    read = reader.read(
        question, [(titles[passage], passage[1][first:last]) for passage, first, last in windows]
    )
    found: dict[tuple[str, tuple[str, ...], int], Reading] = {}
    for ((document, around), first, _), readings in zip(windows, read, strict=True):
        for offset, reading in enumerate(readings):
            found[document, around, first + offset] = reading
    return [
        _add_reading(item, found.get((item.document, item.around, item.position)))
        for item in evidence
    ]


def _entitle(item: Evidence) -> str:
    """Return what the reader is told that a passage is about: its title and headings."""
    headings = [heading for heading in item.headings if heading != item.title]
    return ": ".join((item.title, *headings[-_HEADINGS:]))


def find_windows(evidence: Sequence[Evidence]) -> Iterator[Window]:
    """Yield the runs of sentences to read: each sentence with its neighbours, overlaps joined."""
    positions: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for item in evidence:
        positions.setdefault((item.document, item.around), []).append(item.position)
    for passage, inside in positions.items():
        first = last = -1
        for position in sorted(inside):
            begin = max(position - NEIGHBOURS, 0)
            if begin > last or last < 0:
                if last > 0:
                    yield passage, first, last
                first = begin
            last = min(position + NEIGHBOURS + 1, len(passage[1]))
        yield passage, first, last


def _add_reading(item: Evidence, reading: Reading | None) -> Evidence:
    if reading is None:
        return item
    return replace(
        item,
        signals=replace(item.signals, read=reading.logit),
        span=reading.span if reading.certainty >= CERTAIN else None,
    )
