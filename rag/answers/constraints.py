"""Checks whether the documents contain the years and names that a question requires."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index import Snapshot, distinct_terms, split_terms
from rag.questions.moments import YEAR_ANYWHERE
from rag.questions.parse import Question
from rag.questions.vocabulary import CAPITALISED
from rag.retrieval.described import describe_rows
from rag.types import Evidence

_SURE = 0.5  # likelihood from which a sentence answers, even if it lacks a name
_SHORTEST = 3  # letters of a name; shorter ones are abbreviations, which have many variants
_DATES = frozenset(
    "January February March April May June July August September October November December Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday".split()
)
_LIKELY = 0.3  # of the best sentence's likelihood; other sentences are not considered
_NEARLY_AS_FULL = 0.75  # of what the fullest row covers of a question: a row of the year that does
_MOST_NAMED = 4  # years that a refusal names


@dataclass(frozen=True, slots=True)
class Missing:
    """A year or name that the documents lack. `instead` are years that they contain."""

    what: str
    instead: tuple[str, ...] = ()


def find_missing(
    snapshot: Snapshot, question: Question, evidence: Sequence[Evidence]
) -> Missing | None:
    """Return a missing year or name, because of which there is no answer; None if there is none.

    A year is missing if it is in no table row found, in no text about a column of the likely rows,
    and in no passage, heading, title or path found in the documents with likely sentences, or if
    the rows of a table with the question's names are of other years. A name is missing if it is in
    no document. If a sentence is likely to answer anyway, no name counts as missing, because it may
    be misspelt; nor if the best sentence is in another language, which may write the name
    differently.
    """
    if not evidence:
        return None
    best = max(evidence, key=lambda item: item.score)
    likely = [item for item in evidence if item.score >= _LIKELY * best.score]
    documents = {item.document for item in likely}
    near = [item for item in evidence if item.document in documents or item.place.row is not None]
    held = {year for item in near for year in YEAR_ANYWHERE.findall(_describe(item))}
    years = list(dict.fromkeys(YEAR_ANYWHERE.findall(question.text)))
    if years and held.isdisjoint(years):
        columns = describe_rows(snapshot, question, likely).values()
        held = {year for text in columns for year in YEAR_ANYWHERE.findall(text)}
    if years and held.isdisjoint(years):
        told = sorted({year for item in likely for year in YEAR_ANYWHERE.findall(item.readable)})
        return Missing(years[0], tuple(told[:_MOST_NAMED]))
    unmet = _find_unmet_year(years, question, best, evidence)
    if unmet is not None or best.score >= _SURE or best.signals.foreign:
        return unmet
    return next((Missing(name) for name in _find_unknown(snapshot, question)), None)


def _find_unmet_year(
    years: Sequence[str], question: Question, best: Evidence, evidence: Iterable[Evidence]
) -> Missing | None:
    """Return a year that stands only in rows of a table that lack the names of the question.

    A row with an earlier and a later year may be about all years between.
    """
    matched = [i for i in evidence if i.signals.row_equal and i.document == best.document]
    if not best.signals.row_equal or not years:
        return None
    names = question.terms_in(best.language)
    fullest = max(matched, key=lambda item: item.signals.row_covered)
    dated = (i.signals.row_covered for i in matched if any(_spans(i, year) for year in years))
    if max(dated, default=0.0) >= _NEARLY_AS_FULL * fullest.signals.row_covered:
        return None  # a word of the question stands in a row of another year by chance
    held = distinct_terms(fullest.readable, best.language)
    named = [term for term in names if term in held and not term.isdigit()]
    rows = [
        item
        for item in matched
        if named and distinct_terms(item.readable, item.language).issuperset(named)
    ]
    told = sorted({year for item in rows for year in YEAR_ANYWHERE.findall(item.readable)})
    if not told or any(_spans(item, year) for item in rows for year in years):
        return None
    return Missing(years[0], tuple(told[:_MOST_NAMED]))


def _spans(item: Evidence, year: str) -> bool:
    """Whether a row has the year, or an earlier and a later one."""
    told = YEAR_ANYWHERE.findall(item.readable)
    return bool(told) and min(told) <= year <= max(told)


def _describe(item: Evidence) -> str:
    return " ".join((item.document, item.title, *item.headings, *item.around, item.readable))


def _find_unknown(snapshot: Snapshot, question: Question) -> Iterable[str]:
    """Yield the names of a question that are in no sentence and no title."""
    if question.language in CAPITALISED:
        return
    for name in question.names:
        if len(name) < _SHORTEST or name.removesuffix("s") in _DATES or not name.isalpha():
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
