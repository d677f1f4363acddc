"""Sentences found -> the sentences around them that may belong to an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from index import Snapshot, Structure

_SHORT_SECTION = 16  # sentences; a section of no more is taken whole
_AROUND = 3  # sentences before and after, within a longer section
_LONG_GROUP = 40  # sentences of a list that are taken
_MOST = 72  # sentences added in all


def find_neighbours(snapshot: Snapshot, rows: Iterable[int]) -> list[int]:
    """Return the rows around given rows, nearest to the first of them first, none twice.

    Around a sentence stand its list or table with what announces it, what it announces itself,
    and its section, or of a long section the sentences next to it.
    """
    found = dict.fromkeys(rows)
    given = len(found)
    for row in list(found):
        structure, base = snapshot.structure_around(row)
        for number in _around(structure, row - base):
            if len(found) - given >= _MOST:
                return list(found)[given:]
            found.setdefault(base + number)
    return list(found)[given:]


def _around(structure: Structure, number: int) -> Iterator[int]:
    group = structure.group(number) or structure.announced_by(number)
    if group is not None and group.kind != "table" and group.last - group.first < _LONG_GROUP:
        yield from range(group.first if group.lead is None else group.lead, group.last + 1)
    elif group is not None:
        yield from range(max(number - _AROUND, group.first), min(number + _AROUND, group.last) + 1)
    first, last = structure.section(number)
    if last - first >= _SHORT_SECTION:
        first, last = max(first, number - _AROUND), min(last, number + _AROUND)
    yield from range(first, last + 1)
