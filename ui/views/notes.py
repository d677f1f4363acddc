"""Renders notes, what a search over conversations found, and files to save, as HTML."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from rag.library.documents import show_sentence
from rag.types import Citation
from ui.state.finding import MOST_FOUND, Found
from ui.state.notes import Note
from ui.views.answer_parts import OUTCOMES, split_answer
from ui.views.conversation import name_place
from ui.views.export import write_markdown
from ui.views.export_pdf import write_pdf
from ui.views.export_word import write_word
from ui.views.exported import Section
from ui.views.html import render
from ui.views.wording import ENGLISH, Wording

KINDS = {"md": "Markdown", "docx": "Word", "pdf": "PDF"}
"""The names of the formats of exported files, by suffix."""

_TYPES = {
    "md": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file that the browser saves."""

    name: str
    type: str
    content: bytes


def render_notes(notes: Sequence[Note], say: Wording = ENGLISH, *, kept: bool = True) -> str:
    """Return a visitor's notes; a hint if there are none, or if notes are not `kept`."""
    if not notes:
        return render("hint.html", say, hint=say("no_notes" if kept else "notes_off"))
    return render(
        "notes.html",
        say,
        notes=notes,
        kinds=KINDS.items(),
        split_answer=split_answer,
        OUTCOMES=OUTCOMES,
        quotes=True,
        refer=lambda citation: _refer(citation, say),
        quote=lambda citation: show_sentence(citation.document, citation.sentence),
    )


def render_find(say: Wording = ENGLISH) -> str:
    """Return the box for a search over conversations."""
    return render("find.html", say)


def render_found(hits: Sequence[Found], say: Wording = ENGLISH) -> str:
    """Return the answers that a search found."""
    key = "found_chats_most" if len(hits) == MOST_FOUND else "found_chats"
    key = key if hits else "found_chats_none"
    return render("found.html", say, hits=hits, told=say(key, count=len(hits)))


def write_file(
    kind: str, title: str, sections: Sequence[Section], say: Wording = ENGLISH
) -> SavedFile:
    """Return questions and answers as a file of a kind: a key of `KINDS`.

    Raises `FootnoteError` if the kind cannot show the text, and `KeyError` for an unknown kind.
    """
    media_type = _TYPES[kind]
    if kind == "docx":
        content = write_word(title, sections, say("references"))
    elif kind == "pdf":
        content = write_pdf(title, sections, say("references"))
    else:
        content = write_markdown(title, sections).encode()
    return SavedFile(f"{title}.{kind}", media_type, content)


def render_file(file: SavedFile, step: str, say: Wording = ENGLISH) -> str:
    """Return a file for the browser to save. `step` is the id of the browser's request for it.

    The file is part of the page, so it is never on the server's disk or at an address of its own.
    """
    content = base64.b64encode(file.content).decode("ascii")
    return render("file.html", say, step=step, name=file.name, type=file.type, content=content)


def _refer(citation: Citation, say: Wording) -> str:
    return ", ".join(filter(None, (citation.title, name_place(citation, say))))
