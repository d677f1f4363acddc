"""What the window does with documents: list, add, rebuild, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import FootnoteError
from rag.library import Library, Progress, Report
from ui.listing import render_documents
from ui.terminal import count_changes
from ui.uploads import choose_folder, store_uploads


class Documents:
    """The events of the list of documents -> the list."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def list_documents(self, removed: str = "") -> str:
        """Return the list of what is indexed, what failed, and what a rebuild would do."""
        try:
            records, failures = self._library.documents(), self._library.failures()
        except FootnoteError:
            return render_documents(())
        return render_documents(records, failures, removed, self._describe_plan())

    def list_choices(self) -> Any:
        """Return the documents that a question can be limited to."""
        try:
            records = self._library.documents()
        except FootnoteError:
            return gr.Dropdown([])
        return gr.Dropdown([(record.title, record.path) for record in records])

    def _describe_plan(self) -> str:
        try:
            plan = self._library.plan()
        except FootnoteError as error:
            return str(error)
        return "" if plan.empty else f"Rebuild to bring in: {count_changes(plan)}."

    def add(self, files: list[str]) -> tuple[str, str]:
        """Put uploaded files into the documents folder."""
        try:
            stored, refused = store_uploads(files, choose_folder(self._library))
        except FootnoteError as error:
            return _plain(str(error)), self.list_documents()
        lines = [f"Added {name}. Press Rebuild to index it." for name in stored] + refused
        return _plain(*lines), self.list_documents()

    def rebuild(self, progress: gr.Progress = gr.Progress()) -> tuple[str, str]:  # noqa: B008
        """Bring the index up to date; asking goes on meanwhile."""

        def on_progress(step: Progress) -> None:
            name = "Storing" if step.stage == "store" else f"Reading {Path(step.detail).name}"
            progress((step.done, step.total), desc=name)

        try:
            report = self._library.update(
                on_progress=on_progress,
                on_wait=lambda holder: progress(0, desc=f"Waiting for {holder}"),
            )
        except FootnoteError as error:
            return _plain(str(error)), self.list_documents()
        return _plain(*_describe_report(report)), self.list_documents()

    def remove(self, event: gr.EventData) -> str:
        """Take a document out of the index; its file stays."""
        path = str(event._data.get("document", ""))
        try:
            self._library.remove([path])
        except FootnoteError as error:
            gr.Warning(str(error))
            return self.list_documents()
        return self.list_documents(removed=path)

    def undo(self, event: gr.EventData) -> str:
        """Put a document that was removed back into the index."""
        path = str(event._data.get("document", ""))
        try:
            if path in self._library.plan().excluded:  # a browser may name any file
                self._library.update([path])
        except FootnoteError as error:
            gr.Warning(str(error))
        return self.list_documents()


def _describe_report(report: Report) -> list[str]:
    done = count_changes(report.plan) or "Nothing had changed"
    lines = [f"{done}. {report.documents} documents are indexed."]
    return lines + [f"{failure.path} {failure.reason}" for failure in report.failures]


def _plain(*lines: str) -> str:
    """Return lines as Markdown that shows them as they are."""
    marks = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]()#+-.!|<>~$&"})
    return "\n\n".join(line.translate(marks) for line in lines)
