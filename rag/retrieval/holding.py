"""Question for a list -> all sentences that hold its words, in whichever documents they stand.

"Which proposals were rejected?" is answered by a sentence here and one there, and not only by those
that are ranked first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from index import Rows, Snapshot, TermWeight, distinct_terms
from rag.questions.parse import Question

MOST_HOLDING = 60  # sentences; words that more of them share say nothing about what is asked for
_MOST_PARTLY = 300  # sentences whose headings and titles are looked at for the missing words
_LEAST_HELD = 2  # of a question's words in the sentence itself; headings and title may hold others
# Words, as the index writes them, that ask for all of something and stand in no answer.
_ALL = frozenset("all everi each alle all jed tout tous todo toda".split())
_ALL_PEOPLE = frozenset("everyon everybodi anyon anybodi jeder tous todo".split())


def find_holding(
    snapshot: Snapshot, question: Question, documents: Collection[str] | None = None
) -> Rows:
    """Return the rows of the statements that hold all words of a question, ascending.

    Rows of tables are left out: `rag.retrieval.rows` finds them by their values. At least two words
    are in the sentence; the others may be in the headings above it, or in the document's title. No
    rows are returned if there are more than `MOST_HOLDING`.
    """
    found: list[int] = []
    for language in snapshot.languages:
        asked = frozenset(question.terms_in(language))
        terms = asked - _ALL - _ALL_PEOPLE
        least = 1 if asked & _ALL_PEOPLE else _LEAST_HELD  # "everyone who abstained"
        if len(terms) < least or snapshot.known_terms(terms) != terms:
            continue
        whole, partly = _find_sharing(snapshot, terms, language, documents, least)
        if len(whole) > MOST_HOLDING:
            return np.array([], np.int64)
        if len(partly) <= _MOST_PARTLY:
            whole += [row for row in partly if _hold_rest(snapshot, row, terms, language)]
        found += [row for row in whole if _is_prose(snapshot, row)]
    return np.array(sorted(found) if len(found) <= MOST_HOLDING else [], np.int64)


def _find_sharing(
    snapshot: Snapshot,
    terms: Collection[str],
    language: str,
    documents: Collection[str] | None,
    least: int,
) -> tuple[list[int], list[int]]:
    """Return the rows that hold all terms, and those that hold at least `least` of them."""
    selection = snapshot.select(documents, language)
    most = snapshot.count("sentences")
    matches = [
        snapshot.match("sentences", [TermWeight(term, 1.0)], most, selection) for term in terms
    ]
    rows, held = np.unique(np.concatenate(matches), return_counts=True)
    whole = rows[held == len(terms)]
    partly = rows[(held >= least) & (held < len(terms))]
    return whole.tolist(), partly.tolist()


def _hold_rest(snapshot: Snapshot, row: int, terms: Iterable[str], language: str) -> bool:
    """Whether a sentence with the headings above it and its title holds all terms."""
    structure, base = snapshot.structure_around(row)
    above = (snapshot.record(row).title, *structure.headings(row - base))
    own = snapshot.sentence(row).readable
    told = frozenset[str]().union(*(distinct_terms(text, language) for text in (own, *above)))
    return told.issuperset(terms)


def _is_prose(snapshot: Snapshot, row: int) -> bool:
    structure, base = snapshot.structure_around(row)
    stated = bool(snapshot.statements_among(np.array([row], np.int64))[0])
    return stated and structure.block(row - base).kind not in ("row", "code")
