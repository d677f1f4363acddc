"""A sentence that answers -> the span of the sentences that have to be quoted with it.

Sentences are numbered from 0 within their document, as in `index.Structure`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal

from index import Structure, announces
from rag.questions.parse import Question, find_content_terms

UnitKind = Literal["text", "list", "table", "code", "section", "entry"]

Span = tuple[UnitKind, int, int]
"""The kind of a unit, its first and its last sentence."""

WHOLE_FORMS = ("list", "procedure")
"""The forms of questions that one item of a list does not answer."""

_LONGEST_LIST = 40  # sentences of a list that is quoted whole
_LONGEST_SECTION = 24  # sentences of a section that is quoted as a procedure
_LONGEST_ANSWER = 12  # sentences below a heading that asks the same question
_SAME_QUESTION = 0.5  # Dice coefficient of content words above which two questions ask the same
_LEAST_OF_IT = 0.1  # of the best sentence's likelihood: less likely ends of a section are cut
_SHORT_SECTION = 3  # sentences of a section that is quoted whole whatever was asked
_LONGEST_CODE = 6  # sentences of code that a sentence announces
_LONGEST_TABLE = 12  # rows of a table that a sentence announces
_LIKE_THE_BEST = 0.5  # of an item's likelihood: where all items have it, all are quoted
_MOST_SUBSECTIONS = 20  # whose headings are quoted as a list
# Words of a sentence that announces what stands after it, besides a colon at its end.
_ANNOUNCING = re.compile(
    r"\b(?:following|below|as follows|lists? of|folgend\w*|nachfolgend\w*|nachstehend\w*|listen?"
    r"|suivante?s?|ci-dessous|ci-après|siguientes?|a continuación|listas?)\b",
    re.IGNORECASE,
)


def find_span(
    structure: Structure, number: int, question: Question, scores: Mapping[int, float]
) -> Span:
    """Return the unit that a sentence belongs to."""
    whole = question.form in WHOLE_FORMS
    group = structure.group(number)
    if _is_answer_to(structure, number, question):
        return "section", *structure.section(number)
    if group is not None and group.kind == "list":
        nested = _find_nested(structure, group.first, number) if question.form == "list" else None
        if nested is not None:
            return "list", *nested
        few = group.last - group.opening < _LONGEST_LIST
        if few and (whole or _are_alike(group.items, number, scores)):
            return "list", group.opening, group.last
        return ("list", *structure.item(number))
    if group is not None and group.kind == "code" and question.form != "procedure":
        return "code", number if group.lead is None else group.lead, number
    if group is not None and group.kind == "table":
        few = group.last - group.first <= _LONGEST_TABLE
        lists = question.form == "list" and few and not question.names
        if lists and _are_alike(group.items, number, scores):
            return "table", group.first, group.last
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


def _find_nested(structure: Structure, start: int, number: int) -> tuple[int, int] | None:
    """Return the innermost item around a sentence that announces a list within it, if one does.

    `start` is the first sentence of the whole list. "(3) The applicant must pass: (a) … (b) …" is a
    list of its own among the other items.
    """
    at: int | None = number
    while at is not None:
        first, last = structure.item(at)
        depth = structure.block(first).depth
        inner = [n for n in range(first + 1, last + 1) if structure.block(n).depth > depth]
        if inner and announces(structure.readable(inner[0] - 1)):
            return first, last
        before = range(first - 1, start - 1, -1)
        above = (n for n in before if structure.block(n).kind == "item")
        at = next((n for n in above if structure.block(n).depth < depth), None)
    return None


def _are_alike(items: Sequence[int], number: int, scores: Mapping[int, float]) -> bool:
    """Whether the items of a list or table are on average about as likely as one of them."""
    siblings = [scores[item] for item in items if item in scores]
    return bool(siblings) and fmean(siblings) >= _LIKE_THE_BEST * scores[number]


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
    return 2 * len(asked & written) > _SAME_QUESTION * (len(asked) + len(written)) > 0


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
    told = _announces(structure.readable(number))
    if group.kind == "list" and (told or whole) and group.last - number < _LONGEST_LIST:
        return "list", number, group.last
    if group.kind == "code" and (told or whole):
        return "code", number, min(group.last, number + _LONGEST_CODE)
    if group.kind == "table" and told:
        return "table", number, min(group.last, number + _LONGEST_TABLE)
    return None


def find_subsections(structure: Structure, number: int) -> tuple[int, ...]:
    """Return the headings of the sections that a sentence announces; none if it announces none.

    "Below are the states with …" announces them if it stands before the first of two or more.
    """
    first, last = structure.section(number)
    within = [n for n in range(first + 1, last + 1) if structure.block(n).kind == "heading"]
    if not within or number > within[0] or structure.announced_by(number) is not None:
        return ()
    level = min(structure.block(n).level for n in within)
    direct = tuple(n for n in within if structure.block(n).level == level)
    few = 1 < len(direct) <= _MOST_SUBSECTIONS
    return direct if few and _announces(structure.readable(number)) else ()


def _announces(text: str) -> bool:
    """Whether a sentence announces what stands after it: by its colon, or in words."""
    return announces(text) or bool(_ANNOUNCING.search(text))
