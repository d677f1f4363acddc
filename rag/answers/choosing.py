"""Units, sorted by how likely they answer -> the few that an answer quotes."""

from __future__ import annotations

from collections.abc import Sequence

from index import distinct_terms
from rag.answers.spans import WHOLE_FORMS
from rag.answers.units import AnswerUnit
from rag.questions.parse import Question
from rag.retrieval.duplicates import fold_duplicates

MAX_SENTENCES = 3
"""Units of an answer that is not a list, at most, and the closest passages of a refusal."""

_ENOUGH = 0.93  # likelihood at which the chosen units are assumed to contain the answer
# The share of the best unit's likelihood that a further unit needs.
_WORTH_ADDING = {"list": 0.5, "procedure": 0.5, "comparison": 0.3, "other": 0.2}
_WORTH_BESIDE = 0.8  # likewise, beside a whole list or section
_WORTH_BESIDE_ROW = 0.5  # likewise, beside a table's row that holds all values of the question
_WORTH_A_SIDE = 0.15  # likewise, for the other side of a comparison
_WORTH_A_LIST = 0.2  # likewise, for the first list where one is asked for
_CONFIRMS = 0.7  # likewise, for a sentence of another document that confirms it
_AS_MANY_VALUES = 0.7  # of what the best row covers of a question: rows with less are left out
_SEVERAL = ("comparison",)  # questions that one unit seldom answers


def choose_units(asked: Question, units: Sequence[AnswerUnit]) -> list[AnswerUnit]:
    """Choose as few units as answer, from units that are sorted by likelihood.

    Units are added, most likely first, until it is likely enough that one of them answers; beyond
    that only what another document says as well, and of a comparison the other side: the unit
    that holds words of the question which those chosen lack. A sentence with the same short answer
    as one before it makes that answer likelier, but is not quoted.
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
            missed *= 1 - unit.score
            if not _repeats(unit, chosen):
                chosen.append(unit)
    if asked.form == "list" and all(unit.kind == "text" for unit in chosen):
        lists = (unit for unit in units if unit.kind == "list")
        chosen += [unit for unit in lists if unit.score >= _WORTH_A_LIST * best][:1]
    if asked.form in _SEVERAL and len(chosen) == 1:
        chosen += _find_other_side(asked, chosen[0], units)
    return chosen


def _repeats(unit: AnswerUnit, chosen: Sequence[AnswerUnit]) -> bool:
    """Whether a unit of one sentence has the same short answer as one of its document before it."""
    short = _find_short(unit)
    same = (other for other in chosen if other.document == unit.document)
    return bool(short) and any(_find_short(other) == short for other in same)


def _find_short(unit: AnswerUnit) -> str:
    """Return the short answer in a unit of one sentence, "" if it has none."""
    item = unit.best
    if len(unit.sentences) > 1 or item.span is None:
        return ""
    return item.readable[slice(*item.span)].casefold()


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
    told = (distinct_terms(text, unit.sentences[0].language) for text in texts)
    return wanted & frozenset[str]().union(*told)


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
