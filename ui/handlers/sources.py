"""Event handlers that open a document in the reader: at a citation, or at its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from rag.library.documents import file_status, page_at
from rag.library.library import Library
from rag.types import Citation
from ui.handlers.request import read_wording
from ui.state.conversation import Conversation, find_citation, list_citations
from ui.views.conversation import name_place
from ui.views.document import (
    CitedPlace,
    Steps,
    find_steps,
    render_document,
    render_source_hint,
)
from ui.views.html import escape_text
from ui.views.wording import Wording


class SourceHandlers:
    """Handlers of clicks on citations and documents; they return the source panel."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def show_citation(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> Any:
        """Show the cited document, scrolled to the cited sentence."""
        citation, others = find_citation(conversation, event._data)
        if citation is None:
            return gr.skip()
        turn, numbers = event._data["turn"], [other.number for other in others]
        source = "near" if event._data.get("list") == "near" else "cite"
        say = read_wording(request)
        steps = find_steps(turn, source, numbers, citation.number)
        every = (*others, *list_citations(conversation))
        return self._show(citation.document, say, every, citation, steps)

    def show_document(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> str:
        """Show a document from its beginning."""
        path = str(event._data.get("document", ""))
        return self._show(path, read_wording(request), list_citations(conversation))

    def dismiss(self, request: gr.Request) -> str:
        """Close the source panel's document."""
        return render_source_hint(read_wording(request))

    def _show(
        self,
        path: str,
        say: Wording,
        every: Sequence[Citation],
        cited: Citation | None = None,
        steps: Steps | None = None,
    ) -> str:
        opened = self._library.open_document(path)
        # The document may have changed since the answer: mark only the text that was quoted.
        if opened is None or (cited and not _is_there(cited, opened.document.text)):
            gr.Warning(escape_text(say("moved_on")))
            return render_source_hint(say)
        document = opened.document
        others = dict.fromkeys(
            _place(each, say)
            for each in every
            if each.document == path and _is_there(each, document.text)
        )
        start = cited.start if cited else 0
        number = page_at(document, start) if cited else 1
        page = self._library.pages.lay_out(opened.record, document, number or 1)
        chosen = _place(cited, say) if cited else None
        has_file = file_status(opened.record) == "indexed"
        return render_document(opened, chosen, tuple(others), page, steps, say, has_file=has_file)


def _is_there(citation: Citation, text: str) -> bool:
    return text[citation.start : citation.end] == citation.sentence


def _place(citation: Citation, say: Wording) -> CitedPlace:
    return CitedPlace(citation.start, citation.end, name_place(citation, say))
