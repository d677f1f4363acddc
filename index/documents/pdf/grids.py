"""Tables with borders: the lines drawn on a page -> cells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import neg

from index.documents.pdf.cells import Cells, has_line_per_row, split_row, text_lines
from index.documents.pdf.rules import Rule, Rules
from index.documents.pdf.table import Table
from index.documents.pdf.words import Word, find_box

_NEAR = 3.0  # points: lines at this distance are one
_MOST_RULES = 3_000  # of a page: more are a drawing
_MOST_CELLS = 20_000  # of a grid
_FEWEST = 4  # cells with text: with fewer it is a box and no table
_SEVERAL = 2  # rows with several cells: with fewer it is a box and no table
_PROSE = 120  # words: a cell with more is a text in a frame
_FILLED = 0.25  # of all cells hold text: with fewer the lines are a drawing
_FEW_ROWS = 3  # a smaller grid may be part of a table


def find_grids(rules: Rules, words: Sequence[Word]) -> Iterator[Table]:
    """Yield the tables of a page whose cells have borders."""
    if len(rules.horizontal) + len(rules.vertical) > _MOST_RULES:
        return
    for horizontal, vertical in _connect(rules):
        xs = _cluster([r.place for r in vertical] + [e for r in horizontal for e in _ends(r)])
        ys = _cluster([r.place for r in horizontal] + [e for r in vertical for e in _ends(r)])
        if len(xs) < 3 or len(ys) < 3 or len(xs) * len(ys) > _MOST_CELLS:
            continue
        table = _fill(_Grid(xs, ys[::-1], horizontal, vertical), words)
        if table is not None:
            yield table


def _ends(rule: Rule) -> tuple[float, float]:
    return rule.start, rule.end


def _connect(rules: Rules) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the horizontal and vertical rules of each group of rules that touch each other."""
    across = sorted(set(rules.horizontal), key=lambda rule: rule.place)
    up = sorted(set(rules.vertical), key=lambda rule: rule.place)
    places = [rule.place for rule in up]
    groups = _Groups(len(across) + len(up))
    for at, rule in enumerate(across):
        first = bisect_left(places, rule.start - _NEAR)
        last = bisect_right(places, rule.end + _NEAR)
        for number in range(first, last):
            if up[number].start - _NEAR <= rule.place <= up[number].end + _NEAR:
                groups.join(at, len(across) + number)
    found: defaultdict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for at, rule in enumerate(across):
        found[groups.find(at)][0].append(rule)
    for number, rule in enumerate(up, len(across)):
        found[groups.find(number)][1].append(rule)
    yield from (group for group in found.values() if group[0] and group[1])


class _Groups:
    """Numbers that are joined to groups (union-find)."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def find(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number

    def join(self, first: int, second: int) -> None:
        first, second = sorted((self.find(first), self.find(second)))
        self._above[second] = first


def _cluster(places: list[float]) -> list[float]:
    """Return the places in order; those near each other become one, their mean."""
    clusters: list[list[float]] = []
    for place in sorted(places):
        if clusters and place - clusters[-1][-1] <= _NEAR:
            clusters[-1].append(place)
        else:
            clusters.append([place])
    return [sum(cluster) / len(cluster) for cluster in clusters]


@dataclass(frozen=True, slots=True)
class _Grid:
    """`xs` from left to right and `ys` from top to bottom are the edges of columns and rows."""

    xs: list[float]
    ys: list[float]
    horizontal: list[Rule]
    vertical: list[Rule]

    def merge_cells(self) -> _Groups:
        """Return the cells, numbered row by row, with those joined that have no line between."""
        columns, rows = len(self.xs) - 1, len(self.ys) - 1
        cells = _Groups(columns * rows)
        across, up = _by_place(self.ys, self.horizontal), _by_place(self.xs, self.vertical)
        for row, (top, bottom) in enumerate(pairwise(self.ys)):
            for column, (left, right) in enumerate(pairwise(self.xs)):
                at = row * columns + column
                if column + 1 < columns and not _covers(up[column + 1], (top + bottom) / 2):
                    cells.join(at, at + 1)
                if row + 1 < rows and not _covers(across[row + 1], (left + right) / 2):
                    cells.join(at, at + columns)
        return cells

    def locate(self, word: Word) -> int | None:
        """Return the number of the cell in which the middle of a word lies."""
        x, y = word.centre, word.middle
        if not (self.xs[0] <= x < self.xs[-1] and self.ys[-1] < y <= self.ys[0]):
            return None
        column = bisect_right(self.xs, x) - 1
        row = bisect_right(self.ys, -y, key=neg) - 1
        return row * (len(self.xs) - 1) + column


def _by_place(places: Sequence[float], rules: Sequence[Rule]) -> list[list[Rule]]:
    return [[rule for rule in rules if abs(rule.place - place) <= _NEAR] for place in places]


def _covers(rules: Sequence[Rule], place: float) -> bool:
    return any(rule.start - _NEAR <= place <= rule.end + _NEAR for rule in rules)


def _fill(grid: _Grid, words: Sequence[Word]) -> Table | None:
    """Return the table with its words; None if it is a frame around other text."""
    groups = grid.merge_cells()
    cells: defaultdict[int, list[tuple[Word, int]]] = defaultdict(list)
    for word in words:
        at = grid.locate(word)
        if at is not None:
            cells[groups.find(at)].append((word, at))
    if len(cells) < _FEWEST or max(map(len, cells.values())) > _PROSE * len(grid.xs):
        return None
    columns = len(grid.xs) - 1
    rows: defaultdict[int, Cells] = defaultdict(lambda: defaultdict(list))
    for first, members in cells.items():
        for word, at in _place(first, members, columns):
            rows[at // columns][at % columns].append(word)
    divided = [part for _, row in sorted(rows.items()) for part in split_row(row)]
    used = sorted({column for row in divided for column in row})
    several = sum(len(row) > 1 for row in divided)
    filled = sum(len(row) for row in divided)
    longest = max(len(cell) for row in divided for cell in row.values())
    if several < _SEVERAL or longest > _PROSE or filled < _FILLED * len(divided) * len(used):
        return None
    table = Table(tuple(tuple(tuple(row[column]) for column in used) for row in divided))
    return None if _is_part(table, words) else table


def _place(first: int, members: list[tuple[Word, int]], columns: int) -> list[tuple[Word, int]]:
    """Return the words of a cell with the number of the cell to which each belongs.

    A cell over several columns or rows belongs to its first one, unless only the lines between
    them are missing.
    """
    lines = text_lines([word for word, _ in members])
    across = {at % columns for _, at in members}
    tabular = len(across) > 1 and len(lines) > 1 and sum(map(_has_gap, lines)) > len(lines) / 2
    if tabular or has_line_per_row([w for w, _ in members], [at // columns for _, at in members]):
        return members
    return [(word, first) for word, _ in members]


def _has_gap(line: Sequence[Word]) -> bool:
    return any(abs(b.left - a.right) > a.height for a, b in pairwise(line))


def _is_part(table: Table, words: Sequence[Word]) -> bool:
    """Whether a few cells with borders are the middle part of a table without."""
    if len(table.rows) > _FEW_ROWS:
        return False
    inside = [word for row in table.rows for cell in row for word in cell]
    numbers = {word.order for word in inside}
    left, _, right, _ = find_box(inside)
    beside = [
        word
        for word in words
        if word.order not in numbers
        and (word.right < left or word.left > right)
        and any(abs(word.middle - other.middle) < word.height / 4 for other in inside)
    ]
    return len(beside) > 1
