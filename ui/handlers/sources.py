"""Event handlers that show a source: a citation or a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from rag.library.library import Library
from rag.types import Citation
from ui.handlers.request import read_wording
from ui.state.conversation import Conversation, find_citation
from ui.views.conversation import name_place
from ui.views.document import (
    Steps,
    find_steps,
    render_document,
    render_part,
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
        return self._show(citation.document, say, citation, others, steps)

    def show_document(self, event: gr.EventData, request: gr.Request) -> str:
        """Show a document from its beginning."""
        return self._show(str(event._data.get("document", "")), read_wording(request))

    def show_part(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> str:
        """Return a further part of the document that is open; "" if the document is gone."""
        wanted = event._data
        document = self._library.read_document(str(wanted.get("document", "")))
        first, last = wanted.get("first"), wanted.get("last")
        if document is None or type(first) is not int or type(last) is not int:
            return ""
        _, cited = find_citation(conversation, wanted)
        spans = [(each.start, each.end) for each in cited if each.document == document.path]
        step = str(wanted.get("step", ""))
        return render_part(document, first, last, step, spans, read_wording(request))

    def dismiss(self, request: gr.Request) -> str:
        """Close the source panel's document."""
        return render_source_hint(read_wording(request))

    def _show(
        self,
        path: str,
        say: Wording,
        cited: Citation | None = None,
        others: Sequence[Citation] = (),
        steps: Steps | None = None,
    ) -> str:
        document = self._library.read_document(path)
        span = (cited.start, cited.end) if cited else None
        # The document may have changed since the answer: mark only the text that was quoted.
        if document is None or (cited and document.text[cited.start : cited.end] != cited.sentence):
            gr.Warning(escape_text(say("moved_on")))
            return render_source_hint(say)
        light = [(other.start, other.end) for other in others if other.document == path]
        page = self._library.render_page(path, *span) if span else None
        place = name_place(cited, say) if cited else ""
        return render_document(document, span, light, place, page, steps, say)
