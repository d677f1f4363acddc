"""Event handlers of the overview of a document. It is computed when it is first shown."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import gradio as gr

from rag.errors import FootnoteError
from rag.library.library import Library
from rag.overview import QUESTIONS, Overview, make_overview
from rag.suggestions import suggest_questions
from ui.handlers.quoted import show_quoted
from ui.handlers.request import read_wording
from ui.handlers.sources import SourceHandlers
from ui.views.overview import render_overview

log = logging.getLogger(__name__)

_KEPT = 500  # overviews in memory; each takes a few kB


@dataclass(frozen=True, slots=True)
class _Known:
    """An overview, and the document's questions as soon as they are known."""

    overview: Overview
    questions: tuple[str, ...] | None = None


class OverviewHandlers:
    """Handlers of overviews. They are kept until the index changes."""

    def __init__(self, library: Library, reads: SourceHandlers) -> None:
        self._library = library
        self._reads = reads
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._lock = Lock()

    def show(self, event: gr.EventData, request: gr.Request) -> Iterator[str]:
        """Yield the overview of a document, first without the questions that it answers."""
        say, path = read_wording(request), str(event._data.get("document", ""))
        try:
            key, known = self._find(path)
        except FootnoteError as error:
            log.warning("%s", error)
            known = None
        if known is None:
            yield ""
            return
        yield render_overview(known.overview, known.questions, say)
        if known.questions is None:
            try:
                questions = suggest_questions(self._library, QUESTIONS, {path})
            except FootnoteError as error:
                log.warning("%s", error)
                questions = []
            known = replace(known, questions=tuple(questions))
            self._keep(key, known)
            yield render_overview(known.overview, known.questions, say)

    def show_citation(self, event: gr.EventData, request: gr.Request) -> Any:
        """Show a quoted sentence of an overview in its document."""
        title, number = event._data.get("title"), event._data.get("number")
        with self._lock:
            shown = [known.overview for known in reversed(self._known.values())]
        for overview in shown:
            for quote in overview.quotes if overview.title == title else ():
                if quote.citation.number == number:
                    return show_quoted(self._reads, quote.citation, request)
        return gr.skip()

    def _find(self, path: str) -> tuple[tuple[str, str], _Known | None]:
        with self._library.snapshot() as snapshot:
            key = snapshot.id, path
            with self._lock:
                known = self._known.get(key)
            record = next((r for r in snapshot.documents if r.path == path), None)
            if known is None and record is not None:
                known = _Known(make_overview(snapshot, record))
        if known is not None:
            self._keep(key, known)
        return key, known

    def _keep(self, key: tuple[str, str], known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
