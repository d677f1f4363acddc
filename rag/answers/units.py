"""Sentences that answer -> answer units: what has to be quoted together.

A sentence alone is seldom a whole answer: what announces a list wants the list, a step wants the
steps beside it, "run this:" wants the command. A unit is a run of sentences of one document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from index import Block, Snapshot
from rag.answers.spans import UnitKind, find_span, find_subsections
from rag.questions.parse import Question
from rag.retrieval.evidence import make_evidence
from rag.types import NO_SIGNALS, Evidence

_MOST_EQUAL = 40  # rows of a table with the same values that are quoted together as a list
_FEW_EQUAL = 5  # the same for other questions
_BEST_OF_SECTION = 4  # sentences whose mean likelihood is that of their section
_BY_SECTION = 0.7  # the weight of a section's likelihood for its sentences, of 1
_GATHERED = 2  # units of which a search returns all sentences
_KEPT_FIRST = 5  # sentences that a search returns as they are ranked
# How much likelier a whole list is to answer, beside other units, where one is asked for. Of 224
# questions written for this, 2 to 3 answered most completely.
_A_LIST = 2.5


@dataclass(frozen=True, slots=True)
class AnswerUnit:
    """Sentences that are quoted together, in the order of the document.

    `score` is the likelihood, 0 to 1, that they answer. `blocks` says of each sentence which block
    it stands in, None where the structure is not known. `label` says which side of a comparison it
    is about, on the first unit of each.
    """

    kind: UnitKind
    sentences: tuple[Evidence, ...]
    score: float
    blocks: tuple[Block | None, ...] = (None,)
    label: str = ""

    @property
    def document(self) -> str:
        """The path of its document."""
        return self.sentences[0].document

    @property
    def best(self) -> Evidence:
        """The sentence of it that is likeliest to answer."""
        return max(self.sentences, key=lambda item: item.score)

    @property
    def is_list(self) -> bool:
        """Whether it lists things: as a list, or as several rows of a table."""
        return self.kind == "list" or (self.kind == "table" and len(self.sentences) > 1)

    @property
    def lacks_values(self) -> bool:
        """Whether it is a table's row with some of the question's values, but not all of them.

        Another row may hold the rest.
        """
        signals = self.best.signals
        return signals.row_equal > 0 and not signals.row_complete


class UnitFinder:
    """Finds the units of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def find(self, question: Question, evidence: Sequence[Evidence]) -> list[AnswerUnit]:
        """Return the units around statements, best first, no sentence in two of them.

        The scores of the evidence are the likelihoods that its sentences belong to the answer.
        """
        if question.kind != "definition":  # one sentence of a section, which is about other things
            evidence = weigh_sections(evidence, self._snapshot)
        by_row = {item.row: item for item in evidence}
        units: list[AnswerUnit] = []
        taken: set[int] = set()
        for item in sorted(evidence, key=lambda item: -item.score):
            if item.row in taken or item.role != "statement":
                continue
            kind, span = self._find_rows(question, item, evidence, by_row)
            rows = [row for row in span if row not in taken]
            taken.update(rows)
            unit = self._make(kind, rows, item.score, by_row)
            if unit.sentences:  # none is left where only headings or captions are new
                units.append(unit)
        return _favour_lists(units) if question.form == "list" else units

    def _find_rows(
        self,
        question: Question,
        item: Evidence,
        evidence: Sequence[Evidence],
        by_row: Mapping[int, Evidence],
    ) -> tuple[UnitKind, Sequence[int]]:
        """Return the kind and the rows of the unit around a statement."""
        structure, base = self._snapshot.structure_around(item.row)
        scores = {row - base: by_row[row].score for row in by_row}
        kind, first, last = find_span(structure, item.row - base, question, scores)
        numbers = [n for n in range(first, last + 1) if structure.block(n).kind != "heading"]
        if kind == "text" and question.form == "list":
            headings = find_subsections(structure, first)
            kind, numbers = "list" if headings else kind, [*numbers, *headings]
        rows = [base + number for number in numbers]
        table = structure.group(first) if kind == "table" and first == last else None
        if table is not None:
            inside = range(base + table.first, base + table.last + 1)
            rows = [*_find_equal(item, evidence, inside, question)] or rows
        return kind, rows

    def gather(
        self, question: Question, evidence: Sequence[Evidence], count: int
    ) -> list[Evidence]:
        """Return the `count` best sentences, those of the best two units together.

        `evidence` is ranked. A sentence of such a unit has the score of the sentence that stands
        for it: an item of a list seldom says by itself what the list is about. Units of more than
        `count` sentences are not gathered. After the first few, sentences of a section with other
        likely ones come first.
        """
        unit_of: dict[int, AnswerUnit] = {}
        for number, part in enumerate(question.parts or (question,)):
            units = self.find(part, [item for item in evidence if item.part == number])
            unit_of.update((item.row, unit) for unit in units for item in unit.sentences)
        gathered: dict[int, Evidence] = {}
        units_left = _GATHERED
        for item in self._rank_by_section(evidence):
            if item.row in gathered:
                continue
            gathered[item.row] = item
            unit = unit_of.get(item.row)
            if unit is not None and units_left and len(unit.sentences) <= count:
                units_left -= 1
                for other in sorted(unit.sentences, key=lambda each: -each.score):
                    gathered.setdefault(other.row, replace(other, score=item.score))
        return [*gathered.values()][:count]

    def _rank_by_section(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Return ranked evidence, after the first few by the likelihoods of sections, too.

        No score is above that of a sentence before it.
        """
        first, rest = evidence[:_KEPT_FIRST], evidence[_KEPT_FIRST:]
        weighed: dict[int, float] = {}
        for item in weigh_sections(evidence, self._snapshot):  # two parts may find the same one
            weighed[item.row] = max(item.score, weighed.get(item.row, 0.0))
        ranked = [replace(item, score=weighed.get(item.row, 0.0)) for item in rest]
        ranked.sort(key=lambda item: -item.score)
        most = first[-1].score if first else 0.0
        return [*first, *(replace(item, score=min(item.score, most)) for item in ranked)]

    def _make(
        self, kind: UnitKind, rows: Sequence[int], score: float, found: Mapping[int, Evidence]
    ) -> AnswerUnit:
        structure, base = self._snapshot.structure_around(rows[0])
        blocks = [structure.block(row - base) for row in rows]
        quoted = [
            (found.get(row) or make_evidence(self._snapshot.sentence(row), NO_SIGNALS), block)
            for row, block in zip(rows, blocks, strict=True)
            if block.kind != "header" and (block.kind != "caption" or len(rows) == 1)
        ]
        if quoted:  # the sections that a sentence announces are below the same heading as it is
            above = quoted[0][0].place.heading
            quoted = [
                (replace(item, place=replace(item.place, heading=above)), block)
                if block.kind == "heading"
                else (item, block)
                for item, block in quoted
            ]
        return AnswerUnit(
            kind, tuple(item for item, _ in quoted), score, tuple(block for _, block in quoted)
        )


def _favour_lists(units: Sequence[AnswerUnit]) -> list[AnswerUnit]:
    """Return units, best first, with lists ranked higher. The highest score stays the same."""
    if not units:
        return []
    weighed = [unit.score * (_A_LIST if unit.is_list else 1.0) for unit in units]
    factor = max(unit.score for unit in units) / max(weighed)
    favoured = [
        replace(unit, score=score * factor) for unit, score in zip(units, weighed, strict=True)
    ]
    return sorted(favoured, key=lambda unit: -unit.score)


def make_units(evidence: Iterable[Evidence]) -> list[AnswerUnit]:
    """Return each statement as a unit of its own, best first: where no structure is known."""
    ranked = sorted(evidence, key=lambda item: -item.score)
    return [AnswerUnit("text", (item,), item.score) for item in ranked if item.role == "statement"]


def weigh_sections(evidence: Sequence[Evidence], snapshot: Snapshot) -> list[Evidence]:
    """Return the statements, with higher scores where their section has other likely ones.

    A score becomes the weighted geometric mean of the sentence's likelihood and its section's.
    The highest score stays the same, because refusals and confidence depend on it.
    """
    stated = [item for item in evidence if item.role == "statement" and item.score > 0]
    if not stated:
        return []
    sections = [_find_section(item.row, snapshot) for item in stated]
    scores: dict[int, list[float]] = {}
    for item, section in zip(stated, sections, strict=True):
        scores.setdefault(section, []).append(item.score)
    likelihoods = {
        section: sum(sorted(each)[-_BEST_OF_SECTION:]) / _BEST_OF_SECTION
        for section, each in scores.items()
    }
    mixed = [
        item.score ** (1 - _BY_SECTION) * likelihoods[section] ** _BY_SECTION
        for item, section in zip(stated, sections, strict=True)
    ]
    factor = max(item.score for item in stated) / max(mixed)
    return [replace(item, score=score * factor) for item, score in zip(stated, mixed, strict=True)]


def _find_section(row: int, snapshot: Snapshot) -> int:
    """Return the first row of the section that a sentence stands in."""
    structure, base = snapshot.structure_around(row)
    return base + structure.section(row - base)[0]


def _find_equal(
    item: Evidence, evidence: Iterable[Evidence], table: range, question: Question
) -> Sequence[int]:
    """Return the rows of a table that hold the same values of the question as one of them.

    The question does not say which of them is meant. None are returned if no other row holds the
    same, or if there are too many: only a list asks for many.
    """
    most = _MOST_EQUAL if question.form == "list" else _FEW_EQUAL
    if not 1 < item.signals.row_equal <= most:
        return ()
    same = (item.signals.row_covered, item.signals.row_equal)
    return sorted(
        other.row
        for other in evidence
        if (other.signals.row_covered, other.signals.row_equal) == same and other.row in table
    )
