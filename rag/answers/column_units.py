"""The unit of a column: as its cells, its name or its description write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.answers.cells import read_number
from rag.answers.found_tables import FoundTable
from rag.quantities import find_quantities
from rag.questions.conditions import Condition
from rag.retrieval.columns import split_name

_CURRENCIES = ("dollar", "euro", "pound")
_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 20  # rows


def convert_condition(found: FoundTable, column: int, condition: Condition) -> Condition | None:
    """Return a condition with its bounds in the unit in which the column's values are read.

    None if the condition has a unit that the column does not have. A price without a currency is
    taken to be in the one that the question names.
    """
    if condition.timed:
        return condition
    cells = [row.cells[column] for row in found.table.rows[:_LOOKED_AT]]
    read = [number for cell in cells if (number := read_number(cell, found.numbers)) is not None]
    units = {unit for _, unit in read if unit}
    if not condition.unit:
        return None if _is_measure(units) else condition
    if units:  # values with their unit are read in its base, as the bounds are
        return condition if units == {condition.unit} else None
    factors = dict(_find_units(found, column))
    if condition.unit in factors:
        factor = factors[condition.unit]
        return replace(condition, low=condition.low / factor, high=condition.high / factor)
    return condition if condition.unit in _CURRENCIES and not factors else None


def _is_measure(units: set[str]) -> bool:
    """Whether a bare number may mean something else: base units, such as seconds for hours."""
    return any(unit.startswith("[") for unit in units)


def _find_units(found: FoundTable, column: int) -> Iterator[tuple[str, float]]:
    """Yield the units in the column's name and description, each with its size in base units."""
    name = found.table.columns[column]
    for text in (name, split_name(name), found.texts[column]):
        for word in _WORD.findall(text):
            quantities = find_quantities(f"2 {word}", found.language)
            if len(quantities) == 1 and quantities[0].unit:
                yield quantities[0].unit, quantities[0].value / 2
