"""The answerer that quotes: it picks the units that answer, or refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index import Snapshot, distinct_terms
from prompts import read_prompt
from rag.answers.amounts import lacks_amount
from rag.answers.answerability import can_answer
from rag.answers.citations import cite_evidence
from rag.answers.column_texts import drop_column_texts
from rag.answers.computed import answer_by_calculating
from rag.answers.confidence import estimate_confidence
from rag.answers.constraints import Missing, find_missing
from rag.answers.differences import Disagreement, find_disagreement, quote_sides
from rag.answers.enumerating import find_counted, find_enumeration
from rag.answers.quoting import write_quotes
from rag.answers.rest import find_rest
from rag.answers.spans import WHOLE_FORMS
from rag.answers.units import AnswerUnit, UnitFinder, make_units
from rag.questions.parse import Question
from rag.retrieval.duplicates import fold_duplicates
from rag.settings import EXTRACTIVE
from rag.types import Answer, Citation, Delta, Evidence

MAX_SENTENCES = 3  # of an answer that is not a list; also the closest passages of a refusal
_ENOUGH = 0.95  # likelihood at which the chosen units are assumed to contain the answer
# The share of the best unit's likelihood that a further unit needs.
_WORTH_ADDING = {"list": 0.5, "procedure": 0.5, "comparison": 0.3, "other": 0.2}
_WORTH_BESIDE = 0.8  # likewise, beside a whole list or section
_WORTH_BESIDE_ROW = 0.5  # likewise, beside a table's row that holds all values of the question
_WORTH_A_SIDE = 0.15  # likewise, for the other side of a comparison
_WORTH_A_LIST = 0.2  # likewise, for the first list where one is asked for
_CONFIRMS = 0.7  # likewise, for a sentence of another document that confirms it
_AS_MANY_VALUES = 0.7  # of what the best row covers of a question: rows with less are left out
_EVIDENCE_COUNT = 100
_SEVERAL = ("comparison",)  # questions that one unit seldom answers


@dataclass(slots=True)
class _Chosen:
    """What is quoted for a question, and its parts that the documents do not answer.

    `disagreements` are those between the documents quoted.
    """

    units: list[AnswerUnit] = field(default_factory=list)
    confidence: float = 1.0
    open_parts: list[Question] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    missing: Missing | None = None


class ExtractiveAnswerer:
    """Answers with quotations only, so that it cannot invent anything."""

    model = EXTRACTIVE
    evidence_count = _EVIDENCE_COUNT

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self._snapshot = snapshot

    def write(self, asked: Question, evidence: Sequence[Evidence]) -> Iterator[Delta]:
        """Yield the answer word by word, then once more whole."""
        yield from split_answer(self.quote(asked, evidence))

    def quote(self, asked: Question, evidence: Sequence[Evidence]) -> Answer:
        """Return the answer that the evidence gives, or a refusal.

        A question with parts is answered part by part; one that cannot be answered is named.
        """
        computed = self._calculate(asked, evidence)
        if computed is not None:
            return computed
        chosen = self._choose(asked, evidence)
        if not chosen.units:
            return Answer(
                question=asked.text,
                text=explain_refusal(asked, chosen.missing),
                refused=True,
                model=self.model,
                closest=cite_evidence(fold_duplicates(evidence)[:MAX_SENTENCES]),
            )
        return write_quotes(
            asked, chosen.units, chosen.confidence, chosen.open_parts, chosen.disagreements
        )

    def list_units(self, asked: Question, evidence: Sequence[Evidence]) -> list[AnswerUnit]:
        """Return the lists, sections, tables and sentences that an answer would quote."""
        return self._choose(asked, evidence).units

    def quote_rest(
        self, asked: Question, evidence: Sequence[Evidence], cited: Sequence[Evidence]
    ) -> Answer | None:
        """Return the part of the quoted answer that another answer lacks, None if it lacks nothing.

        `cited` are the sentences that the other answer cites, in the order of their numbers, which
        they keep. See `find_rest`. Where documents contradict each other, both sides are returned,
        cited or not.
        """
        known = cite_evidence(cited)
        computed = self._calculate(asked, evidence, known)
        if computed is not None:
            new = any(each.number > len(known) for each in computed.citations)
            return computed if new else None
        chosen = self._choose(asked, evidence)
        rest = find_rest(asked, chosen.units, cited, chosen.disagreements)
        if not rest:
            return None
        return write_quotes(
            asked, rest, chosen.confidence, disagreements=chosen.disagreements, known=known
        )

    def _calculate(
        self, asked: Question, evidence: Sequence[Evidence], known: Sequence[Citation] = ()
    ) -> Answer | None:
        if self._snapshot is None:
            return None
        return answer_by_calculating(self._snapshot, asked, evidence, known)

    def _choose(self, asked: Question, evidence: Sequence[Evidence]) -> _Chosen:
        chosen = _Chosen()
        for number, part in enumerate(asked.parts or (asked,)):
            found = [item for item in evidence if item.part == number]
            lacking = find_missing(self._snapshot, part, found) if self._snapshot else None
            answers = lacking is None and can_answer(part, found)
            units, confidence = (
                self._answer_part(part, found, chosen.units) if answers else ([], 0.0)
            )
            if lacking is None and (not answers or lacks_amount(part, units)):
                units, confidence = self._find_all(part, found)
                answers = bool(units)
            if not answers:
                chosen.missing = chosen.missing or lacking
                chosen.open_parts.append(part)
                continue
            entries = any(unit.kind == "entry" for unit in units)  # they tell of different things
            disagreement = (
                None if entries else find_disagreement(part, units, found, self._snapshot)
            )
            if disagreement is not None:
                units = quote_sides(disagreement, units, self._snapshot)
                chosen.disagreements.append(disagreement)
            chosen.units += units
            chosen.confidence = min(chosen.confidence, confidence)
        return chosen

    def _answer_part(
        self, part: Question, found: Sequence[Evidence], told: Sequence[AnswerUnit]
    ) -> tuple[list[AnswerUnit], float]:
        """Return the units that answer a part of a question, and how sure that is.

        What is `told` already is not returned again.
        """
        if self._snapshot is None:
            units = make_units(found)
            chosen = choose_units(part, units)
        else:
            units = UnitFinder(self._snapshot).find(part, found)
            units = drop_column_texts(self._snapshot, part, units)
            chosen = find_enumeration(self._snapshot, part, found) or choose_units(part, units)
        rows = {item.row for unit in told for item in unit.sentences}
        confidence = estimate_confidence(part, found, units, chosen) if chosen else 0.0
        ordered = _order(chosen)
        new = [unit for unit in ordered if rows.isdisjoint(item.row for item in unit.sentences)]
        side = part.label if part.compared else ""
        return [replace(unit, label="" if at else side) for at, unit in enumerate(new)], confidence

    def _find_all(
        self, part: Question, found: Sequence[Evidence]
    ) -> tuple[list[AnswerUnit], float]:
        """Return the units that tell of all things that a part asks for, or to count.

        Where no sentence is likely enough by itself, several that hold all its words may be.
        """
        if self._snapshot is None:
            return [], 0.0
        units = find_enumeration(self._snapshot, part, found) or find_counted(
            self._snapshot, part, found
        )
        return units, estimate_confidence(part, found, units, units) if units else 0.0


def split_answer(answer: Answer) -> Iterator[Delta]:
    """Yield an answer word by word, then once more whole."""
    for word in re.findall(r"\s*\S+\s*", answer.text):
        yield Delta(word)
    yield Delta(answer=answer)


def explain_refusal(asked: Question, missing: Missing | None) -> str:
    """Return a refusal in the question's language that names what is missing, if that is known."""
    refusal = read_prompt("refusal", asked.language)
    if missing is None:
        return refusal
    name = "unknown_year" if missing.what.isdigit() else "unknown_name"
    reason = read_prompt("other_years" if missing.instead else name, asked.language)
    return f"{refusal} {reason.format(what=missing.what, instead=', '.join(missing.instead))}"


def choose_units(asked: Question, units: Sequence[AnswerUnit]) -> list[AnswerUnit]:
    """Choose as few units as answer, from units that are sorted by likelihood.

    Units are added, most likely first, until it is likely enough that one of them answers; beyond
    that only what another document says as well, and of a comparison the other side: the unit
    that holds words of the question which those chosen lack.
    """
    if not units:
        return []
    units = _drop_poorer_rows(_fold(units))
    best = units[0].score
    # As a rule a whole list is all that is asked for, but not of a comparison.
    whole = units[0].kind in ("list", "section") and asked.form not in _SEVERAL
    enough = 1.0 if units[0].lacks_values or (asked.form in WHOLE_FORMS and not whole) else _ENOUGH
    worth = _WORTH_BESIDE if whole else _WORTH_ADDING[asked.form]
    if units[0].kind == "table" and units[0].best.signals.row_complete:
        worth = max(worth, _WORTH_BESIDE_ROW)
    chosen: list[AnswerUnit] = []
    missed = 1.0
    for unit in units:
        if len(chosen) == MAX_SENTENCES:
            break
        elsewhere = all(unit.document != other.document for other in chosen)
        confirms = elsewhere and unit.kind == "text" and unit.score >= _CONFIRMS * best
        adds = 1 - missed < enough and unit.score >= worth * best
        if not chosen or confirms or adds:
            chosen.append(unit)
            missed *= 1 - unit.score
    if asked.form == "list" and all(unit.kind == "text" for unit in chosen):
        lists = (unit for unit in units if unit.kind == "list")
        chosen += [unit for unit in lists if unit.score >= _WORTH_A_LIST * best][:1]
    if asked.form in _SEVERAL and len(chosen) == 1:
        chosen += _find_other_side(asked, chosen[0], units)
    return chosen


def _find_other_side(
    asked: Question, first: AnswerUnit, units: Sequence[AnswerUnit]
) -> list[AnswerUnit]:
    """Return the unit that adds most words of the question to those of the first one."""
    told = _words(asked, first)
    worth = [
        (unit.score * len(_words(asked, unit) - told), unit)
        for unit in units
        if unit is not first and unit.score >= _WORTH_A_SIDE * first.score
    ]
    gain, best = max(worth, key=lambda pair: pair[0], default=(0.0, first))
    return [best] if gain > 0 else []


def _words(asked: Question, unit: AnswerUnit) -> frozenset[str]:
    """Return the question's terms that a unit or its headings hold."""
    wanted = frozenset(asked.terms_in(unit.sentences[0].language))
    texts = [text for item in unit.sentences for text in (item.readable, *item.headings)]
    return wanted.intersection(
        *[frozenset[str]().union(*(distinct_terms(t, unit.sentences[0].language) for t in texts))]
    )


def _fold(units: Sequence[AnswerUnit]) -> list[AnswerUnit]:
    """Return the units without sentences that repeat one before them."""
    kept = fold_duplicates(unit.best for unit in units)
    rows = {id(item) for item in kept}
    return [unit for unit in units if id(unit.best) in rows]


def _drop_poorer_rows(units: Sequence[AnswerUnit]) -> list[AnswerUnit]:
    """Return the units without rows of tables that hold fewer of the question's values.

    Only where the best unit is a row with all values of its table. It may be of a table that says
    what the columns of another one mean: then a row of that one holds more.
    """
    if units[0].kind != "table" or not units[0].best.signals.row_complete:
        return [*units]
    rows = [unit.best.signals for unit in units if unit.kind == "table"]
    best = max(signals.row_covered for signals in rows if signals.row_complete)
    return [
        unit
        for unit in units
        if unit.kind != "table" or unit.best.signals.row_covered >= _AS_MANY_VALUES * best
    ]


def _order(units: Sequence[AnswerUnit]) -> list[AnswerUnit]:
    """Return units document by document, the likeliest one's first, each in its own order."""
    order = {unit.document: rank for rank, unit in reversed(list(enumerate(units)))}
    return sorted(units, key=lambda unit: (order[unit.document], unit.sentences[0].start))
