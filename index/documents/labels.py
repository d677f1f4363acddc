"""Tables of labels and values in HTML, such as the details of a meeting or of a person.

Each row says one thing ("Place: Kiel"), so the first row does not name the columns. Nothing marks
such a table; it is found by its first column.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.documents.content import ContentBuilder
from index.documents.tables import is_number

_MOST_CHARACTERS = 50  # of a label
_MOST_WORDS = 6
_FEW_NUMBERS = 3  # so many numbers below each other are a column of numbers
# The second name in the first row of a table that has names: "Field | Value".
_NAMES_OF_VALUES = frozenset(
    (
        "value description meaning definition explanation details default type "
        "wert beschreibung bedeutung erklärung valeur description signification "
        "valor descripción descrição significado valore descrizione"
    ).split()
)


def has_labels(rows: Sequence[Sequence[str]], emphasised: Sequence[Sequence[bool]]) -> bool:
    """Whether each row of a table with two columns is a label and its value.

    A row with one cell is a title over both columns. `emphasised` says of each cell whether it is
    marked as a name of its row, or is bold.
    """
    pairs = [(row, marks) for row, marks in zip(rows, emphasised, strict=True) if len(row) == 2]
    if len(pairs) < 2 or any(len(row) > 2 for row in rows):
        return False
    labels = [row[0].removesuffix(":").rstrip() for row, _ in pairs]
    if not all(map(_is_label, labels)) or len({*labels}) < len(labels):
        return False
    if all(marks[0] and not marks[1] for _, marks in pairs):
        return True
    if all(row[0].endswith(":") for row, _ in pairs):
        return True
    (first, marks), *others = pairs
    if marks[1] and not any(each[1] for _, each in others):
        return False  # the first row looks like names
    values = [row[1] for row, _ in others]
    column = len(values) >= _FEW_NUMBERS and all(map(is_number, values))
    return not column and first[1].casefold() not in _NAMES_OF_VALUES


def _is_label(text: str) -> bool:
    short = len(text) <= _MOST_CHARACTERS and len(text.split()) <= _MOST_WORDS
    return short and text[:2].isalpha() and len(text) > 1 and not text.endswith((".", "!"))


def add_labels(builder: ContentBuilder, rows: Sequence[Sequence[str]], depth: int) -> None:
    """Append a row for each label with its value. Titles over both columns become captions.

    `depth` counts the lists around the table.
    """
    for row in rows:
        if len(row) == 1:
            builder.add(row[0], "caption", depth=depth)
        else:
            label, value = row[0].removesuffix(":").rstrip(), row[1]
            builder.add(f"{label}: {value}".strip(), "row", depth=depth)
