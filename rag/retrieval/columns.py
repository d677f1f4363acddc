"""A table's columns -> what the documents say about them.

The columns of a data file often have short names, "hp" or "PointsFor", and a text beside the file
says what they mean. People ask with the words of that text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from index import Selection, Snapshot, Structure, TermWeight, split_terms

_MOST = 40  # sentences with a column's name that are looked at
_MOST_DOCUMENTS = 2  # that hold the most names of columns
_MOST_COLUMNS = 40  # of a table; a wider one is not looked up
_LEAST_DESCRIBED = 2  # columns; a text about fewer is about something else
_SHARE_DESCRIBED = 0.5  # of the columns, likewise
_JOINTS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|_")
_MARKS = " \t`*_\"'"
_AFTER_NAME = re.compile(r"\s*(?:\([^)]*\)\s*)?(?:[:=–—-]|\s-)\s*")  # noqa: RUF001
_MOST_PROSE = 100  # sentences of a document that is about one table
_MOST_KNOWN = 1000  # tables of a snapshot whose columns are kept


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of a table's columns.

    `texts` has for each column its name in words and what the documents say about it; `title` is
    that of the document that says it, "" if there is none, and `rows` its sentences with the names.
    `prose` is the text of that document without the table, "" if it is long: then it tells of
    other things, too.
    """

    texts: tuple[str, ...]
    title: str = ""
    rows: frozenset[int] = frozenset()
    prose: str = ""


_KNOWN: WeakKeyDictionary[Snapshot, dict[tuple[int, tuple[str, ...]], Columns]] = (
    WeakKeyDictionary()
)


def split_name(name: str) -> str:
    """Return a name of a file or column in words: "Points For" of "PointsFor"."""
    return _JOINTS.sub(" ", name)


def name_columns(structure: Structure, number: int) -> list[str]:
    """Return the names of the columns of the table with a sentence.

    They are those of its header, or else the cells of its first row, as in a data file.
    """
    table = structure.group(number)
    if table is None:
        return []
    first = structure.readable(table.first)
    return structure.name_columns(table) or [cell.strip() for cell in first.split("|")]


def describe_columns(snapshot: Snapshot, names: Sequence[str], table: range) -> Columns:
    """Return what one document says about the columns of a table.

    `table` are the sentence rows of the table; names and texts are in the same order. The document
    is the one that describes most of the columns, and at least half of them. A column is described
    by a row of another table with its name in a cell, by "name: text", or by a definition.
    """
    known = _KNOWN.setdefault(snapshot, {})
    key = (table.start, tuple(names))
    columns = known.get(key)
    if columns is None:
        columns = _describe(snapshot, names, table)
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[key] = columns
    return columns


def _describe(snapshot: Snapshot, names: Sequence[str], table: range) -> Columns:
    least = max(_LEAST_DESCRIBED, _SHARE_DESCRIBED * len(names))
    said: dict[str, dict[int, tuple[str, int]]] = {
        path: {
            at: found
            for at, name in enumerate(names)
            if (found := _find_text(snapshot, name, names, table, selections)) is not None
        }
        for path in _find_documents(snapshot, names, table, least)
        for selections in [_select(snapshot, {path})]
    }
    path = max(said, key=lambda each: len(said[each]), default="")
    texts = said[path] if path and len(said[path]) >= least else {}
    record = snapshot.find_record(path) if texts else None
    return Columns(
        tuple(
            f"{split_name(name)} {texts[at][0] if at in texts else ''}".strip()
            for at, name in enumerate(names)
        ),
        record.title if record is not None else "",
        frozenset(row for _, row in texts.values()),
        _read_prose(snapshot, path, table) if texts else "",
    )


def _read_prose(snapshot: Snapshot, path: str, table: range) -> str:
    rows = [row for row in snapshot.sentences_of(path) if row not in table]
    if len(rows) > _MOST_PROSE:
        return ""
    return " ".join(snapshot.sentence(row).readable for row in rows)


def _find_documents(
    snapshot: Snapshot, names: Sequence[str], table: range, least: float
) -> list[str]:
    """Return the documents with sentences that hold the names of at least so many columns."""
    if len(names) > _MOST_COLUMNS:
        return []
    selections = _select(snapshot, None)
    holding: Counter[str] = Counter()
    for name in names:
        rows = _match(snapshot, name, table, selections)
        holding.update({snapshot.record(row).path for row in rows})
    most = sorted(holding, key=lambda path: (-holding[path], path))
    return [path for path in most if holding[path] >= least][:_MOST_DOCUMENTS]


def _select(snapshot: Snapshot, documents: Collection[str] | None) -> dict[str, Selection]:
    """Return documents, or all, by language: that of a data file is often unknown."""
    return {language: snapshot.select(documents, language) for language in snapshot.languages}


def _match(
    snapshot: Snapshot, name: str, table: range, selections: Mapping[str, Selection]
) -> list[int]:
    """Return the sentence rows outside of the table that hold words of a column's name, in order.

    In a data file all rows hold the names of the columns.
    """
    found = []
    for language, selection in selections.items():
        weights = [TermWeight(term, 1.0) for term in split_terms(name, language)]
        found.append(snapshot.match("sentences", weights, _MOST + len(table), selection))
    return [row for row in np.sort(np.concatenate(found)).tolist() if row not in table]


def _find_text(
    snapshot: Snapshot,
    name: str,
    names: Sequence[str],
    table: range,
    selections: Mapping[str, Selection],
) -> tuple[str, int] | None:
    """Return what a document says about a column outside of its table, and the row of its name.

    None if it says nothing.
    """
    for row in _match(snapshot, name, table, selections):
        text = _read_text(snapshot, name, names, row)
        if text:
            return text, row
    return None


def _read_text(snapshot: Snapshot, name: str, names: Sequence[str], row: int) -> str | None:
    """Return what a sentence says about a column, if it is about it and about no other one.

    A row with the names of several columns is one of another table with the same columns.
    """
    structure, base = snapshot.structure_around(row)
    number = row - base
    text = structure.readable(number)
    if structure.block(number).kind == "row":
        cells = [part for cell in text.split(" | ") for part in cell.split(": ", 1)]
        others = [cell for cell in cells if not _is_name(cell, name)]
        alone = not any(_is_name(cell, other) for cell in others for other in names)
        return " ".join(others) if alone and len(others) < len(cells) else None
    if _is_name(text.rstrip(": "), name):
        if structure.block(number).kind == "heading" or number + 1 == len(structure):
            return None
        following = structure.readable(number + 1)
        # Of a column of which nothing is said, the next one's name follows.
        return None if any(_is_name(following, other) for other in names) else following
    if not text.lstrip(_MARKS).casefold().startswith(name.casefold()):
        return None
    rest = text.lstrip(_MARKS)[len(name) :].lstrip(_MARKS)
    after = _AFTER_NAME.match(rest)
    return rest[after.end() :].strip() if after is not None else None


def _is_name(text: str, name: str) -> bool:
    return text.strip(_MARKS).casefold() == name.strip(_MARKS).casefold()
