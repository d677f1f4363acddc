"""Documents -> the sentences that a chat model reads of them for a summary or a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index import DocumentRecord, Snapshot, StoredSentence
from rag.answers.summaries import CONSIDERED, pick_central, says_something
from rag.retrieval.evidence import make_evidence
from rag.types import NO_SIGNALS, Evidence

_MOST_DOCUMENTS = 40
_BESIDE = 20  # characters of a sentence's number, and its share of the headings above it


@dataclass(frozen=True, slots=True)
class Reading:
    """Sentences that are read, in reading order, of a text with `total` sentences."""

    sentences: tuple[Evidence, ...]
    total: int

    def describe(self, read: int) -> str:
        """Return what to tell about a text of which `read` sentences were read; "" if all were."""
        if read >= self.total:
            return ""
        return f"The text is long: {read:,} of its {self.total:,} sentences were read."


def gather_reading(documents: Sequence[DocumentRecord], snapshot: Snapshot, room: int) -> Reading:
    """Return the sentences that are read of documents, in at most about `room` characters.

    Each document gets the same share, and what shorter ones leave of theirs. Of a document that is
    longer, the most central sentences are read. They come from all of it, as the beginning would
    not, or from its first `CONSIDERED` sentences if it has more.
    """
    total = sum(_count_statements(record, snapshot) for record in documents)
    chosen = documents[:_MOST_DOCUMENTS]
    texts = [_list_statements(record, snapshot) for record in chosen]
    shares = share_room([sum(map(_measure, text)) for text in texts], room)
    read = [_fit(text, share, snapshot) for text, share in zip(texts, shares, strict=True)]
    evidence = tuple(make_evidence(stored, NO_SIGNALS) for text in read for stored in text)
    return Reading(evidence, total)


def share_room(lengths: Sequence[int], room: int) -> list[int]:
    """Return how much of `room` each text gets: its length, or an equal share of what is left."""
    shares = [0] * len(lengths)
    for rank, at in enumerate(sorted(range(len(lengths)), key=lengths.__getitem__)):
        shares[at] = min(lengths[at], room // (len(lengths) - rank))
        room -= shares[at]
    return shares


def _count_statements(record: DocumentRecord, snapshot: Snapshot) -> int:
    rows = snapshot.sentences_of(record.path)
    return int(snapshot.statements_among(np.arange(rows.start, rows.stop)).sum())


def _list_statements(record: DocumentRecord, snapshot: Snapshot) -> list[StoredSentence]:
    stored = map(snapshot.sentence, snapshot.sentences_of(record.path)[:CONSIDERED])
    return [sentence for sentence in stored if sentence.role == "statement"]


def _fit(text: Sequence[StoredSentence], room: int, snapshot: Snapshot) -> Sequence[StoredSentence]:
    """Return a text, or the most central sentences of it that fit, in the text's order."""
    if sum(map(_measure, text)) <= room:
        return text
    candidates = [sentence for sentence in text if says_something(sentence)]
    return [candidates[at] for at in sorted(_pick_within(candidates, room, snapshot))]


def _pick_within(
    candidates: Sequence[StoredSentence], room: int, snapshot: Snapshot
) -> Iterator[int]:
    for at in pick_central(candidates, len(candidates), snapshot):
        room -= _measure(candidates[at])
        if room < 0:
            return
        yield at


def _measure(sentence: StoredSentence) -> int:
    return len(sentence.readable) + _BESIDE
