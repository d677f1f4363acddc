"""Event handlers of the list of documents: list, choose, remove."""

from __future__ import annotations

import gradio as gr

from rag.errors import FootnoteError, NoDocumentsError
from rag.library.library import Library, Plan
from ui.handlers.request import read_wording
from ui.state.choice import read_choice
from ui.state.examples import choose_examples
from ui.views.conversation import render_filter
from ui.views.html import escape_text
from ui.views.lists import render_documents
from ui.views.wording import Wording


class DocumentHandlers:
    """Handlers of the left pane; most return the list of documents, as JSON."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def render_list(self, say: Wording, removed: str = "", *, busy: bool = False) -> str:
        """Return the list: documents, failed files, and what is new in the folders.

        While files are read (`busy`), what is new is not told: it is listed as an arrival.
        """
        try:
            records, failures = self._library.documents(), self._library.failures()
        except FootnoteError:
            return render_documents((), say=say)
        plan = Plan() if busy else self._plan()
        examples = len(choose_examples(records))
        return render_documents(records, failures, removed, plan, say, examples)

    def show_choice(self, ticked: str, request: gr.Request) -> str:
        """Return the line that names the documents that are asked; empty if all are."""
        try:
            paths = [record.path for record in self._library.documents()]
        except FootnoteError:
            paths = []
        chosen = read_choice(ticked).select(paths)
        return render_filter(chosen, paths, read_wording(request))

    def _plan(self) -> Plan | str:
        try:
            return self._library.plan()
        except NoDocumentsError:  # the folder is empty
            return Plan()
        except FootnoteError as error:
            return str(error)

    def remove(self, event: gr.EventData, request: gr.Request) -> str:
        """Remove a document from the index; its file stays."""
        path = str(event._data.get("document", ""))
        try:
            self._library.remove([path], lambda holder: None)  # waits while files are read
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
            return self.render_list(read_wording(request))
        return self.render_list(read_wording(request), removed=path)

    def undo(self, event: gr.EventData, request: gr.Request) -> str:
        """Index a removed document again."""
        path = str(event._data.get("document", ""))
        try:
            if path in self._library.plan().excluded:  # a client may send any path
                self._library.update([path], on_wait=lambda holder: None)
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
        return self.render_list(read_wording(request))
