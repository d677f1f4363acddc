"""Chooses among the readings of a question: the one that the documents answer best.

Words alone do not say what "And wine?" or "What do I wear?" leave out. Each reading is searched
for, and what is found tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from index import Encoder
from rag.questions.parse import Question
from rag.retrieval.short_answers import find_spans
from rag.types import Evidence

Found = tuple[Question, list[Evidence]]
"""A question without open readings, and the evidence for it, best first."""

_FIRST = 0.7  # what is added to the log odds of the first reading: its words speak for it
_NEAR = 0.7  # … of a sentence of a document that the previous answer quotes
# … of a reading that asks the documents of its day or of a name. The documents that only have the
# name somewhere are others than those of the first reading.
_WITHIN = 1.5
_AFTER_ANSWER = 1.5  # … of all sentences for a follow-up, once its reading is chosen
_UNSEEN = 0.5  # by how much a sentence that a reading did not find is less likely than all it found
_LEAST = 1e-4  # likelihood of what was not found


def settle_question(question: Question, rank: Callable[[Question], list[Evidence]]) -> Found:
    """Return a question with the likeliest of its readings, and of those of its parts.

    `rank` returns the evidence for a question that has neither. The evidence for parts has their
    numbers.
    """
    readings = question.readings or (question,)
    found = [_settle_reading(reading, rank) for reading in readings]
    odds = [
        _find_odds(*each)
        + (0.0 if at else _FIRST)
        + (_WITHIN if reading.within and reading.within == readings[0].within else 0.0)
        - (_NEAR if reading.near else 0.0)
        for at, (reading, each) in enumerate(zip(readings, found, strict=True))
    ]
    best = odds.index(max(odds))
    settled, evidence = found[best]
    if readings[best].beside is not None and readings[best].near:
        # Refusals depend on the scores. Alone, "How long does it last?" is answered nowhere.
        evidence = [raise_odds(item, _AFTER_ANSWER) for item in evidence]
    return settled, evidence


def _settle_reading(question: Question, rank: Callable[[Question], list[Evidence]]) -> Found:
    if question.beside is not None:
        joined = replace(question, beside=None, parts=())
        rankings = [rank(each) for each in (joined, replace(question.beside, parts=()))]
        return joined, merge_rankings(rankings, question.near)
    if not question.parts:
        return question, _leave_out_told(question, rank(question))
    parts = [settle_question(part, rank) for part in question.parts]
    evidence = [
        replace(item, part=number) for number, (_, found) in enumerate(parts) for item in found
    ]
    evidence.sort(key=lambda item: -item.score)
    return replace(question, parts=tuple(part for part, _ in parts)), evidence


def _leave_out_told(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence without what is not to be quoted again.

    "Why?" may be answered by the same again, if that gives a reason.
    """
    told = frozenset(question.told)
    again = [item for item in evidence if (item.document, item.start) in told]
    if question.kind == "reason" and any(
        find_spans("reason", item.readable, item.language) for item in again
    ):
        return [*evidence]
    return [item for item in evidence if (item.document, item.start) not in told]


def merge_rankings(
    rankings: Sequence[Sequence[Evidence]], near: Collection[str] = ()
) -> list[Evidence]:
    """Return the evidence of several rankings in the order of its mean log odds.

    With the previous question in front, a follow-up finds sentences on its topic, but also those
    that answered before. Alone, it finds what answers such a question on any topic. What answers
    it has to be likely in both. Documents in `near` count a little more.
    """
    found: dict[int, Evidence] = {}
    for item in (item for ranking in rankings for item in ranking if item.score > 0):
        if item.row not in found or item.score > found[item.row].score:
            found[item.row] = item
    if not found:
        return [item for ranking in rankings for item in ranking]
    means = dict.fromkeys(found, 0.0)
    for ranking in rankings:
        odds = {item.row: _to_odds(item.score) for item in ranking if item.score > 0}
        unseen = min(odds.values(), default=_to_odds(0.0)) - _UNSEEN
        for row in means:
            means[row] += odds.get(row, unseen) / len(rankings)
    for row, item in found.items():
        means[row] += _NEAR if item.document in near else 0.0
    merged = [replace(item, score=_to_score(means[row])) for row, item in found.items()]
    return sorted(merged, key=lambda item: -item.score)


def compare_texts(encoder: Encoder, text: str, others: Sequence[str]) -> list[float]:
    """Return how near by meaning each of the others is to a text: the cosines."""
    vectors = encoder.encode_questions([text, *others])
    return [float(value) for value in vectors[1:] @ vectors[0]]


def _find_odds(question: Question, evidence: Sequence[Evidence]) -> float:
    """Return the log odds that the best sentence answers; of parts, that of the least likely."""
    return min(
        _to_odds(max((item.score for item in evidence if item.part == number), default=0.0))
        for number in range(len(question.parts) or 1)
    )


def raise_odds(item: Evidence, by: float) -> Evidence:
    """Return evidence with higher log odds; what cannot answer stays as it is."""
    return replace(item, score=_to_score(_to_odds(item.score) + by)) if item.score > 0 else item


def _to_odds(likelihood: float) -> float:
    bounded = min(max(likelihood, _LEAST), 1 - _LEAST)
    return math.log(bounded / (1 - bounded))


def _to_score(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
