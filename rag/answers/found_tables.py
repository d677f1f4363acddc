"""Evidence -> the tables in it, each with what describes it and its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from index import Snapshot, Structure, Table, distinct_terms, read_tables
from rag.questions.parse import Question
from rag.retrieval.columns import describe_columns, split_name
from rag.types import Evidence

_TABLES = 12  # tables among the evidence that are looked at
_MOST_ROWS = 50_000  # of a table; reading more takes seconds
_CACHED_TABLES = 16


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table of the evidence with what describes it. `base` is the row of its document's start.

    `numbers` is the language that its numbers are written in: the table's or the question's.
    `names` are the terms of each column's name, `said` those and what the documents say of it (also
    in `texts`). `told` are the terms of the document that says it.
    `known` are all terms that describe the table or a column; see `known_beside`.
    """

    table: Table
    base: int
    language: str
    numbers: str
    described: frozenset[str]
    names: tuple[frozenset[str], ...]
    said: tuple[frozenset[str], ...]
    known: frozenset[str]
    texts: tuple[str, ...]
    told: frozenset[str]

    def known_beside(self, column: int) -> frozenset[str]:
        """The terms that describe the table or a column, without those of other columns alone.

        Beside "the average pulse", a word that is said of another column limits the rows.
        """
        others = (said for at, said in enumerate(self.said) if at != column)
        names = frozenset[str]().union(*self.names)
        elsewhere = frozenset[str]().union(*others) - self.said[column] - self.described - names
        return self.known - elsewhere


def find_tables(
    snapshot: Snapshot, question: Question, evidence: Sequence[Evidence]
) -> Iterator[FoundTable]:
    """Yield the tables that hold or follow the evidence, the likeliest first."""
    seen: set[tuple[int, int]] = set()
    for item in evidence:
        structure, base = snapshot.structure_around(item.row)
        number = item.row - base
        group = structure.group(number) or structure.announced_by(number)
        if group is None or group.kind != "table" or (base, group.first) in seen:
            continue
        seen.add((base, group.first))
        if group.last - group.first > _MOST_ROWS:
            continue
        name = item.document.rpartition("/")[2].rpartition(".")[0]
        texts = [item.title, name, split_name(name), *item.headings]
        texts += [structure.readable(group.lead)] if group.lead is not None else []
        numbers = "de" if question.language == "de" else item.language
        inside = range(base + group.first, base + group.last + 1)
        for table in _read_tables(structure, group.first):
            columns = describe_columns(snapshot, table.columns, inside)
            terms = [
                tuple(distinct_terms(text, item.language) for text in each)
                for each in (texts, table.columns, (*columns.texts, columns.title))
            ]
            described = frozenset[str]().union(*terms[0])
            yield FoundTable(
                table,
                base,
                item.language,
                numbers,
                described,
                names=terms[1],
                said=terms[2][:-1],
                known=described.union(*terms[2]),
                texts=columns.texts,
                told=distinct_terms(columns.prose, item.language),
            )
        if len(seen) == _TABLES:
            return


@lru_cache(_CACHED_TABLES)
def _read_tables(structure: Structure, first: int) -> tuple[Table, ...]:
    group = structure.group(first)
    return read_tables(structure, group) if group is not None else ()
