"""Questions for all things of a kind -> the sentences that tell of one, from all documents.

Minutes tell in one place that a proposal was accepted, and of the next proposal in another. The
ranking alone would quote the few that it puts first.
"""

from __future__ import annotations

from collections.abc import Sequence

from index import Snapshot, announces
from rag.answers.units import AnswerUnit
from rag.questions.parse import Question
from rag.retrieval.duplicates import fold_duplicates
from rag.types import Evidence

# Of the reader's logits. Sentences that hold all words of the question, but only mention them, are
# further behind in minutes that were looked at; for a number that is asked for, all logits are low.
_BEHIND_BEST = 4.5
_LEAST = 2  # sentences, of as many lists, tables or sections; one list is quoted whole


def find_enumeration(
    snapshot: Snapshot, question: Question, evidence: Sequence[Evidence]
) -> list[AnswerUnit]:
    """Return the sentences that tell of what a list is asked of, each as a unit, by document.

    They hold all words of the question. None are returned if the question does not ask for a list,
    or if another sentence is likelier to answer: it may announce a list, or stand in one. The
    reader alone may say so, too: the items of a list hold hardly any words of the question.
    """
    stated = [item for item in evidence if item.role == "statement"]
    best = max(stated, key=lambda item: item.score, default=None)
    if question.form != "list" or best is None:
        return []
    if not best.signals.holds_all or announces(best.readable):
        return []
    read = max(item.signals.read for item in stated)
    if read - max(item.signals.read for item in stated if item.signals.holds_all) > _BEHIND_BEST:
        return []
    return _make_entries(snapshot, stated)


def find_counted(
    snapshot: Snapshot, question: Question, evidence: Sequence[Evidence]
) -> list[AnswerUnit]:
    """Return the sentences that tell of what is to be counted, each as a unit, by document.

    They hold all words of the question. None are returned if it does not ask for a number.
    """
    if question.kind != "number":
        return []
    return _make_entries(snapshot, [item for item in evidence if item.role == "statement"])


def _make_entries(snapshot: Snapshot, stated: Sequence[Evidence]) -> list[AnswerUnit]:
    """Return those that hold all words as units; none if all are in one list or section.

    The reader leaves out those that answer much less than the best of them.
    """
    held = [item for item in fold_duplicates(stated) if item.signals.holds_all]
    least = max((item.signals.read for item in held), default=0.0) - _BEHIND_BEST
    told = [item for item in held if item.signals.read >= least and not announces(item.readable)]
    if len({_find_group(snapshot, item) for item in told}) < _LEAST:
        return []
    units = []
    for item in sorted(told, key=lambda item: (item.document, item.start)):
        structure, base = snapshot.structure_around(item.row)
        units.append(AnswerUnit("entry", (item,), item.score, (structure.block(item.row - base),)))
    return units


def _find_group(snapshot: Snapshot, item: Evidence) -> int:
    """Return the first row of the list or table of a sentence, or else of its section."""
    structure, base = snapshot.structure_around(item.row)
    group = structure.group(item.row - base)
    first = group.first if group is not None else structure.section(item.row - base)[0]
    return base + first
