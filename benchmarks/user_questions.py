"""Questions as people ask them, with every piece that a complete answer needs.

A file has one JSON object per line: `set` (a folder of documents), `kind`, `question`, `history`
(earlier questions), `evidence` (pieces, each a list of alternatives; empty if the documents do not
answer) and `documents`, the names of the files that the pieces stand in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from index import load_encoder
from rag.library.library import Library
from rag.settings import load_settings

_TABLES = (".csv", ".tsv", ".xlsx")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence: texts of which one is enough. `rows` says which are rows of a table."""

    alternatives: tuple[tuple[str, ...], ...]
    rows: tuple[bool, ...]

    def is_held_by(self, texts: Sequence[str]) -> bool:
        """Whether some texts hold the piece.

        An alternative is held if it stands in the joined texts as a run of words, without markup
        and punctuation. A row of a table is also held if all its words stand in one line in order,
        because the columns' names may stand between them.
        """
        joined = f" {' '.join(word for text in texts for word in split(text))} "
        lines = [split(line) for text in texts for line in text.splitlines()]
        return any(
            f" {' '.join(words)} " in joined
            or (is_row and any(_stands_in_order(words, line) for line in lines))
            for words, is_row in zip(self.alternatives, self.rows, strict=True)
        )


@dataclass(frozen=True, slots=True)
class UserQuestion:
    """A question, what was asked before it, and the pieces that a complete answer needs."""

    folder: str
    kind: str
    text: str
    history: tuple[str, ...]
    pieces: tuple[Piece, ...]

    def is_complete(self, texts: Sequence[str]) -> bool:
        """Whether some texts hold every piece."""
        return all(piece.is_held_by(texts) for piece in self.pieces)


def read_user_questions(file: Path, count: int | None = None) -> list[UserQuestion]:
    """Return the questions of a file; with a count, so many of them, spread over the file."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
    if count is not None and count < len(rows):
        rows = [rows[number * len(rows) // count] for number in range(count)]
    return [_make(row) for row in rows]


def split(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case."""
    return tuple(_WORD.findall(text.lower()))


def open_sets(
    questions: Sequence[UserQuestion], sets: Path, **settings: Any
) -> Iterator[tuple[Library, list[UserQuestion]]]:
    """Index the sets of some questions in turn; yield a library of each, and its questions."""
    for name in dict.fromkeys(question.folder for question in questions):
        with TemporaryDirectory() as folder:
            chosen = load_settings(store=Path(folder, "store"), **settings)
            with closing(Library(chosen, load=load_encoder)) as library:
                library.update([sets / name])
                yield library, [question for question in questions if question.folder == name]


def _make(row: dict[str, Any]) -> UserQuestion:
    tables = any(name.endswith(_TABLES) for name in row["documents"])
    pieces = tuple(
        Piece(
            tuple(map(split, alternatives)),
            tuple("|" in text or (tables and text.count(",") > 1) for text in alternatives),
        )
        for alternatives in row["evidence"]
    )
    return UserQuestion(row["set"], row["kind"], row["question"], tuple(row["history"]), pieces)


def _stands_in_order(words: Sequence[str], line: Sequence[str]) -> bool:
    rest = iter(line)
    return all(word in rest for word in words)
