"""The faults of a claim that rules find with certainty.

A rule speaks only if it is sure. What no rule finds is left to the entailment model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import DEFAULT_LANGUAGE, distinct_terms
from rag.claims.english import find_english_fault
from rag.claims.implied import find_implied
from rag.claims.lexicon import opposites
from rag.claims.names import find_topic, find_unknown_names, replaces_name
from rag.claims.types import Fault, Source
from rag.claims.words import NEGATION, find_terms, is_denied, share_words, split_words
from rag.quantities import find_quantities, find_unmatched

_CLAUSE = re.compile(
    r"[,;:\u2014]|\b(?:but|while|although|whereas|because|that|which|who|aber|mais|pero|dass|qui|que)\b"
)
_FEW = 5  # a text that lists so many things may be told by their number
_NEAR_COPY = 0.8  # share of a claim's words in the sources


def find_certain_fault(
    claim: str, sources: Sequence[Source], language: str = DEFAULT_LANGUAGE
) -> Fault | None:
    """Return a fault that makes the claim unsupported for certain; None if no rule finds one."""
    said = " ".join(source.sentence for source in sources)
    told = " ".join(f"{s.title} {s.before} {s.sentence}" for s in sources)
    if _has_other_numbers(claim, f"{said} {' '.join(s.title for s in sources)}", language):
        return "number"
    if _has_other_names(claim, said, told, language, sources):
        return "name"
    if _is_denied_otherwise(claim, said, told, language):
        return "negation"
    if language != DEFAULT_LANGUAGE:
        return None
    return find_english_fault(claim, said, told)


def _has_other_numbers(claim: str, said: str, language: str) -> bool:
    told = find_quantities(said, language)
    implied = find_implied(said) if language == DEFAULT_LANGUAGE else ()
    unmatched = find_unmatched(find_quantities(claim, language), (*told, *implied))
    # "Two sons" may be told of "Ole and Per".
    listed = 1 + said.count(",") + len(re.findall(r"\band\b|\bor\b", said))
    return any(q.plain > min(listed, _FEW) or not q.plain.is_integer() or q.unit for q in unmatched)


def _has_other_names(
    claim: str, said: str, told: str, language: str, sources: Sequence[Source]
) -> bool:
    """Whether the claim has a name that the sources lack.

    A sentence alone may name nobody: "She kept goats." So without its title or the sentence before
    it, a name must stand in another's place, or in a claim that otherwise has the same words.
    """
    unknown = find_unknown_names(claim, told, language)
    if language != DEFAULT_LANGUAGE or any(s.title or s.before for s in sources):
        return bool(unknown) or replaces_name(claim, said)
    added = [name for name in unknown if name not in find_topic(claim)]
    rest = " ".join(word for word in claim.split() if word.strip(".,;:'") not in added)
    return replaces_name(claim, said) or (
        bool(added) and share_words(rest, told, language) >= _NEAR_COPY
    )


def _is_denied_otherwise(claim: str, said: str, told: str, language: str) -> bool:
    """Whether only one of claim and sources denies, of English in nearly the same words."""
    if is_denied(claim) == _is_denied_by(said, claim, language):
        return False
    if language != DEFAULT_LANGUAGE:
        return True
    words, source = set(split_words(claim)), set(split_words(told))
    opposed = any(opposites().get(word, frozenset()) & source for word in words - source)
    plain = NEGATION.sub(" ", claim)
    return not opposed and share_words(plain, told) >= _NEAR_COPY


def _is_denied_by(said: str, claim: str, language: str) -> bool:
    """Whether the clauses of the sources that the claim is about contain a negation."""
    words = find_terms(claim, language)
    clauses = [clause for clause in _CLAUSE.split(said) if clause.strip()]
    about = [
        clause
        for clause in clauses
        if len(words & distinct_terms(clause, language)) * 2 >= min(len(words), 4)
    ]
    return any(is_denied(clause) for clause in about or clauses)
