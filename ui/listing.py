"""The list of documents -> HTML."""

from __future__ import annotations

from collections.abc import Sequence

from rag.documents import file_status
from rag.library import DocumentRecord, Failure
from ui.rendering import escape_text


def render_documents(
    records: Sequence[DocumentRecord],
    failures: Sequence[Failure] = (),
    removed: str = "",
    waiting: str = "",
) -> str:
    """Return the list of documents with what has become of their files.

    `removed` is the path of one that was just taken out, which can be undone; `waiting` says what
    a rebuild would do.
    """
    items = "".join(map(_render_record, records)) + "".join(map(_render_failure, failures))
    undo = ""
    if removed:
        path = escape_text(removed)
        undo = (
            f'<p class="fn-notice" role="status">{path} was removed from the index. '
            f'<button type="button" class="fn-small fn-undo" data-document="{path}">Undo</button>'
            "</p>"
        )
    note = f'<p class="fn-waiting">{escape_text(waiting)}</p>' if waiting else ""
    search = (
        '<input class="fn-filter" type="search" placeholder="Search in the list" '
        'aria-label="Search in the list of documents">'
    )
    return f'{undo}{note}{search}<ul class="fn-documents">{items}</ul>'


def _render_record(record: DocumentRecord) -> str:
    path = escape_text(record.path)
    status = file_status(record)
    note = {"indexed": "", "changed": "changed on disk", "gone": "file is gone"}[status]
    badge = f'<span class="fn-badge">{note}</span>' if note else ""
    return (
        f'<li><button type="button" class="fn-document" data-document="{path}">'
        f"<b>{escape_text(record.title)}</b>{badge}"
        f'<span class="fn-place">{path} · {record.sentences} sentences</span></button>'
        f'<button type="button" class="fn-small fn-remove" data-document="{path}" '
        f'aria-label="Remove {escape_text(record.title)} from the index">\u00d7</button></li>'
    )


def _render_failure(failure: Failure) -> str:
    return (
        f'<li class="fn-failed"><b>{escape_text(failure.path)}</b>'
        f'<span class="fn-badge">not indexed</span>'
        f'<span class="fn-place">it {escape_text(failure.reason)}</span></li>'
    )
