"""What is exported: questions with their answers and references, before it gets a file format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.library.documents import show_sentence
from rag.settings import EXTRACTIVE
from rag.types import Answer, Citation
from ui.state.conversation import Exchange
from ui.state.notes import Note
from ui.views.answer_parts import Line, Part, Piece, split_answer, split_text


@dataclass(frozen=True, slots=True)
class Section:
    """A question with its answer.

    `remark` is the text that a visitor wrote below it. `answer` is None if there is only a message.
    """

    heading: str
    parts: tuple[Part, ...]
    answer: Answer | None = None
    remark: str = ""


def list_exchanges(exchanges: Sequence[Exchange], unanswered: str) -> list[Section]:
    """Return a section for each question; `unanswered` stands for a missing answer."""
    sections = []
    for each in exchanges:
        if each.answer is not None:
            sections.append(Section(each.question, _split(each.answer), each.answer))
            continue
        written = split_text(each.text) if not each.error else ()
        parts = written or split_text(each.error or unanswered)
        sections.append(Section(each.question, parts))
    return sections


def list_notes(notes: Sequence[Note]) -> list[Section]:
    """Return a section for each note."""
    return [Section(note.question, _split(note.answer), note.answer, note.remark) for note in notes]


def _split(answer: Answer) -> tuple[Part, ...]:
    """Return the parts of an answer; rows of tables are lines with the names of their columns."""
    return tuple(
        Part("paragraph", tuple(_write_row(part, at) for at in range(len(part.rows))))
        if part.kind == "table"
        else part
        for part in split_answer(answer)
    )


def _write_row(part: Part, at: int) -> Line:
    line: list[Piece] = []
    names = part.columns or ("",) * len(part.rows[at])
    for name, cell in zip(names, part.rows[at], strict=True):
        before = " | " if line else ""
        line += (Piece(f"{before}{name}: " if name else before, 0), *cell)
    return (*line, *part.lines[at])


def refer(citation: Citation, *, told: bool) -> str:
    """Return where a sentence is from; also the sentence, unless the answer has `told` it."""
    place = ", ".join(filter(None, (citation.title, citation.place)))
    where = f"{place} ({citation.document}, characters {citation.start} to {citation.end})"
    if told:
        return where
    return f"{where}: \u201c{show_sentence(citation.document, citation.sentence)}\u201d"


class References:
    """Numbers the references of a file from 1. The same sentence has the same number."""

    def __init__(self) -> None:
        self._numbers: dict[Citation, int] = {}
        self.texts: list[str] = []

    def number(self, citation: Citation, answer: Answer | None) -> int:
        """Return the number of a citation; a new one is added to `texts`."""
        same = replace(citation, number=0)
        if same not in self._numbers:
            told = answer is not None and answer.model == EXTRACTIVE
            self.texts.append(refer(citation, told=told))
            self._numbers[same] = len(self.texts)
        return self._numbers[same]


def show_line(line: Line, answer: Answer | None, references: References) -> list[tuple[str, str]]:
    """Return the pieces of a line, each with its look: "", "strong" or "mark" (a reference)."""
    pieces = []
    for piece in line:
        if piece.citation is not None:
            pieces.append((f"[{references.number(piece.citation, answer)}]", "mark"))
        elif not piece.unsupported:
            pieces.append((piece.text, "strong" if piece.strong else ""))
        else:
            pieces.append(("[?]", "mark"))
    return pieces
