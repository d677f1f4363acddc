"""Near duplicates: copies of a sentence in the same document or in others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from index import distinct_terms
from rag.questions.vocabulary import MONTHS
from rag.types import Evidence

_ALIKE = 0.9  # minimum Jaccard similarity of the words of two near duplicates
# Sentences that differ in one of these words, or in a number, say different things.
_TELLING = frozenset[str]().union(
    *(
        distinct_terms(f"{words} {MONTHS[language]}", language)
        for language, words in {
            "en": (
                "not no never none nor without cannot can't don't doesn't didn't isn't aren't "
                "wasn't weren't won't mustn't two three four five six seven eight nine ten "
                "eleven twelve monday tuesday wednesday thursday friday saturday sunday"
            ),
            "de": (
                "nicht kein keine keinen keiner keinem nie niemals ohne zwei drei vier fünf sechs "
                "sieben acht neun zehn elf zwölf montag dienstag mittwoch donnerstag freitag "
                "samstag sonntag"
            ),
        }.items()
    )
)


def fold_duplicates(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return the evidence without near duplicates of earlier items.

    One copy from another document is kept as confirmation. More copies would only displace other
    evidence.
    """
    kept: list[Evidence] = []
    words: list[frozenset[str]] = []
    for item in evidence:
        mine = _words(item)
        same = [other for other, theirs in zip(kept, words, strict=True) if _alike(mine, theirs)]
        if not same or (len(same) == 1 and same[0].document != item.document):
            kept.append(item)
            words.append(mine)
    return kept


def group_copies(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """Return groups of near duplicates, in the order of their first items."""
    groups: list[list[Evidence]] = []
    for item in evidence:
        mine = _words(item)
        group = next((g for g in groups if _alike(_words(g[0]), mine)), None)
        if group is None:
            groups.append([item])
        else:
            group.append(item)
    return groups


def are_copies(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences are near duplicates."""
    return _alike(_words(one), _words(other))


def _words(item: Evidence) -> frozenset[str]:
    return distinct_terms(item.readable, item.language)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if not one or not other:
        return one == other
    if min(len(one), len(other)) < _ALIKE * max(len(one), len(other)):
        return False  # true for most pairs, and faster than comparing the sets
    if len(one & other) < _ALIKE * len(one | other):
        return False
    return not any(word.isdigit() or word in _TELLING for word in one ^ other)
