"""Renders the lists of documents and of conversations as HTML."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rag.library.documents import file_status, sort_out_failures
from rag.library.library import DocumentRecord, Failure, Plan
from ui.left_out import count_suffixes
from ui.state.chats import Chat
from ui.views.failures import explain
from ui.views.html import render
from ui.views.wording import ENGLISH, Wording

_STATUS = {"indexed": "", "changed": "changed_on_disk", "gone": "file_gone"}


def render_documents(
    records: Sequence[DocumentRecord],
    failures: Sequence[Failure] = (),
    removed: str = "",
    plan: Plan | str = "",
    say: Wording = ENGLISH,
    examples: int = 0,
) -> str:
    """Return the list of documents with the status of their files, as JSON.

    `ui/scripts/sources.js` shows it.

    "notes" is HTML: what is to be told above the list. "rows" are the documents, as plain text.
    "say" has the strings that the list needs.

    `removed` is the path of a document that was just removed; the list offers an undo button for
    it. `plan` is what has changed in the folders, or an error message if that is unknown. Files of
    unknown formats are only counted. `examples` is the number of example documents.
    """
    new = () if isinstance(plan, str) else plan.added
    waiting, failed = sort_out_failures(new, failures)
    count, suffixes = count_suffixes(failed)
    indexed = {record.source for record in records}  # with an earlier content
    changes = "" if isinstance(plan, str) else count_changes(plan, say)
    notes = render(
        "documents.html",
        say,
        new=waiting,
        empty=not records,
        failures=[
            (
                failure.path,
                explain(failure.reason, say),
                "not_updated" if failure.source in indexed else "not_indexed",
            )
            for failure in failed
            if not failure.unsupported
        ],
        unknown_formats=say("unknown_formats", count=count, suffixes=suffixes) if count else "",
        removed=removed,
        problem=plan if isinstance(plan, str) else "",
        changes=changes,
        examples=examples,
    )
    rows = [_describe_row(record, say) for record in records]
    told = {
        "search": say("search_list"),
        "search_label": say("search_list_label"),
        "ticked": say("ticked", ticked="{ticked}", count="{count}"),
        "remove": say("remove", title="{title}"),
    }
    return json.dumps({"notes": notes, "rows": rows, "say": told}, ensure_ascii=False)


def render_empty_list() -> str:
    """Return the frame of the list of documents: a search box, a tick for all, and no rows."""
    return render("list.html", ENGLISH)


def _describe_row(record: DocumentRecord, say: Wording) -> dict[str, str]:
    status = _STATUS[file_status(record)]
    return {
        "path": record.path,
        "title": record.title,
        "place": f"{record.path} · {say('sentences', count=record.sentences)}",
        "badge": say(status) if status else "",
        "remark": record.remark,
    }


def count_changes(plan: Plan, say: Wording) -> str:
    """Return the numbers of changes in words; an empty string if nothing changes."""
    counts = (
        ("count_added", plan.added),
        ("count_changed", plan.changed),
        ("count_moved", plan.moved),
        ("count_removed", plan.removed),
    )
    return ", ".join(say(key, count=len(paths)) for key, paths in counts if paths)


def render_chats(chats: Sequence[Chat] | None, current: str, say: Wording = ENGLISH) -> str:
    """Return the list of conversations, with the conversation whose key is `current` marked.

    `chats` is None if conversations are not stored on disk.
    """
    if not chats:
        return render("hint.html", say, hint=say("chats_private" if chats is None else "no_chats"))
    return render("chats.html", say, chats=chats, current=current)
