"""Answer units -> the text of an answer that quotes them, each as what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from index import has_number, split_terms
from prompts import read_prompt
from rag.answers.citations import cite_evidence, number_citations
from rag.answers.differences import Disagreement, identify
from rag.answers.units import AnswerUnit
from rag.difference import Difference, DifferingSide
from rag.questions.parse import Question
from rag.retrieval.duplicates import group_copies
from rag.retrieval.short_answers import choose_span
from rag.settings import EXTRACTIVE
from rag.types import Answer, Citation, Evidence

# Footnote marks of a document must not look like our citations.
_OWN_MARK = re.compile(r"\[(\d+)\]")
_OWN_BULLET = re.compile(r"[-*•▪◦‣·–]\s*(?=\S)")  # noqa: RUF001
_FENCE = "```"


@dataclass(slots=True)
class _Text:
    """The text of an answer while it is written, and the spans that are likely the short answer."""

    text: str = ""
    emphasis: list[tuple[int, int]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def add(self, before: str, sentence: str, marks: str, span: tuple[int, int] | None) -> None:
        """Append a sentence with its marks, `before` in front."""
        before = before if self.text else before.lstrip("\n ")
        start = len(self.text) + len(before)
        if span is not None:
            self.emphasis.append((start + span[0], start + span[1]))
        self.text += f"{before}{sentence}{marks}"


def write_quotes(
    question: Question,
    units: Sequence[AnswerUnit],
    confidence: float,
    open_parts: Sequence[Question] = (),
    disagreements: Sequence[Disagreement] = (),
    known: Sequence[Citation] = (),
) -> Answer:
    """Return an answer that quotes units in the order given, every sentence with its citation.

    Parts of the question that the documents do not answer are named at the end. Sentences that are
    cited already keep their numbers in `known`; the others have the numbers after them.

    The items of a list are lines of their own, code stands between fences. What another document
    says in the same words is not quoted twice: both are cited. Where documents contradict each
    other, a line says so before the first of them, and each is named.
    """
    groups = list(_group(units))
    citations = cite_evidence(item for _, copies in groups for item in copies)
    citations = number_citations(citations, known)
    numbers = iter(citations)
    opening = {identify(each.sides[0].sentences[0]) for each in disagreements}
    sides = [side for each in disagreements for side in each.sides]
    differing = {identify(item) for side in sides for item in side.sentences}
    spans = [
        _find_answer(question, copies[0])
        if unit.kind in ("text", "table") or identify(copies[0]) in differing
        else None
        for (unit, _), copies in groups
    ]
    written = _Text()
    before: AnswerUnit | None = None
    for ((unit, at), copies), span in zip(groups, spans, strict=True):
        if at == 0 and unit.label and opening & {identify(item) for item in unit.sentences}:
            written.add("\n\n", read_prompt("differ", question.language), "", None)
        if unit.kind == "entry" and (before is None or before.kind != "entry") and not known:
            written.add("\n\n", _count_entries(question, groups), "", None)
        marks = "".join(f" [{next(numbers).number}]" for _ in copies)
        block = unit.blocks[at] if len(unit.blocks) > at else None
        if block is not None and block.kind == "code":
            code = copies[0].readable.strip("\n")
            written.add(f"\n{_FENCE}\n", code, f"\n{_FENCE}{marks}\n", None)
        else:
            written.add(_separate(written.text, before, unit, at), _show(copies[0]), marks, span)
        before = unit
    unanswered = "".join(
        f"\n\n{read_prompt('part', question.language).format(part=part.label)}"
        for part in open_parts
    )
    return Answer(
        question=question.text,
        text=f"{written.text.strip()}{unanswered}",
        refused=False,
        model=EXTRACTIVE,
        citations=citations,
        emphasis=tuple(written.emphasis),
        confidence=round(confidence, 3),
        differences=tuple(_number_sides(each, citations) for each in disagreements),
    )


def _number_sides(disagreement: Disagreement, citations: Sequence[Citation]) -> Difference:
    """Return a disagreement with the numbers of its citations."""
    sides = []
    for side in disagreement.sides:
        told = {identify(item) for item in side.sentences}
        numbers = (each.number for each in citations if (each.document, each.start) in told)
        sides.append(DifferingSide(tuple(numbers), side.edition.label if side.edition else ""))
    return Difference(disagreement.kind, tuple(sides))


def _group(
    units: Sequence[AnswerUnit],
) -> Iterator[tuple[tuple[AnswerUnit, int], list[Evidence]]]:
    """Yield every sentence with its unit and number in it, and its copies in other units."""
    groups: list[list[AnswerUnit]] = []
    for unit in units:
        group = next((group for group in groups if _are_copies(group[0], unit)), None)
        if group is None:
            groups.append([unit])
        else:
            group.append(unit)
    for group in groups:
        for at in range(len(group[0].sentences)):
            yield (group[0], at), [unit.sentences[at] for unit in group]


def _are_copies(one: AnswerUnit, other: AnswerUnit) -> bool:
    """Whether two units say the same, sentence by sentence. Named ones are told apart."""
    return (
        one.kind == other.kind
        and not (one.label and other.label)
        and len(one.sentences) == len(other.sentences)
        and all(
            len(group_copies(pair)) == 1
            for pair in zip(one.sentences, other.sentences, strict=True)
        )
    )


def _count_entries(
    question: Question, groups: Sequence[tuple[tuple[AnswerUnit, int], list[Evidence]]]
) -> str:
    """Return the line that says how many sentences of how many documents tell of what is asked."""
    entries = [copies for (unit, _), copies in groups if unit.kind == "entry"]
    documents = {item.document for copies in entries for item in copies}
    found = read_prompt("found", question.language)
    return found.format(count=len(entries), documents=len(documents))


def _show(item: Evidence) -> str:
    return _OWN_MARK.sub(r"(\1)", " ".join(item.readable.split()))


def _separate(text: str, before: AnswerUnit | None, unit: AnswerUnit, at: int) -> str:
    """Return what stands between a sentence and what is written before it."""
    if unit.label and at == 0:
        name = _OWN_MARK.sub(r"(\1)", unit.label)
        end = "\n" if unit.kind == "table" else " "  # a row is a line of its own
        return f"\n\n{name[:1].upper()}{name[1:]}:{end}"
    if unit.kind == "entry":
        start = "\n" if before is not None and before.kind == "entry" else "\n\n"
        return f"{start}{_choose_bullet(unit.sentences[at])}"
    if before is None:
        return ""
    block = unit.blocks[at] if len(unit.blocks) > at else None
    if block is not None and block.kind == "heading" and unit.kind == "list":
        return "\n- "
    if block is not None and block.kind == "item" and _opens(unit, at):
        least = min((b.depth for b in unit.blocks if b is not None and b.depth), default=1)
        return f"\n{'  ' * (block.depth - least)}{_choose_bullet(unit.sentences[at])}"
    if block is not None and block.kind == "row" and unit is before:
        return "\n"
    if unit is before:
        return "" if text.endswith("\n") else " "
    return " " if unit.kind == before.kind == "text" else "\n\n"


def _choose_bullet(item: Evidence) -> str:
    text = _show(item)
    return "" if _OWN_BULLET.match(text) or has_number(text) else "- "


def _opens(unit: AnswerUnit, at: int) -> bool:
    """Whether a sentence is the first of its block within the unit."""
    return at == 0 or unit.blocks[at] is not unit.blocks[at - 1]


def _find_answer(question: Question, item: Evidence) -> tuple[int, int] | None:
    """Return the short answer in a sentence as it is shown: the reader's, or one of the right form.

    Whether something is so, no words of a sentence say by themselves.
    """
    if question.kind == "yes/no":
        return None
    shown = _show(item)
    if item.span is not None:
        answer = " ".join(item.readable[slice(*item.span)].split())
        start = shown.find(answer)
        if answer and start >= 0:
            return start, start + len(answer)
    return choose_span(question, shown)


def do_differ(told: Sequence[tuple[str, str]]) -> bool:
    """Whether two documents give different short answers, as pairs of document and answer.

    One that is part of the other, "2022" of "May 2022", is not another answer.
    """
    terms = [(document, set(split_terms(span))) for document, span in told]
    return any(
        one != other and not (these <= those or those <= these)
        for (one, these), (other, those) in combinations(terms, 2)
    )
