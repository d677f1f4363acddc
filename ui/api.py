"""API endpoints for programs. `gradio_client` and MCP clients call them by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from rag.assistant import Assistant
from rag.errors import FootnoteError
from rag.library.documents import file_status
from rag.library.library import Library
from rag.library.update_process import update_apart
from ui.state.quotas import MB
from ui.state.uploads import Upload, check_origin, choose_folder, store_uploads
from ui.web.observation import Observer

# At most 32 questions run or wait at the same time (for the library's gate or a chat model).
ANSWER_QUEUE: dict[str, Any] = {"concurrency_limit": 32, "concurrency_id": "answers"}


class Endpoints:
    """API functions over a library. Answers have the JSON format of `rag ask --json`."""

    def __init__(self, library: Library, observer: Observer) -> None:
        self._library = library
        self._observer = observer

    def register(self) -> None:
        """Add the endpoints to the `gr.Blocks` app of the current context."""
        for answers in (self.ask, self.stream):
            gr.api(answers, api_name=answers.__name__, **ANSWER_QUEUE)
        for function in (self.documents, self.add):
            gr.api(function, api_name=function.__name__, concurrency_limit=4)
        gr.api(self.rebuild, api_name="rebuild", concurrency_limit=1)  # one update at a time

    def ask(self, question: str, documents: list[str] | None = None) -> dict[str, Any]:
        """Answer a question from the documents, with the exact sentences the answer comes from.

        Args:
            question: The question, in words.
            documents: Paths or names of the documents to search; all documents if omitted.
        """
        *_, last = self.stream(question, documents)
        return last

    def stream(self, question: str, documents: list[str] | None = None) -> Iterator[dict[str, Any]]:
        """Answer a question like `ask`, and yield the text so far. The last item is the answer.

        Args:
            question: The question, in words.
            documents: Paths or names of the documents to search; all documents if omitted.
        """
        text = ""
        with (
            _report_errors(),
            closing(
                self._observer.observe(
                    question, Assistant(library=self._library).stream(question, documents or None)
                )
            ) as deltas,
        ):
            for delta in deltas:
                text = delta.text if delta.restart else text + delta.text
                if delta.answer is not None:
                    yield delta.answer.to_dict()
                elif delta.text:
                    yield {"text": text}

    def documents(self) -> list[dict[str, Any]]:
        """List the indexed documents."""
        with _report_errors():
            records = self._library.documents()
        return [
            {
                "document": record.path,
                "title": record.title,
                "sentences": record.sentences,
                "status": file_status(record),
            }
            for record in records
        ]

    def add(self, files: list[dict[str, Any]]) -> dict[str, list[str]]:
        """Add files to the documents; `rebuild` then indexes them.

        Args:
            files: The uploaded files: one `handle_file(path)` of gradio_client for each.
        """
        with _report_errors():
            paths = [str(file.get("path", "")) for file in files]
            check_origin(paths, Path(get_upload_folder()))
            folder = choose_folder(self._library)
            stored, refused = store_uploads(
                [Upload(Path(path), Path(path).name) for path in paths],
                folder,
                self._library.settings.uploads_mb * MB,
            )
        return {
            "added": [file.relative_to(folder).as_posix() for file in stored],
            "refused": [f"{failure.path} {failure.reason}" for failure in refused],
        }

    def rebuild(self) -> dict[str, Any]:
        """Update the index. Only new and changed documents are read."""
        with _report_errors():
            report = update_apart(self._library.settings)
        plan = report.plan
        return {
            "added": list(plan.added),
            "changed": list(plan.changed),
            "removed": list(plan.removed),
            "failed": {failure.path: failure.reason for failure in report.failures},
            "documents": report.documents,
        }


@contextmanager
def _report_errors() -> Iterator[None]:
    """Send the message of a `FootnoteError` to the client. Other errors are only logged."""
    try:
        yield
    except FootnoteError as error:
        raise gr.Error(str(error), print_exception=False) from error
