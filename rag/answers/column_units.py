"""The unit of a column: as its cells, its name or its description write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rag.answers.found_tables import FoundTable
from rag.quantities import find_quantities
from rag.questions.conditions import Condition
from rag.retrieval.columns import split_name

_CURRENCIES = ("dollar", "euro", "pound")
_WORD = re.compile(r"[^\W\d_]+")


def convert_condition(
    found: FoundTable, column: int, unit: str, condition: Condition
) -> Condition | None:
    """Return a condition with its bounds in the unit in which the column's values are read.

    `unit` is that of its cells, "" if they have none. None if the condition has a unit that the
    column does not have. A price without a currency is taken to be in the one that the question
    names.
    """
    if condition.timed:
        return condition
    if not condition.unit:
        return None if unit.startswith("[") else condition  # of a base unit: seconds, for hours
    if unit:  # values with their unit are read in its base, as the bounds are
        return condition if unit == condition.unit else None
    factors = dict(_find_units(found, column))
    if condition.unit in factors:
        factor = factors[condition.unit]
        return replace(condition, low=condition.low / factor, high=condition.high / factor)
    return condition if condition.unit in _CURRENCIES and not factors else None


def _find_units(found: FoundTable, column: int) -> Iterator[tuple[str, float]]:
    """Yield the units in the column's name and description, each with its size in base units."""
    name = found.table.columns[column]
    for text in (name, split_name(name), found.texts[column]):
        for word in _WORD.findall(text):
            quantities = find_quantities(f"2 {word}", found.language)
            if len(quantities) == 1 and quantities[0].unit:
                yield quantities[0].unit, quantities[0].value / 2
