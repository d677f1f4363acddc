"""What a question insists on, and whether the documents have it: a year, a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index import Snapshot, distinct_terms, split_terms
from rag.questions.parse import Question
from rag.types import Evidence

_YEAR = re.compile(r"\b(?:1[5-9]\d\d|20\d\d)\b")
_SURE = 0.5  # likelihood from which a sentence answers whatever it does not name
_SHORTEST = 3  # letters of a name: shorter ones are abbreviations that people use as they like
_DATES = frozenset(
    "January February March April May June July August September October November December Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)
_CAPITALISED = ("de",)  # languages in which any noun may have a capital
_LIKELY = 0.3  # of the best sentence's likelihood: sentences that may answer
_MOST_NAMED = 4  # years that a refusal names


@dataclass(frozen=True, slots=True)
class Missing:
    """What a question asks for and the documents lack; `instead` are years that they have."""

    what: str
    instead: tuple[str, ...] = ()


def find_missing(
    snapshot: Snapshot, question: Question, evidence: Sequence[Evidence]
) -> Missing | None:
    """Return a year or name of a question that rules out an answer; None if there is none.

    A year is missing if nothing that was found in the documents which may answer has it, in a
    passage, heading, title or path, nor a row of any table. A name is missing if it stands in no
    document at all, unless a sentence is likely to answer all the same: it may only be misspelt.
    """
    if not evidence:
        return None
    best = max(item.score for item in evidence)
    likely = [item for item in evidence if item.score >= _LIKELY * best]
    documents = {item.document for item in likely}
    near = [item for item in evidence if item.document in documents or item.place.row is not None]
    held = {year for item in near for year in _YEAR.findall(_describe(item))}
    years = list(dict.fromkeys(_YEAR.findall(question.text)))
    lacking = [year for year in years if year not in held]
    if lacking and len(lacking) == len(years):
        told = sorted({year for item in likely for year in _YEAR.findall(item.readable)})
        return Missing(lacking[0], tuple(told[:_MOST_NAMED]))
    if best >= _SURE:
        return None
    return next((Missing(name) for name in _find_unknown(snapshot, question)), None)


def _describe(item: Evidence) -> str:
    return " ".join((item.document, item.title, *item.headings, *item.around, item.readable))


def _find_unknown(snapshot: Snapshot, question: Question) -> Iterable[str]:
    """Yield the names of a question that stand in no sentence and no title."""
    if question.language in _CAPITALISED:
        return
    for name in question.names:
        if len(name) < _SHORTEST or name in _DATES or not name.isalpha():
            continue
        if not any(_is_known(snapshot, name, language) for language in snapshot.languages):
            yield name


def _is_known(snapshot: Snapshot, name: str, language: str) -> bool:
    terms = split_terms(name, language)
    known = snapshot.known_terms(terms)
    titles = {(record.title, record.language) for record in snapshot.documents}
    return all(
        term in known or any(term in distinct_terms(*title) for title in titles) for term in terms
    )
