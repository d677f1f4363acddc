"""Notes: answers and sentences that a visitor pinned, kept on disk until they are deleted.

A note holds copies of the quoted sentences, so it stays readable when a document changes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import FootnoteError
from rag.library.documents import show_sentence
from rag.settings import EXTRACTIVE, Settings
from rag.types import Answer, Citation
from ui.state.conversation import new_key
from ui.state.quotas import MB
from ui.state.visitor_files import VisitorFiles

log = logging.getLogger(__name__)

_LONGEST_REMARK = 2_000  # characters


@dataclass(frozen=True, slots=True)
class NoteLimits:
    """Limits for notes.

    `visitor` and `total` are the maximum bytes on disk, for one visitor and for all visitors.
    `days` is how long a note is kept after its last change.
    """

    visitor: int = 5 * MB
    total: int = 50 * MB
    days: int = 365


@dataclass(frozen=True, slots=True)
class Note:
    """A pinned answer. A pinned sentence is an answer that quotes only this sentence.

    `question` is the question that was asked. `remark` is the visitor's own text. `made` is the
    time at which it was pinned (ISO 8601, UTC).
    """

    question: str
    answer: Answer
    remark: str = ""
    made: str = ""
    key: str = field(default_factory=new_key, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the note as JSON values, without its key."""
        return {
            "question": self.question,
            "answer": self.answer.to_dict(),
            "remark": self.remark,
            "made": self.made,
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any], key: str) -> Note:
        """Create a note from the values of `to_dict`.

        Raises `TypeError`, `KeyError`, `ValueError` or `AttributeError` for invalid values.
        """
        return cls(
            str(fields["question"]),
            Answer.from_dict(fields["answer"]),
            str(fields["remark"]),
            str(fields["made"]),
            key,
        )


def quote(question: str, citation: Citation) -> Note:
    """Return a note of one cited sentence."""
    alone = replace(citation, number=1)
    text = f"{show_sentence(citation.document, citation.sentence)} [1]"
    return Note(question, Answer(question, text, False, EXTRACTIVE, (alone,)))


class Notes:
    """The notes in a folder. Safe for several processes at the same time.

    Without a folder, no notes are stored. A note that would exceed a limit is refused: notes that
    somebody chose to keep are never deleted to make space.
    """

    def __init__(self, folder: Path | None, limits: NoteLimits = NoteLimits()) -> None:
        self._limits = limits
        self._files = VisitorFiles(folder, "a note", limits.total, limits.days)

    @property
    def kept(self) -> bool:
        """Whether notes are stored on disk."""
        return self._files.folder is not None

    def forget_old(self) -> None:
        """Delete notes that did not change for `days`, and old empty folders."""
        self._files.forget_old()

    def list_all(self, visitor: str) -> list[Note]:
        """Return a visitor's notes, the newest first."""
        files = self._files.list_files(visitor)
        found = [note for file in files if (note := _read(file)) is not None]
        return sorted(found, key=lambda note: note.made, reverse=True)

    def add(self, visitor: str, note: Note) -> bool:
        """Store a new note; return False if the visitor has the same one already.

        Raises `FootnoteError` if a limit is reached or the note cannot be written.
        """
        if not self.kept:
            raise FootnoteError("notes are not kept here", "set RAG_CONVERSATIONS=true")
        before = self.list_all(visitor)
        if any((each.question, each.answer) == (note.question, note.answer) for each in before):
            return False
        if self._files.measure(visitor) >= self._limits.visitor:
            raise FootnoteError("there is no more room for your notes", "delete some of them first")
        if not self._files.has_room():
            raise FootnoteError(
                "there is no more room for notes (RAG_NOTES_MB is reached)",
                "ask whoever runs this window",
            )
        fields = replace(note, made=datetime.now(UTC).isoformat(timespec="microseconds")).to_dict()
        if not self._files.change(visitor, note.key, lambda file: fields):
            raise FootnoteError("the note could not be stored", "see the server's log")
        return True

    def remark(self, visitor: str, key: object, text: str) -> None:
        """Change the visitor's own text of a note."""

        def change(file: Path) -> dict[str, Any] | None:
            note = _read(file)
            if note is None:
                return None
            return replace(note, remark=text.strip()[:_LONGEST_REMARK]).to_dict()

        self._files.change(visitor, key, change)

    def forget(self, visitor: str, key: object) -> None:
        """Delete a note."""
        self._files.change(visitor, key, lambda file: None)


def _read(file: Path) -> Note | None:
    """Read a note; None if the file is missing or damaged."""
    try:
        return Note.from_dict(json.loads(file.read_text("utf-8")), file.stem)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("%s is not a note (%s)", file, type(error).__name__)
        return None


def make_notes(settings: Settings) -> Notes:
    """Return the notes of a store; none are kept if RAG_CONVERSATIONS is off."""
    folder = settings.store / "notes" if settings.conversations else None
    limits = NoteLimits(settings.visitor_notes_mb * MB, settings.notes_mb * MB, settings.notes_days)
    return Notes(folder, limits)
