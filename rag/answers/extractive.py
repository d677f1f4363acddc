"""The answerer that quotes: it picks the units that answer, or refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index import Snapshot
from prompts import read_prompt
from rag.answers.amounts import lacks_amount
from rag.answers.answerability import can_answer
from rag.answers.choosing import MAX_SENTENCES, choose_units
from rag.answers.citations import cite_evidence
from rag.answers.column_texts import drop_column_texts
from rag.answers.computed import answer_by_calculating
from rag.answers.confidence import estimate_confidence
from rag.answers.constraints import Missing, find_missing
from rag.answers.differences import Disagreement, find_disagreement, quote_sides
from rag.answers.enumerating import find_counted, find_enumeration
from rag.answers.quoting import write_quotes
from rag.answers.rest import find_rest
from rag.answers.units import AnswerUnit, UnitFinder, make_units
from rag.questions.parse import Question
from rag.retrieval.duplicates import fold_duplicates
from rag.settings import EXTRACTIVE
from rag.types import Answer, Citation, Delta, Evidence

_EVIDENCE_COUNT = 100


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


def _order(units: Sequence[AnswerUnit]) -> list[AnswerUnit]:
    """Return units document by document, the likeliest one's first, each in its own order."""
    order = {unit.document: rank for rank, unit in reversed(list(enumerate(units)))}
    return sorted(units, key=lambda unit: (order[unit.document], unit.sentences[0].start))
