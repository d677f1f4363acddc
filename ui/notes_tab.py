"""The components and events of what is found again: notes, exports, search over conversations."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.handlers.notes import NoteHandlers
from ui.page_assets import run_scripts

_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# A visitor may pin several sentences quickly: no event is left out, and the lists arrive in order.
_EACH = _QUIET | {"trigger_mode": "multiple", "concurrency_limit": 1}


class ChatSearch:
    """The search box above the list of conversations, and what it found."""

    def __init__(self, tab: gr.Tab) -> None:
        self._tab = tab
        self._box = gr.HTML(elem_id="fn-find", js_on_load=run_scripts("notes"))
        self.found = gr.HTML(elem_id="fn-found", js_on_load=run_scripts("notes"))

    def connect(self, handlers: NoteHandlers) -> None:
        """Connect the events. `found.open` is left to the caller: it opens a conversation."""
        self._tab.select(handlers.offer_search, outputs=self._box, **_QUIET)
        self._box.find(handlers.find, outputs=self.found, trigger_mode="always_last", **_QUIET)


class NotesTab:
    """The content of the tab with the visitor's notes."""

    def __init__(self, tab: gr.Tab) -> None:
        self._tab = tab
        self._notes = gr.HTML(elem_id="fn-notes", js_on_load=run_scripts("notes"))

    def connect(
        self,
        handlers: NoteHandlers,
        conversation: gr.HTML,
        state: gr.State,
        file: gr.HTML,
        source: gr.HTML,
    ) -> None:
        """Connect the events.

        `file` is the component through which files are saved. It is outside of the tab, because
        the content of a tab is not on the page before it is opened. `source` is the reader.
        """
        self._tab.select(handlers.list_notes, outputs=self._notes, **_QUIET)
        conversation.pin(handlers.pin, state, self._notes, **_EACH)
        conversation.save(handlers.save_conversation, state, file, **_QUIET)
        self._notes.save(handlers.save_notes, outputs=file, **_QUIET)
        self._notes.forget(handlers.forget, outputs=self._notes, **_EACH)
        self._notes.remark(handlers.remark, outputs=self._notes, **_EACH)
        self._notes.cite(handlers.show_citation, outputs=source, **_QUIET)
