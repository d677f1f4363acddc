"""Checks claims against sources: whether cited sentences support a sentence of an answer.

Rules find the faults that are certain: other numbers, names, negations and so on. What they let
pass is read by the entailment model, clause by clause. The model knows English; in other languages
a claim's words and meaning must be similar enough to those of its sources instead.
`benchmarks/claims.py` measures the check, and the thresholds come from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from index import DEFAULT_LANGUAGE, distinct_terms
from rag.claims.clauses import Clause, split_clauses
from rag.claims.entailment import MOST_SOURCES, load_entailment_model
from rag.claims.restating import restate
from rag.claims.rules import find_certain_fault
from rag.claims.types import CheckedClause, Fault, Likeness, Outcome, Source, Verdict
from rag.claims.words import find_terms, share_words
from rag.quantities import find_quantities

SUPPORT = 0.4
"""How likely the entailment model must find it that a claim is supported, 0 to 1."""

MEANING = 1.0
"""In other languages than English: what the weighted sum of words and likeness must reach.

That is with `SUPPORT`; where more support is asked for, the sum must be higher by as much.
"""

_COPIED = 2.0  # the sum for a claim of which nearly all words are in its sources
_WORDS_COUNT = 0.7
_LIKENESS_COUNT = 0.9
# Above and below these shares of words, the likeness is not computed, because embedding a claim
# takes most of the time.
_WORDS_ENOUGH = 0.9
_WORDS_TOO_FEW = 0.25
_UNTOLD: frozenset[Fault] = frozenset({"hedge", "quantity", "cause", "addition", "meaning"})
_ABOUT = 0.5  # share of a clause's words from which a fault contradicts it


def check_claim(
    claim: str,
    sources: Sequence[Source],
    likeness: Likeness,
    language: str = DEFAULT_LANGUAGE,
    support: float = SUPPORT,
) -> Verdict:
    """Return whether sources support a claim, and what they say about each clause.

    `support`, between 0 and 1, is how likely this must be: the check is stricter the higher it is.
    What the rules find does not depend on it.
    """
    most = math.log((1 - support) / support)  # logit of "unsupported" up to which it is enough
    clauses = split_clauses(claim)
    fault = find_certain_fault(claim, sources, language)
    if fault is not None:
        return Verdict(fault, _locate(claim, clauses, sources, language, fault))
    if language != DEFAULT_LANGUAGE:
        return _compare(claim, clauses, sources, likeness, language, support)
    words = find_terms(claim)  # none in "In 1874.", which the rules and the model judge
    empty = not words and not find_quantities(claim)  # "The", where a model stopped
    if empty or (words and not words & distinct_terms(_tell(sources))):  # about something else
        untold = tuple(CheckedClause(c.start, c.end, "not told") for c in clauses)
        return Verdict("meaning", untold)
    chosen = [restate(source, claim) for source in _select(claim, sources)]
    read = load_entailment_model().read(claim, clauses, chosen)
    against: Outcome = "contradicted" if read.contradicted > 0 else "not told"
    checked = tuple(
        CheckedClause(c.start, c.end, against if logit > most else "supported")
        for c, logit in zip(clauses, read.clauses, strict=True)
    )
    worst = max(read.unsupported, *read.clauses)
    if read.unsupported > most and all(c.outcome == "supported" for c in checked):
        checked = tuple(CheckedClause(c.start, c.end, against) for c in clauses)
    return Verdict("meaning" if worst > most else None, checked)


def prepare_check() -> None:
    """Load what the check needs, which takes a second, before it is needed."""
    load_entailment_model()
    find_quantities("1 m")


def _weigh_support(
    claim: str,
    sources: Sequence[Source],
    likeness: Likeness,
    language: str = DEFAULT_LANGUAGE,
) -> float:
    """Return how well sources support a claim by words and meaning; `MEANING` is enough."""
    shared = share_words(claim, _tell(sources), language)
    if shared >= _WORDS_ENOUGH:
        return _COPIED
    if shared <= _WORDS_TOO_FEW:
        return 0.0
    near = likeness(claim, [source.sentence for source in sources])
    return _WORDS_COUNT * shared + _LIKENESS_COUNT * near


def estimate_support(
    claim: str, source: Source, likeness: Likeness, language: str = DEFAULT_LANGUAGE
) -> float:
    """Return roughly how similar a source is to a claim, to choose which sources are checked."""
    shared = share_words(claim, f"{source.title} {source.sentence}", language)
    return _WORDS_COUNT * shared + _LIKENESS_COUNT * likeness(claim, [source.sentence])


def _compare(
    claim: str,
    clauses: Sequence[Clause],
    sources: Sequence[Source],
    likeness: Likeness,
    language: str,
    support: float,
) -> Verdict:
    needed = MEANING + support - SUPPORT
    enough = _weigh_support(claim, sources, likeness, language) >= needed
    outcome: Outcome = "supported" if enough else "not told"
    checked = tuple(CheckedClause(c.start, c.end, outcome) for c in clauses)
    return Verdict(None if enough else "meaning", checked)


def _locate(
    claim: str,
    clauses: Sequence[Clause],
    sources: Sequence[Source],
    language: str,
    fault: Fault,
) -> tuple[CheckedClause, ...]:
    """Return the clauses; those in which the rules find the fault are not supported."""
    told = _tell(sources)
    outcomes: list[Outcome] = []
    for clause in clauses:
        text = claim[clause.start : clause.end]
        found = find_certain_fault(text, sources, language) if len(clauses) > 1 else fault
        about = share_words(text, told, language) >= _ABOUT
        wrong: Outcome = "contradicted" if about and found not in _UNTOLD else "not told"
        outcomes.append("supported" if found is None else wrong)
    if "contradicted" not in outcomes and "not told" not in outcomes:
        outcomes = ["not told" if fault in _UNTOLD else "contradicted"] * len(clauses)
    return tuple(
        CheckedClause(c.start, c.end, outcome) for c, outcome in zip(clauses, outcomes, strict=True)
    )


def _select(claim: str, sources: Sequence[Source]) -> list[Source]:
    """Return the sources that the model reads: those that share most words, in their order."""
    if len(sources) <= MOST_SOURCES:
        return list(sources)
    shares = [share_words(claim, source.sentence) for source in sources]
    best = sorted(range(len(sources)), key=lambda i: -shares[i])[:MOST_SOURCES]
    return [sources[i] for i in sorted(best)]


def _tell(sources: Sequence[Source]) -> str:
    """Return the sources with their titles and previous sentences, which may contain names."""
    return " ".join(f"{s.title} {s.before} {s.sentence}" for s in sources)
