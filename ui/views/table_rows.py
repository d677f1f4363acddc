"""Recognises a line of an answer that quotes a row of a table: its cells and their columns.

An answer has a row as ``year: 1990 | rate: 3``, each cell behind the name of its column. The cited
sentence tells the names from the cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.library.documents import show_sentence
from rag.types import Citation

_SEPARATOR = " | "
_COLON = ": "
_EDGE = re.compile(r"(?<!\S)\|(?!\S)")  # of a cell; a | inside of one is written \|

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TableLine:
    """A row: the names of its columns and the spans of its cells in the answer.

    `names` is empty if the table has no header. `end` is the offset behind the last cell.
    """

    names: tuple[str, ...]
    cells: tuple[Span, ...]
    end: int

    def arrange(self, columns: Sequence[str]) -> list[Span | None]:
        """Return the cell of each column, None for an empty one."""
        if not self.names:
            return list(self.cells)
        by_name = dict(zip(self.names, self.cells, strict=True))
        return [by_name.get(name) for name in columns]


def read_row(line: str, start: int, citation: Citation) -> TableLine | None:
    """Return the row that a line quotes; None if it does not quote one.

    The line begins at `start` in the answer, and `citation` is its first one.
    """
    shown = line.split(_SEPARATOR)
    sentence = show_sentence(citation.document, citation.sentence)
    quoted = [cell.strip() for cell in _EDGE.split(sentence) if cell.strip()]
    if len(shown) < 2 or len(shown) != len(quoted):
        return None
    names, cells, at = [], [], start
    for cell, value in zip(shown, quoted, strict=True):
        name = cell.removesuffix(value)
        if not cell.endswith(value) or (name and not name.endswith(_COLON)):
            return None
        names.append(name.removesuffix(_COLON))
        cells.append((at + len(name), at + len(cell)))
        at += len(cell) + len(_SEPARATOR)
    end = start + len(line)
    if len(set(names)) == len(names) and any(names):
        return TableLine(tuple(names), tuple(cells), end)
    if any(names):  # two columns of one name: the line stays as it is
        return None
    return _read_named(shown, cells, end)


def _read_named(shown: Sequence[str], cells: Sequence[Span], end: int) -> TableLine:
    """Return a row without a header; of a record, each cell says its own name."""
    named = [cell.partition(_COLON) for cell in shown]
    names = tuple(name for name, colon, value in named if colon and value)
    if len(names) == len(shown) == len(set(names)):
        inner = (
            (begin + len(name) + len(_COLON), stop)
            for name, (begin, stop) in zip(names, cells, strict=True)
        )
        return TableLine(names, tuple(inner), end)
    return TableLine((), tuple(cells), end)
