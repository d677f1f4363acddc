"""Event handlers that add documents, and show how far each file is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from rag.errors import FootnoteError, StoreMissingError
from rag.library.intake import Intake, IntakeQueue
from rag.library.library import Failure, Library
from ui.handlers.documents import DocumentHandlers
from ui.handlers.request import read_wording
from ui.state.examples import FOLDER, choose_examples, delete_copies, find_examples
from ui.state.quotas import MB
from ui.state.uploads import Upload, check_origin, choose_folder, refuse_format, store_uploads
from ui.views.arrivals import render_add, render_arrivals, render_begin, render_reading
from ui.views.html import escape_text
from ui.views.wording import Wording

_LOOK_EVERY = 0.4  # seconds between two looks at the queue


class AddingHandlers:
    """Handlers of the place to begin at, of what is added, and of the example documents."""

    def __init__(self, library: Library, intake: IntakeQueue, lists: DocumentHandlers) -> None:
        self._library = library
        self._intake = intake
        self._lists = lists

    def offer(self, request: gr.Request) -> tuple[str, str]:
        """Return the place to begin at, if there are no documents, and the buttons that add."""
        return self._begin(request), render_add(read_wording(request))

    def _begin(self, request: gr.Request) -> str:
        return render_begin(empty=self._is_empty(), say=read_wording(request))

    def add(self, event: gr.EventData) -> None:
        """Store uploaded files, and read them; list also those that the browser left out."""
        sent: Mapping[str, Any] = event._data or {}
        paths = [str(each.get("path", "")) for each in _list_of(sent.get("files"), dict)]
        names = [str(each.get("name", "")) for each in _list_of(sent.get("files"), dict)]
        refused = [refuse_format(name) for name in _list_of(sent.get("unknown"), str)]
        problem = str(sent.get("problem", ""))
        refused += [Failure(name, problem) for name in _list_of(sent.get("failed"), str)]
        stored: list[Path] = []
        try:
            check_origin(paths, Path(get_upload_folder()))
            uploads = [Upload(Path(path), name) for path, name in zip(paths, names, strict=True)]
            stored, unfit = self._store(uploads)
            refused += unfit
        except FootnoteError as error:
            refused += [Failure(name, str(error)) for name in names]
        self._intake.add(stored, refused, str(sent.get("batch", "")))

    def add_examples(self) -> None:
        """Copy the example documents to those that were added, and read them."""
        uploads = [Upload(file, f"{FOLDER}/{file.name}") for file in find_examples()]
        try:
            stored, refused = self._store(uploads)
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
            return
        self._intake.add(stored, refused)

    def _store(self, uploads: list[Upload]) -> tuple[list[Path], list[Failure]]:
        most = self._library.settings.uploads_mb * MB
        return store_uploads(uploads, choose_folder(self._library), most)

    def remove(self, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        """Remove a document. Return the list, and the place to begin at if it is empty now."""
        return self._lists.remove(event, request), self._begin(request)

    def undo(self, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        """Index a removed document again. Return the list, and the place to begin at."""
        return self._lists.undo(event, request), self._begin(request)

    def leave_examples(self, request: gr.Request) -> tuple[str, str, str]:
        """Remove the example documents from the index, and the copies of their files."""
        say = read_wording(request)
        try:
            examples = choose_examples(self._library.documents())
            if examples:
                self._library.remove([record.source for record in examples], lambda holder: None)
            delete_copies(examples, self._library.uploads)
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
        self._intake.clear()
        arrivals = render_arrivals(self._intake.state(), say)
        return self._lists.render_list(say), self._begin(request), arrivals

    def list_documents(self, request: gr.Request) -> str:
        """Return the list of documents, with what is new in the folders by now."""
        return self._lists.render_list(read_wording(request), busy=self._intake.state().busy)

    def read_again(self) -> None:
        """Read what is new or has changed in the folders."""
        self._intake.read_again()

    def read_anew(self) -> None:
        """Read all documents again, with the model that suits their languages."""
        self._intake.read_again(anew=True)

    def clear(self, request: gr.Request) -> str:
        """Take the files that are ready or failed off the list of arrivals."""
        self._intake.clear()
        return render_arrivals(self._intake.state(), read_wording(request))

    async def follow(self, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        """Yield the arrivals, the line beside the conversation, the list, and where to begin.

        Goes on until no file is being read. The list is sent again when documents were published.
        """
        say = read_wording(request)
        seen: Intake | None = None
        while True:
            now = self._intake.state()
            if now is not seen:
                renewed = seen is None or now.published != seen.published or not now.busy
                yield await asyncio.to_thread(self._show, now, say, renewed=renewed)
                seen = now
            if not now.busy:
                return
            await asyncio.sleep(_LOOK_EVERY)

    def _show(self, now: Intake, say: Wording, *, renewed: bool) -> tuple[Any, ...]:
        listed, begin = gr.skip(), gr.skip()
        if renewed:
            listed = self._lists.render_list(say, busy=now.busy)
            if not self._is_empty():
                begin = ""
                self._library.warm_up_once()
        return render_arrivals(now, say), render_reading(now, say), listed, begin

    def _is_empty(self) -> bool:
        try:
            return not self._library.documents()
        except StoreMissingError:
            return True
        except FootnoteError:  # the list and each question say what is wrong
            return False


def _list_of(value: object, kind: type) -> list[Any]:
    """Return the items of a list that a browser sent, if they have the expected type."""
    return [item for item in value if isinstance(item, kind)] if isinstance(value, list) else []
