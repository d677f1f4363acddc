"""Event handlers for what is found again: notes, exports, and the search over conversations."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.errors import FootnoteError
from ui.handlers.quoted import show_quoted
from ui.handlers.request import read_visitor, read_wording
from ui.handlers.sources import SourceHandlers
from ui.state.chats import Chats
from ui.state.conversation import Conversation, find_citation, read_turn
from ui.state.finding import find_exchanges
from ui.state.notes import Note, Notes, quote
from ui.views.exported import Section, list_exchanges, list_notes
from ui.views.html import escape_text
from ui.views.notes import KINDS, render_file, render_find, render_found, render_notes, write_file


class NoteHandlers:
    """Handlers of notes, exports and the search. They hold no state of a single visitor."""

    def __init__(self, notes: Notes, chats: Chats, reads: SourceHandlers) -> None:
        self._notes = notes
        self._chats = chats
        self._reads = reads

    def list_notes(self, request: gr.Request) -> str:
        """Return the HTML of a visitor's notes."""
        notes = self._notes.list_all(read_visitor(request))
        return render_notes(notes, read_wording(request), kept=self._notes.kept)

    def pin(self, conversation: Conversation, event: gr.EventData, request: gr.Request) -> Any:
        """Store the answer or the sentence that a click names as a note."""
        note = _find_note(conversation, event._data)
        if note is None or not self._notes.kept:
            return gr.skip()
        say = read_wording(request)
        try:
            new = self._notes.add(read_visitor(request), note)
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
            return gr.skip()
        gr.Info(escape_text(say("pinned" if new else "pinned_before")), duration=4)
        return self.list_notes(request)

    def forget(self, event: gr.EventData, request: gr.Request) -> str:
        """Delete a note."""
        self._notes.forget(read_visitor(request), event._data.get("note"))
        return self.list_notes(request)

    def remark(self, event: gr.EventData, request: gr.Request) -> str:
        """Store the visitor's own text of a note."""
        text = event._data.get("text")
        if isinstance(text, str):
            self._notes.remark(read_visitor(request), event._data.get("note"), text)
        return self.list_notes(request)

    def show_citation(self, event: gr.EventData, request: gr.Request) -> Any:
        """Show a citation of a note in its document."""
        key, number = event._data.get("note"), event._data.get("number")
        for note in self._notes.list_all(read_visitor(request)):
            for citation in note.answer.citations if note.key == key else ():
                if citation.number == number:
                    return show_quoted(self._reads, citation, request)
        return gr.skip()

    def save_conversation(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> Any:
        """Return the conversation as a file."""
        say = read_wording(request)
        sections = list_exchanges(conversation.exchanges, say("no_answer"))
        return self._save(say("conversation"), sections, event, request)

    def save_notes(self, event: gr.EventData, request: gr.Request) -> Any:
        """Return a visitor's notes as a file."""
        sections = list_notes(self._notes.list_all(read_visitor(request)))
        return self._save(read_wording(request)("notes"), sections, event, request)

    def _save(
        self, title: str, sections: list[Section], event: gr.EventData, request: gr.Request
    ) -> Any:
        say, kind = read_wording(request), event._data.get("kind")
        if not isinstance(kind, str) or kind not in KINDS or not sections:
            return gr.skip()
        try:
            file = write_file(kind, title, sections, say)
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
            return gr.skip()
        return render_file(file, str(event._data.get("step", ""))[:20], say)

    def offer_search(self, request: gr.Request) -> str:
        """Return the box for a search, if conversations are stored."""
        return render_find(read_wording(request)) if self._chats.kept else ""

    def find(self, event: gr.EventData, request: gr.Request) -> str:
        """Return the answers of a visitor's conversations that hold the words of a search."""
        wanted = event._data.get("text")
        if not isinstance(wanted, str) or not wanted.strip():
            return ""
        chats = self._chats.list_all(read_visitor(request))
        return render_found(find_exchanges(chats, wanted), read_wording(request))


def _find_note(conversation: Conversation, wanted: dict[str, Any]) -> Note | None:
    """Return what a click pins: a cited sentence, or else the whole answer; None for neither."""
    turn = read_turn(wanted, conversation)
    if turn is None:
        return None
    exchange = conversation.exchanges[turn]
    if wanted.get("number") is not None:
        citation, _ = find_citation(conversation, wanted)
        return None if citation is None else quote(exchange.question, citation)
    return None if exchange.answer is None else Note(exchange.question, exchange.answer)
