"""The lists of documents and of conversations -> HTML."""

from __future__ import annotations

from collections.abc import Sequence

from rag.library.documents import file_status, sort_out_failures
from rag.library.library import DocumentRecord, Failure, Plan
from ui.state.chats import Chat
from ui.views.html import render
from ui.views.wording import ENGLISH, Wording

_STATUS = {"indexed": "", "changed": "changed_on_disk", "gone": "file_gone"}


def render_documents(
    records: Sequence[DocumentRecord],
    failures: Sequence[Failure] = (),
    removed: str = "",
    plan: Plan | str = "",
    say: Wording = ENGLISH,
) -> str:
    """Return the list of documents with what has become of their files.

    `removed` is the path of one that was just taken out, which can be undone; `plan` is what a
    rebuild would do, or why that cannot be told.
    """
    new = () if isinstance(plan, str) else plan.added
    waiting, failed = sort_out_failures(new, failures)
    told = plan if isinstance(plan, str) else ""
    if not isinstance(plan, str) and not plan.empty:
        told = say("plan", changes=count_changes(plan, say))
    return render(
        "documents.html",
        say,
        new=waiting,
        records=[(record, _STATUS[file_status(record)]) for record in records],
        failures=failed,
        removed=removed,
        told=told,
    )


def count_changes(plan: Plan, say: Wording) -> str:
    """Return how much a plan changes, in words; nothing if nothing."""
    counts = (
        ("count_added", plan.added),
        ("count_changed", plan.changed),
        ("count_moved", plan.moved),
        ("count_removed", plan.removed),
    )
    return ", ".join(say(key, count=len(paths)) for key, paths in counts if paths)


def render_chats(chats: Sequence[Chat] | None, current: str, say: Wording = ENGLISH) -> str:
    """Return the list of conversations, the one with the name `current` marked; None: not kept."""
    if not chats:
        return render("hint.html", say, hint=say("chats_private" if chats is None else "no_chats"))
    return render("chats.html", say, chats=chats, current=current)
