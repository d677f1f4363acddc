"""Sentences that answer -> answer units: what has to be quoted together.

A sentence alone is seldom a whole answer: what announces a list wants the list, a step wants the
steps beside it, "run this:" wants the command. A unit is a run of sentences of one document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from index import Block, Snapshot, Structure, announces
from rag.questions.parse import Question, find_content_terms
from rag.retrieval.hybrid import make_evidence
from rag.types import NO_SIGNALS, Evidence

UnitKind = Literal["text", "list", "table", "code", "section"]

WHOLE_FORMS = ("list", "procedure")
"""The forms of questions that one item of a list does not answer."""

_LONGEST_LIST = 40  # sentences of a list that is quoted whole
_LONGEST_SECTION = 24  # sentences of a section that is quoted as a procedure
_LONGEST_ANSWER = 12  # sentences below a heading that asks the same question
_SAME_QUESTION = 0.5  # Dice coefficient of the content words of two questions that ask the same
_LEAST_OF_IT = 0.1  # of the best sentence's likelihood: less likely ends of a section are cut
_SHORT_SECTION = 3  # sentences of a section that is quoted whole whatever was asked
_LONGEST_CODE = 6  # sentences of code that a sentence announces
_LONGEST_TABLE = 12  # rows of a table that a sentence announces
_MOST_EQUAL = 40  # rows of a table with the same values that are quoted together as a list
_FEW_EQUAL = 5  # the same for other questions
_LIKE_THE_BEST = 0.5  # of an item's likelihood: where all items have it, all are quoted
_BEST_OF_SECTION = 4  # sentences whose mean likelihood is that of their section
_BY_SECTION = 0.6  # the weight of a section's likelihood for its sentences, of 1
_GATHERED = 2  # units of which a search returns all sentences

Span = tuple[UnitKind, int, int]
"""The kind of a unit, its first and its last sentence."""


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
        evidence = weigh_sections(evidence, self._snapshot)
        by_row = {item.row: item for item in evidence}
        units: list[AnswerUnit] = []
        taken: set[int] = set()
        for item in sorted(evidence, key=lambda item: -item.score):
            if item.row in taken or item.role != "statement":
                continue
            structure, base = self._snapshot.structure_around(item.row)
            scores = {row - base: by_row[row].score for row in by_row}
            kind, first, last = _find_span(structure, item.row - base, question, scores)
            span: Sequence[int] = range(base + first, base + last + 1)
            if kind == "table" and first == last:
                table = structure.group(first)
                if table is not None:
                    inside = range(base + table.first, base + table.last + 1)
                    span = _find_equal(item, evidence, inside, question) or span
            rows = [row for row in span if row not in taken]
            taken.update(rows)
            unit = self._make(kind, rows, item.score, by_row)
            if unit.sentences:  # none is left where only headings or captions are new
                units.append(unit)
        return units

    def gather(
        self, question: Question, evidence: Sequence[Evidence], count: int
    ) -> list[Evidence]:
        """Return the `count` best sentences, those of the best two units together.

        `evidence` is ranked. A sentence of such a unit has the score of the sentence that stands
        for it: an item of a list seldom says by itself what the list is about. Units of more than
        `count` sentences are not gathered.
        """
        unit_of: dict[int, AnswerUnit] = {}
        for number, part in enumerate(question.parts or (question,)):
            units = self.find(part, [item for item in evidence if item.part == number])
            unit_of.update((item.row, unit) for unit in units for item in unit.sentences)
        gathered: dict[int, Evidence] = {}
        units_left = _GATHERED
        for item in evidence:
            if item.row in gathered:
                continue
            gathered[item.row] = item
            unit = unit_of.get(item.row)
            if unit is not None and units_left and len(unit.sentences) <= count:
                units_left -= 1
                for other in sorted(unit.sentences, key=lambda each: -each.score):
                    gathered.setdefault(other.row, replace(other, score=item.score))
        return [*gathered.values()][:count]

    def _make(
        self, kind: UnitKind, rows: Sequence[int], score: float, found: Mapping[int, Evidence]
    ) -> AnswerUnit:
        structure, base = self._snapshot.structure_around(rows[0])
        blocks = [structure.block(row - base) for row in rows]
        quoted = [
            (found.get(row) or make_evidence(self._snapshot.sentence(row), NO_SIGNALS), block)
            for row, block in zip(rows, blocks, strict=True)
            if block.kind not in ("heading", "header")
            and (block.kind != "caption" or len(rows) == 1)
        ]
        return AnswerUnit(
            kind, tuple(item for item, _ in quoted), score, tuple(block for _, block in quoted)
        )


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


def _find_span(
    structure: Structure, number: int, question: Question, scores: Mapping[int, float]
) -> Span:
    """Return the unit that a sentence belongs to."""
    whole = question.form in WHOLE_FORMS
    group = structure.group(number)
    if _is_answer_to(structure, number, question):
        return "section", *structure.section(number)
    if group is not None and group.kind == "list":
        first = group.opening
        siblings = [scores[item] for item in group.items if item in scores]
        alike = fmean(siblings) >= _LIKE_THE_BEST * scores[number] if siblings else False
        if (whole or alike) and group.last - first < _LONGEST_LIST:
            return "list", first, group.last
        return ("list", *structure.item(number))
    if group is not None and group.kind == "code" and question.form != "procedure":
        return "code", number if group.lead is None else group.lead, number
    if group is not None and group.kind == "table":
        return "table", number, number
    first, last = structure.section(number)
    asks = any(structure.readable(n).endswith("?") for n in range(first + 1, last + 1))
    if question.form == "procedure" and 0 < last - first <= _LONGEST_SECTION and not asks:
        return "section", *_cut_section(structure, number, scores)  # its paragraphs are the steps
    opening = structure.block(first)
    below = opening.kind == "heading" and opening.level > 1
    if below and last - first <= _SHORT_SECTION and not asks:
        return "section", first, last  # an entry of a reference: what it is, and its default
    return _follow(structure, number, whole=whole) or ("text", number, number)


def _is_answer_to(structure: Structure, number: int, question: Question) -> bool:
    """Return whether a sentence stands below a heading that asks the same question."""
    first, last = structure.section(number)
    heading = structure.readable(first).rstrip()
    if structure.block(first).kind != "heading" or not heading.endswith(("?", "\uff1f")):
        return False
    if not 0 < last - first <= _LONGEST_ANSWER:
        return False
    asked = frozenset(question.terms_in(question.language))
    written = frozenset(find_content_terms(heading, question.language))
    return 2 * len(asked & written) >= _SAME_QUESTION * (len(asked) + len(written)) > 0


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


def _cut_section(structure: Structure, number: int, scores: Mapping[int, float]) -> tuple[int, int]:
    """Return the part of a section from its first likely sentence to its last.

    A list, code or table at either end is kept whole, with the sentence that announces it. A table
    that nothing announces is no step: at either end it is left out, such as a document's metadata.
    """
    first, last = structure.section(number)
    least = _LEAST_OF_IT * scores[number]
    likely = [n for n in range(first, last + 1) if scores.get(n, 0.0) >= least]
    likely = [n for n in likely if not _is_unannounced_row(structure, n)]
    begin, end = min(likely), max(likely)
    above = structure.group(begin)
    if above is not None:
        begin = above.opening
    below = structure.group(end) or structure.announced_by(end)
    if below is not None:
        end = below.last
    return max(begin, first), min(end, last)


def _is_unannounced_row(structure: Structure, number: int) -> bool:
    group = structure.group(number)
    return group is not None and group.kind == "table" and group.lead is None


def _follow(structure: Structure, number: int, *, whole: bool) -> Span | None:
    """Return a sentence with the list, code or table that it announces, if it does."""
    group = structure.announced_by(number)
    if group is None:
        return None
    told = announces(structure.readable(number))
    if group.kind == "list" and (told or whole) and group.last - number < _LONGEST_LIST:
        return "list", number, group.last
    if group.kind == "code" and (told or whole):
        return "code", number, min(group.last, number + _LONGEST_CODE)
    if group.kind == "table" and told:
        return "table", number, min(group.last, number + _LONGEST_TABLE)
    return None
