"""Finds where documents contradict each other in what is asked: "120 euros" against "140 euros".

A sentence of the answer is compared with sentences that the reader has read in other documents.
Nothing more is searched or read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from index import Snapshot, distinct_terms
from rag.answers.editions import Edition, are_ordered, find_edition, write_dates_apart
from rag.answers.relations import Relation, RelationKind, compare_statements, holds_value
from rag.answers.statements import cut_addition, read_statement
from rag.answers.subjects import are_alike
from rag.answers.units import AnswerUnit
from rag.questions.parse import Question
from rag.questions.vocabulary import Kind
from rag.types import Evidence

_MOST_SIDES = 4
_MOST_COMPARED = 8  # sentences of a unit
_OF_THE_BEST = 0.5  # of the likelihood of a unit's best sentence: others are compared, too
_AS_LIKELY = 0.2  # of a quoted sentence's likelihood that one which contradicts it needs
_LONGEST = 1_000  # characters of a sentence; longer ones are lists or broken tables
_ROUGHLY = 0.5  # share of words that two sentences have in common; if less, they are not compared
_CELLS = " | "  # stands between the cells of a row

# What may differ in the answer to a question of each kind.
_TELLING: dict[Kind, tuple[RelationKind, ...]] = {
    "number": ("number", "time"),
    "date": ("date", "time", "number"),  # a number: "after 90 days"
    "yes/no": ("number", "date", "time", "denial"),
    "list": ("number", "date", "time", "denial"),
    "definition": ("number", "date", "time", "denial"),
    "other": ("number", "date", "time", "denial"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """What one document says: its sentences that are contradicted by the other sides.

    `edition` is its date or version, None if it tells none.
    """

    sentences: tuple[Evidence, ...]
    edition: Edition | None

    @property
    def document(self) -> str:
        """The path of the document."""
        return self.sentences[0].document

    @property
    def label(self) -> str:
        """The document's title, with its date or version if the title does not say it."""
        title = self.sentences[0].title
        told = write_dates_apart(title).casefold()
        if self.edition is None or self.edition.label.casefold() in told:
            return title
        return f"{title}, {self.edition.label}"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Documents that contradict each other: the newest first if all tell their date or version.

    Otherwise the document that the answer quotes comes first. `kind` says what differs: a number, a
    date, a time, or whether something is so ("denial").
    """

    kind: RelationKind
    sides: tuple[Side, ...]


def find_disagreement(
    question: Question,
    chosen: Sequence[AnswerUnit],
    found: Sequence[Evidence],
    snapshot: Snapshot | None = None,
) -> Disagreement | None:
    """Return how other documents contradict the units that answer a question; None if none does.

    `found` are the sentences found for the question, with their likelihoods. The first unit that is
    contradicted counts.
    """
    if question.form == "comparison" or question.compared or question.kind not in _TELLING:
        return None
    compared = _Compared(question, [item for item in found if item.role == "statement"])
    for unit in chosen:
        sides: dict[str, list[Evidence]] = {}
        kinds: list[RelationKind] = []
        for item in _list_likely(unit):
            for kind, other in compared.find_contradictions(item):
                mine = sides.setdefault(item.document, [])
                theirs = sides.setdefault(other.document, [])
                mine += [item] if item not in mine else []
                theirs += [other] if other not in theirs else []
                kinds.append(kind)
        if kinds:
            return Disagreement(kinds[0], _order_sides([*sides.values()][:_MOST_SIDES], snapshot))
    return None


def quote_sides(
    disagreement: Disagreement, chosen: Sequence[AnswerUnit], snapshot: Snapshot | None = None
) -> list[AnswerUnit]:
    """Return the units of an answer that quotes every side, one after the other, then the others.

    Of a document that the answer did not quote, only what contradicts is added.
    """
    sides: list[AnswerUnit] = []
    for side in disagreement.sides:
        starts = {item.start for item in side.sentences}
        units = [unit for unit in chosen if unit.document == side.document]
        units = [unit for unit in units if any(item.start in starts for item in unit.sentences)]
        first, *more = units or [_make_unit(side.sentences, snapshot)]
        sides += [replace(first, label=side.label), *more]
    quoted = {identify(item) for unit in sides for item in unit.sentences}
    return [*sides, *(unit for unit in chosen if identify(unit.sentences[0]) not in quoted)]


def _make_unit(items: Sequence[Evidence], snapshot: Snapshot | None) -> AnswerUnit:
    ordered = tuple(sorted(items, key=lambda item: item.start))
    score = max(item.score for item in ordered)
    if snapshot is None:
        return AnswerUnit("text", ordered, score, (None,) * len(ordered))
    structure, base = snapshot.structure_around(ordered[0].row)
    blocks = tuple(structure.block(item.row - base) for item in ordered)
    return AnswerUnit("table" if blocks[0].kind == "row" else "text", ordered, score, blocks)


def _list_likely(unit: AnswerUnit) -> list[Evidence]:
    least = _OF_THE_BEST * unit.best.score
    likely = [item for item in unit.sentences if item.score >= least]
    return sorted(likely, key=lambda item: -item.score)[:_MOST_COMPARED]


def _order_sides(
    sides: Sequence[Sequence[Evidence]], snapshot: Snapshot | None
) -> tuple[Side, ...]:
    made = [
        Side(tuple(items), find_edition(snapshot, items[0].document, items[0].title))
        for items in sides
    ]
    if are_ordered([side.edition for side in made]):
        made.sort(key=lambda side: side.edition.order if side.edition else (), reverse=True)
    return tuple(made)


class _Compared:
    """The sentences found for a question, which are compared with those of the answer."""

    def __init__(self, question: Question, found: Sequence[Evidence]) -> None:
        self._question = question
        self._found = found
        self._likelihoods = {identify(item): item.score for item in found}
        self._known: dict[frozenset[tuple[str, int]], RelationKind] = {}

    def find_contradictions(self, item: Evidence) -> Iterator[tuple[RelationKind, Evidence]]:
        """Yield the sentences that contradict one, likeliest first, one of each other document.

        None where a document says several things in the same words, such as a table of years:
        then the words do not tell what each is about.
        """
        telling = _TELLING[self._question.kind]
        least = _AS_LIKELY * self._likelihoods.get(identify(item), item.score)
        others = [each for each in self._found if identify(each) != identify(item)]
        if self._has_variants(item, others):
            return
        told: dict[str, list[tuple[RelationKind, Evidence]]] = {}
        for other in others:
            if other.document != item.document:
                relation = self._compare(item, other)
                if relation != "other":
                    told.setdefault(other.document, []).append((relation, other))
        shown = [item]
        for relations in told.values():
            if any(relation == "same" for relation, _ in relations):
                continue  # this document says the same, too
            kind, best = max(relations, key=lambda each: each[1].score)
            if kind not in telling or best.score < least or self._has_variants(best, others):
                continue
            if all(self._compare(best, each) != "same" for each in shown):
                shown.append(best)
                yield kind, best

    def _has_variants(self, item: Evidence, others: Sequence[Evidence]) -> bool:
        """Whether its document says something else in the same words."""
        return any(
            self._compare(item, other) not in ("same", "other")
            for other in others
            if other.document == item.document and other.start != item.start
        )

    def _compare(self, one: Evidence, other: Evidence) -> RelationKind:
        key = frozenset((identify(one), identify(other)))
        if key not in self._known:
            self._known[key] = _compare(self._question, one, other)
        return self._known[key]


def identify(item: Evidence) -> tuple[str, int]:
    """Return what tells a sentence from all others: its document, and where it begins."""
    return item.document, item.start


def _compare(question: Question, one: Evidence, other: Evidence) -> RelationKind:
    """Return how two sentences relate; their first clauses count where only these are alike."""
    if max(len(one.readable), len(other.readable)) > _LONGEST:
        return "other"
    words = distinct_terms(one.readable, one.language)
    theirs = distinct_terms(other.readable, other.language)
    if len(words & theirs) < _ROUGHLY * min(len(words), len(theirs)):
        return "other"
    for mine, its in product(_read_parts(one), _read_parts(other)):
        a, b = read_statement(mine, one.language), read_statement(its, other.language)
        if are_alike(question, one, other, a, b):
            relation = compare_statements(a, b)
            return relation.kind if _is_asked(question, one, other, relation) else "other"
    return "other"


def _is_asked(question: Question, one: Evidence, other: Evidence, relation: Relation) -> bool:
    """Whether the values that differ are what the reader found to be the short answers."""
    if question.kind not in ("number", "date") or relation.values is None:
        return True
    return all(
        item.span is None or holds_value(item.readable[slice(*item.span)], value, item.language)
        for item, value in zip((one, other), relation.values, strict=True)
    )


def _read_parts(item: Evidence) -> list[str]:
    """Return a sentence, and its first clause if that holds alone. A table's row is kept whole."""
    clause = "" if _CELLS in item.readable else cut_addition(item.readable)
    return [item.readable, clause] if clause else [item.readable]
