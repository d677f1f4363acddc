"""The faults that rules find in English: opposites, hedges, quantities, causes, roles, time.

Each rule gets the claim, the sentences that it cites, and these with what stands around them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from index import split_terms
from rag.claims.clauses import split_clauses
from rag.claims.lexicon import (
    CAUSAL_CLAIMS,
    CAUSES,
    CONVERSES,
    HEDGES,
    MODALS,
    PARTIALS,
    SYMMETRIC,
    UNIVERSALS,
    opposites,
)
from rag.claims.types import Fault
from rag.claims.words import find_terms, is_denied, share_words, split_words
from rag.quantities import Quantity, find_quantities, find_unmatched
from rag.questions.parse import find_content_words

_PART = re.compile(r"[,;:\u2014]|\b(?:and|but|while|although|whereas|because|which|who)\b")
_TURNING = re.compile(r"\b(?:by|was|were|is|are|been|be|being)\b")
_HE = frozenset("he him his himself".split())
_SHE = frozenset("she her hers herself".split())
_REACH = 4  # words between a quantity and its noun
_NEAR_COPY = 0.8  # share of a claim's words in the sources
_HEDGED = 0.6  # share of a claim's words behind the hedge
_SHORTEST = 2  # content words of a clause that stands nowhere


def find_english_fault(claim: str, said: str, told: str) -> Fault | None:
    """Return the first fault that one of the rules finds; None if none does."""
    return next((fault for fault, rule in _RULES if rule(claim, said, told)), None)


def _has_opposite(claim: str, said: str, told: str) -> bool:
    """Whether a word of the claim stands in the sources only as its opposite.

    "Sold to" and "bought from" may tell the same, unless all other words are in the same order.
    """
    known, stems = set(split_words(told)), find_terms(told)
    for word in split_words(claim):
        others = opposites().get(word, frozenset()) & known
        if not others or stems.intersection(split_terms(word)):
            continue
        rest = re.sub(rf"\b{word}\b", "", claim, flags=re.IGNORECASE)
        if share_words(rest, told) < _NEAR_COPY or is_denied(claim) != is_denied(said):
            continue
        if word not in CONVERSES or _is_in_order(_sequence(rest), _sequence(said)):
            return True
    return False


def _is_in_order(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(term in rest for term in part)


def _drops_hedge(claim: str, said: str, told: str) -> bool:
    """Whether the claim tells for certain what the source tells behind a hedge.

    Of the source, the clause with the hedge counts. Most of the claim stands behind the hedge
    there; before it stands at most who is spoken of.
    """
    words = split_words(claim)
    if HEDGES.intersection(words) or MODALS.intersection(words) or is_denied(claim):
        return False
    terms = find_terms(claim)
    for clause in _PART.split(said):
        source = split_words(clause)
        for place, word in enumerate(source):
            if word in HEDGES and terms.isdisjoint(split_terms(word)):
                behind = find_terms(" ".join(source[place + 1 :])) & terms
                before = find_terms(" ".join(source[:place])) & terms
                whole = len(behind) + len(before) >= _NEAR_COPY * len(terms)
                if behind and whole and len(behind) >= _HEDGED * len(terms):
                    return True
    return False


def _generalises(claim: str, said: str, told: str) -> bool:
    """Whether the claim says of all what the source says of some."""
    words, source = split_words(claim), split_words(said)
    if UNIVERSALS.intersection(source) or not PARTIALS.intersection(source):
        return False
    limited = {
        stem
        for place, word in enumerate(source)
        if word in PARTIALS
        for near in source[place + 1 : place + _REACH]
        for stem in split_terms(near)
    }
    return any(
        limited.intersection(find_terms(" ".join(words[place + 1 : place + _REACH])))
        for place, word in enumerate(words)
        if word in UNIVERSALS
    )


def _adds_cause(claim: str, said: str, told: str) -> bool:
    """Whether the claim gives a cause, and the sources have no word that could tell of one."""
    return bool(CAUSAL_CLAIMS.intersection(split_words(claim))) and not CAUSES.intersection(
        split_words(told)
    )


def _exchanges_roles(claim: str, said: str, told: str) -> bool:
    """Whether two things stand on the other sides of the same verb: "Ann hired Bob".

    The word before the verb must stand only behind it in the other text, on both sides. Passives
    and "is" may turn a sentence around, so such sentences are not judged.
    """
    if _TURNING.search(claim) or share_words(claim, said) < 1:
        return False
    mine = _sequence(claim)
    for clause in (said, *_PART.split(said)):
        theirs = () if _TURNING.search(clause) else _sequence(clause)
        for place, verb in enumerate(mine):
            if verb not in theirs or not place or verb in SYMMETRIC:
                continue
            there = theirs.index(verb)
            one, other = mine[place - 1], theirs[there - 1] if there else ""
            turned = one in theirs[there + 1 :] and other in mine[place + 1 :]
            if turned and one not in theirs[:there] and other not in mine[:place]:
                return True
    return False


def _exchanges_numbers(claim: str, said: str, told: str) -> bool:
    """Whether a year of the claim stands in the sources beside other words."""
    told_of = [(clause, find_quantities(clause)) for clause in _PART.split(said)]
    told_of = [(clause, found) for clause, found in told_of if any(map(_is_year, found))]
    # "Between 2016 and 2019" is not two clauses.
    if len(told_of) < 2 or not all(_words_only(clause) for clause, _ in told_of):
        return False
    terms = [_words_only(clause) for clause, _ in told_of]
    for part in _PART.split(claim):
        for number in filter(_is_year, find_quantities(part)):
            words = _words_only(part)
            shared = [
                len(words & mine.difference(*(t for t in terms if t is not mine))) for mine in terms
            ]
            here = [not find_unmatched([number], found) for _, found in told_of]
            right = [count for count, mine in zip(shared, here, strict=True) if mine]
            wrong = [count for count, mine in zip(shared, here, strict=True) if not mine]
            if right and wrong and not max(right) and max(wrong) > 1:
                return True
    return False


def _words_only(text: str) -> frozenset[str]:
    return frozenset(term for term in find_terms(text) if not term.isdigit())


def _is_year(quantity: Quantity) -> bool:
    return not quantity.unit and 1000 <= quantity.plain < 2100


def _has_other_pronoun(claim: str, said: str, told: str) -> bool:
    """Whether the claim says "she" where the sources only know a "he", or the reverse."""
    words, known = set(split_words(claim)), set(split_words(told))
    for mine, others in ((_HE, _SHE), (_SHE, _HE)):
        if words & mine and not words & others and not known & mine and known & others:
            return True
    return False


def _adds_clause(claim: str, said: str, told: str) -> bool:
    """Whether no word of a clause stands in the sources, and all of another clause does."""
    shares = [
        share_words(claim[clause.start : clause.end], told)
        for clause in split_clauses(claim)
        if len(find_terms(claim[clause.start : clause.end])) >= _SHORTEST
    ]
    return len(shares) > 1 and min(shares) == 0 and max(shares) >= _NEAR_COPY


_RULES: tuple[tuple[Fault, Callable[[str, str, str], bool]], ...] = (
    ("opposite", _has_opposite),
    ("hedge", _drops_hedge),
    ("quantity", _generalises),
    ("cause", _adds_cause),
    ("roles", _exchanges_roles),
    ("time", _exchanges_numbers),
    ("pronoun", _has_other_pronoun),
    ("addition", _adds_clause),
)


@lru_cache(1024)
def _sequence(text: str) -> tuple[str, ...]:
    """Return the terms of the content words, in order."""
    return tuple(term for word in find_content_words(text) for term in split_terms(word))
