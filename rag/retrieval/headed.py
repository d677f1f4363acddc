"""Sentences that answer because of the heading above them, such as a name below "Present".

The reader hardly ever takes such a sentence for an answer, because it says nothing of it by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.questions.parse import Question
from rag.retrieval.readings import raise_odds
from rag.types import Evidence

_PEOPLE = re.compile(
    r"\b(?:present|attend(?:ance|ees|ed|ing)|participants?|anwesen(?:d|de|heit)|teilnehm\w+"
    r"|teilnahme)\b",
    re.IGNORECASE,
)
_REASONS = re.compile(
    r"\b(?:reasons?|reasoning|rationale|motivation|motives?|justification|why|background|context"
    r"|gründe|begründung|motive|hintergrund|warum|raisons?|motifs?|contexte|razones|motivos"
    r"|contexto)\b",
    re.IGNORECASE,
)
# What is added to the log odds of who is listed as having been at a meeting, and of the reasons in
# a document that the previous answer quotes.
_LISTED = 4.0
_GIVEN = 3.0


def favour_headed(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence with higher scores where the heading says that it answers, best first."""
    if question.attendance:
        favoured = [
            raise_odds(item, _LISTED) if _stands_below(item, _PEOPLE) else item for item in evidence
        ]
    elif question.kind == "reason" and question.near:
        favoured = [
            raise_odds(item, _GIVEN)
            if item.document in question.near and _stands_below(item, _REASONS)
            else item
            for item in evidence
        ]
    else:
        return [*evidence]
    return sorted(favoured, key=lambda item: -item.score)


def _stands_below(item: Evidence, heading: re.Pattern[str]) -> bool:
    return bool(item.headings and heading.search(item.headings[-1]))
