"""Evidence -> the sentences of a chat model's context: whole lists, tables, code and sections.

A sentence that was found is seldom all that an answer needs. So it brings the unit that it stands
in, as far as the budget allows: a short section, or else its list, table, code or paragraph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from index import Snapshot, Structure
from rag.answers.units import weigh_sections
from rag.retrieval.evidence import make_evidence
from rag.types import NO_SIGNALS, Evidence

LONGEST_HEADINGS = 160
"""Characters of the headings that are shown above sentences, at most."""

_SHARE = 1 / 3  # of the budget that a section, list, table or code may take
_NUMBERING = 6  # characters of a sentence's number, below 100, and line end
_LABEL = 11  # characters of "Document: " or "Section: " with the line end, at most


def gather_units(
    evidence: Sequence[Evidence], snapshot: Snapshot, budget: int
) -> list[list[Evidence]]:
    """Return the units around sentences that fit in `budget` characters, best first.

    No sentence is in two units. A unit that does not fit is replaced by a smaller one around the
    same sentence, at last by the sentence itself. The lines of documents and headings count.
    """
    found = {item.row: item for item in evidence}
    left = budget
    taken: set[int] = set()
    shown: set[tuple[str, ...]] = set()  # the documents and sections whose lines are counted
    units: list[list[Evidence]] = []
    for item in _take_turns(_weigh(evidence, snapshot)):
        if item.row in taken:
            continue
        structure, base = snapshot.structure_around(item.row)
        most = min(left, budget * _SHARE)
        for first, last in _find_spans(structure, item.row - base):
            rows = [row for row in range(base + first, base + last + 1) if row not in taken]
            unit = _leave_out_headings([_find(row, found, snapshot) for row in rows])
            lines = {line: length for each in unit for line, length in _list_lines(each)}
            size = sum(map(measure_sentence, unit))
            size += sum(length for line, length in lines.items() if line not in shown)
            if size <= (left if len(unit) == 1 else most):
                taken.update(rows)
                shown.update(lines)
                units.append(unit)
                left -= size
                break
    return units


def arrange(units: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    """Return the sentences of units in the order of a prompt.

    Each document's sentences stand together in reading order. The best document comes first and the
    second best last: models read the middle of a long prompt least well (Liu et al., 2023,
    https://arxiv.org/abs/2307.03172).
    """
    order = list(dict.fromkeys(unit[0].document for unit in units))
    if len(order) > 2:
        order = [order[0], *order[2:], order[1]]
    place = {document: number for number, document in enumerate(order)}
    sentences = [item for unit in units for item in unit]
    return sorted(sentences, key=lambda item: (place[item.document], item.start))


def write_sentence(item: Evidence) -> str:
    """Return a sentence for a prompt. An item of a numbered list has its number: "2. Press it"."""
    return f"{item.marker} {item.readable}" if item.marker else item.readable


def measure_sentence(item: Evidence) -> int:
    """Return how many characters a sentence takes in a prompt, with its source number."""
    return len(write_sentence(item)) + _NUMBERING


def measure_lines(item: Evidence, before: Evidence | None) -> int:
    """Return how many characters a sentence takes in a prompt, below the one `before` it.

    The lines of its document and headings count where they change.
    """
    shown = {line for line, _ in _list_lines(before)} if before is not None else set()
    new = sum(length for line, length in _list_lines(item) if line not in shown)
    return measure_sentence(item) + new


def find_leads(sentences: Sequence[Evidence], snapshot: Snapshot) -> dict[int, str]:
    """Return, for the numbers of list items, counted from 1, the sentence that announces the list.

    An item alone, such as "by post", is often no statement.
    """
    leads = {}
    for number, item in enumerate(sentences, 1):
        structure, base = snapshot.structure_around(item.row)
        group = structure.group(item.row - base)
        if group is not None and group.kind == "list" and group.lead is not None:
            leads[number] = structure.readable(group.lead)
    return leads


def name_section(item: Evidence) -> str:
    """Return the headings above a sentence, without the document's title, which is shown."""
    first = item.headings[:1] == (item.title,)
    return " > ".join(item.headings[first:])[:LONGEST_HEADINGS]


def _weigh(evidence: Sequence[Evidence], snapshot: Snapshot) -> list[Evidence]:
    """Return evidence, its statements with higher scores where their section has other likely ones.

    Headings and questions bring their sections too, with the scores that they have.
    """
    others = [item for item in evidence if item.role != "statement" or item.score <= 0]
    return [*weigh_sections(evidence, snapshot), *others]


def _take_turns(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence best first, that for each part of a question in turn.

    Otherwise what is likely for one part could leave no room for the others.
    """
    ranks: Counter[int] = Counter()
    turns = []
    for item in sorted(evidence, key=lambda item: -item.score):
        turns.append((ranks[item.part], item))
        ranks[item.part] += 1
    return [item for _, item in sorted(turns, key=lambda turn: turn[0])]


def _find_spans(structure: Structure, number: int) -> Iterator[tuple[int, int]]:
    """Yield spans around a sentence, largest first: as first and last sentence."""
    yield structure.section(number)
    group = structure.group(number) or structure.announced_by(number)
    if group is not None:
        yield min(group.opening, number), group.last
    yield structure.item(number)
    yield number, number


def _find(row: int, found: Mapping[int, Evidence], snapshot: Snapshot) -> Evidence:
    return found.get(row) or make_evidence(snapshot.sentence(row), NO_SIGNALS)


def _leave_out_headings(unit: list[Evidence]) -> list[Evidence]:
    """Return a unit without its headings: they are shown above the sentences of their sections."""
    return [item for item in unit if item.role != "heading"] or unit


def _list_lines(item: Evidence) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the lines above a sentence, of its document and its headings, and their lengths."""
    yield (item.document,), len(item.title) + _LABEL
    if section := name_section(item):
        yield (item.document, section), len(section) + _LABEL
