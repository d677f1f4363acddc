"""The lists of documents and of conversations -> HTML."""

from __future__ import annotations

from collections.abc import Sequence

from rag.documents import file_status
from rag.library import DocumentRecord, Failure, Plan
from ui.chats import Chat
from ui.rendering import escape_text
from ui.wording import ENGLISH, Wording

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
    items = (
        *(_render_new(path, say) for path in new),
        *(_render_record(record, say) for record in records),
        *(_render_failure(failure, say) for failure in failures if failure.path not in new),
    )
    undo = ""
    if removed:
        path = escape_text(removed)
        undo = (
            f'<p class="fn-notice" role="status">{say("removed", path=path)} '
            f'<button type="button" class="fn-small fn-undo" data-document="{path}">'
            f"{say('undo')}</button></p>"
        )
    told = plan if isinstance(plan, str) else ""
    if not isinstance(plan, str) and not plan.empty:
        told = say("plan", changes=count_changes(plan, say))
    note = f'<p class="fn-waiting">{escape_text(told)}</p>' if told else ""
    search = (
        f'<input class="fn-filter" type="search" placeholder="{say("search_list")}" '
        f'aria-label="{say("search_list_label")}">'
    )
    return f'{undo}{note}{search}<ul class="fn-documents">{"".join(items)}</ul>'


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
        return f'<p class="fn-hint">{say("chats_private" if chats is None else "no_chats")}</p>'
    items = "".join(_render_chat(chat, current, say) for chat in chats)
    return f'<ul class="fn-documents fn-chats">{items}</ul>'


def _render_chat(chat: Chat, current: str, say: Wording) -> str:
    key, title = chat.conversation.key, escape_text(chat.title)
    here = ' aria-current="true"' if key == current else ""
    day = escape_text(chat.changed[:10])
    return (
        f'<li><button type="button" class="fn-document fn-chat" data-chat="{key}"{here}>'
        f'<b>{title}</b><span class="fn-place">{day}</span></button>'
        f'<input class="fn-title-box" data-chat="{key}" value="{title}" maxlength="200" hidden '
        f'placeholder="{say("rename_hint")}" aria-label="{say("rename", title=title)}">'
        f'<button type="button" class="fn-small fn-rename" '
        f'aria-label="{say("rename", title=title)}">\u270e</button>'
        f'<button type="button" class="fn-small fn-forget" data-chat="{key}" '
        f'data-sure="{say("forget_sure")}" aria-label="{say("forget", title=title)}">'
        "\u00d7</button></li>"
    )


def _render_new(path: str, say: Wording) -> str:
    return (
        f'<li class="fn-failed fn-new"><b>{escape_text(path)}</b>'
        f'<span class="fn-badge">{say("new_file")}</span>'
        f'<span class="fn-place">{say("waits")}</span></li>'
    )


def _render_record(record: DocumentRecord, say: Wording) -> str:
    path, title = escape_text(record.path), escape_text(record.title)
    note = _STATUS[file_status(record)]
    badge = f'<span class="fn-badge">{say(note)}</span>' if note else ""
    return (
        f'<li><button type="button" class="fn-document" data-document="{path}">'
        f"<b>{title}</b>{badge}"
        f'<span class="fn-place">{path} \u00b7 {say("sentences", count=record.sentences)}</span>'
        "</button>"
        f'<button type="button" class="fn-small fn-remove" data-document="{path}" '
        f'aria-label="{say("remove", title=title)}">\u00d7</button></li>'
    )


def _render_failure(failure: Failure, say: Wording) -> str:
    return (
        f'<li class="fn-failed"><b>{escape_text(failure.path)}</b>'
        f'<span class="fn-badge">{say("not_indexed")}</span>'
        f'<span class="fn-place">{escape_text(failure.reason)}</span></li>'
    )
