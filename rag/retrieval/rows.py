"""Question -> the rows of tables that hold its values: names, years, numbers.

Many rows of a table differ in one cell only, so neither vectors nor BM25 can tell them apart
reliably. A value of a question is one of its words that is in a cell of the table. Rows that hold
all values come before rows that hold some of them. Among these, tables come first whose columns or
title hold the other words of the question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from index import Rows, Snapshot, TermWeight, distinct_terms, split_terms
from rag.questions.parse import Question
from rag.retrieval.columns import describe_columns, name_columns, split_name
from rag.retrieval.values import find_relatives, find_years, write_month

_POOL = 200  # rows whose tables are looked at
_MOST_EQUAL = 40  # rows of a table that hold the same values; more are no answer
_SAME = 1e-6  # sums of weights that differ by less are equal


@dataclass(frozen=True, slots=True)
class RowMatch:
    """How well a table's row holds what a question names.

    `covered` is the share, 0 to 1 and weighted by rarity, of the question's words that the row's
    cells, columns, headings and title hold. `equal` is how many rows of the table hold the same
    values. `complete` says that no value of the question stands only in other rows of the table.
    """

    covered: float
    equal: int
    complete: bool


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a question: the sentence rows that hold it, ascending, and its rarity.

    `related` are the rows that hold what the word is derived from. `names` says that the word is a
    name or number.
    """

    term: str
    idf: float
    rows: Rows
    related: Rows
    names: bool

    def within(self, table: range) -> Rows:
        """Return the numbers of the table's rows that hold the word, from 0."""
        for rows in (self.rows, self.related):
            first, last = np.searchsorted(rows, (table.start, table.stop))
            if last > first:
                return rows[first:last] - table.start
        return self.rows[:0]


def match_rows(
    snapshot: Snapshot, question: Question, documents: Collection[str] | None = None
) -> dict[int, RowMatch]:
    """Return the table rows that hold the values of a question, best first.

    Of each table these are the rows that hold most of the values. Where another row holds a name
    that these lack, as in "Texas or Louisiana", it is returned, too.
    """
    found: dict[int, RowMatch] = {}
    for language in snapshot.languages:
        words = _look_up(snapshot, question, language, documents)
        if words:
            joined = {
                term: split_terms(f"{one} {other}", language)
                for one, other in pairwise(question.words)
                for term in split_terms(one + other, language)
            }
            found.update(_match_tables(snapshot, words, language, joined))
    order = sorted(found, key=lambda row: (-found[row].covered, found[row].equal, row))
    return {row: found[row] for row in order}


def _look_up(
    snapshot: Snapshot, question: Question, language: str, documents: Collection[str] | None
) -> list[_Word]:
    """Return the words of a question with the rows that hold them, in one language.

    Several years are one word: a row has one of them.
    """
    selection = snapshot.select(documents, language)
    most = snapshot.count("sentences")

    def find_rows(terms: Collection[str]) -> Rows:
        weights = [TermWeight(term, 1.0) for term in terms]
        return np.sort(snapshot.match("sentences", weights, most, selection))

    years = find_years(question.text)
    names = frozenset(split_terms(" ".join(question.names), language))
    words: list[_Word] = []
    for weight in snapshot.weigh("sentences", question.terms_in(language)):
        term = weight.term
        if term in years and any(word.term in years for word in words):
            continue
        forms = {term, *write_month(term), *(years if term in years else ())}
        related = find_relatives(snapshot, term) if term in names else frozenset()
        words.append(_Word(term, weight.idf, find_rows(forms), find_rows(related), term in names))
    return words


def _match_tables(
    snapshot: Snapshot,
    words: Sequence[_Word],
    language: str,
    joined: Mapping[str, Sequence[str]],
) -> dict[int, RowMatch]:
    """Return the best rows of each table. `joined` are neighbouring words as file names join them.

    "star wars" describes `starwars.csv`.
    """
    found: dict[int, RowMatch] = {}
    seen: set[int] = set()
    for row in _find_best(words):
        structure, base = snapshot.structure_around(row)
        group = structure.group(row - base)
        if group is None or group.kind != "table" or base + group.first in seen:
            continue
        seen.add(base + group.first)
        record = snapshot.record(row)
        rows = range(base + group.first, base + group.last + 1)
        names = name_columns(structure, row - base)
        said = describe_columns(snapshot, names, rows)
        file = record.path.rpartition("/")[2]
        texts = (record.title, file, split_name(file), *structure.headings(row - base))
        above, columns, described = (
            frozenset[str]().union(*(distinct_terms(text, language) for text in each))
            for each in (texts, names, (*said.texts, said.title))
        )
        above = above.union(*(pair for name, pair in joined.items() if name in above))
        found.update(_match_table(rows, words, columns, columns | described | above))
    return found


def _find_best(words: Sequence[_Word]) -> list[int]:
    """Return the sentence rows that hold most words, weighted by rarity."""
    held = [(rows, word.idf) for word in words for rows in (word.rows, word.related)]
    weights = np.concatenate([np.full(len(rows), idf) for rows, idf in held])
    rows, where = np.unique(np.concatenate([rows for rows, _ in held]), return_inverse=True)
    scores = np.bincount(where, weights, len(rows))
    return [int(row) for row in rows[np.argsort(-scores, kind="stable")[:_POOL]]]


def _match_table(
    table: range, words: Sequence[_Word], columns: frozenset[str], described: frozenset[str]
) -> Mapping[int, RowMatch]:
    """Return the rows of one table that hold values of the question."""
    held: npt.NDArray[np.float64] = np.zeros(len(table))
    counts: npt.NDArray[np.int64] = np.zeros(len(table), np.int64)
    outside = 0.0
    values: list[tuple[_Word, Rows]] = []
    for word in words:
        inside = word.within(table)
        if word.term in columns or not len(inside):  # a name of a column stands in all rows
            outside += word.idf if word.term in described else 0.0
            continue
        values.append((word, inside))
        held[inside] += word.idf
        counts[inside] += 1
    total = sum(word.idf for word in words)
    return {
        table.start + int(at): RowMatch(
            float((held[at] + outside) / total), len(rows), bool(counts[at] == len(values))
        )
        for rows in _choose(held, values)
        for at in rows
        if len(rows) <= _MOST_EQUAL
    }


def _choose(held: npt.NDArray[np.float64], values: Sequence[tuple[_Word, Rows]]) -> Iterator[Rows]:
    """Yield the rows that hold most values, then the best rows for each name that these lack."""
    if not values:
        return
    best = np.flatnonzero(held >= held.max() - _SAME)
    yield best
    chosen = best
    for word, inside in values:
        if word.names and not len(np.intersect1d(chosen, inside)):
            most = inside[held[inside] >= held[inside].max() - _SAME]
            chosen = np.union1d(chosen, most)
            yield most
