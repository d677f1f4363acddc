"""Event handlers for stored conversations: restore, keep, open, list, rename, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from ui.handlers.question_box import ready_box
from ui.handlers.request import read_page, read_visitor, read_wording
from ui.state.chats import Chats
from ui.state.conversation import Conversation, is_key, new_key, pack, unpack
from ui.state.running import RunningAnswers
from ui.views.conversation import render_conversation
from ui.views.document import render_source_hint
from ui.views.html import escape_text
from ui.views.lists import render_chats
from ui.views.wording import ENGLISH


class ChatHandlers:
    """Handlers of the list of conversations."""

    def __init__(self, chats: Chats, running: RunningAnswers) -> None:
        self._chats = chats
        self._running = running

    def restore(self, packed: object, request: gr.Request) -> tuple[Any, Any]:
        """Return the conversation that the page's URL names, or that the browser stored.

        The URL may be a link to one answer. For the visitor's own conversation, the whole
        conversation is shown. For another visitor's conversation, a new conversation starts with a
        copy of the linked answer only. A link to nothing is told.
        """
        names = request.query_params
        if self._chats.kept:
            conversation = self._find(names.get("chat"), names.get("answer"), request)
        else:
            conversation = Conversation(unpack(packed), new_key())
        if not conversation.exchanges:  # the visitor may have asked a question already
            say = read_wording(request)
            notice = say("unknown_link") if names.get("chat") else ""
            if not notice and say is ENGLISH:  # the page has this greeting already
                return gr.skip(), gr.skip()
            return render_conversation(conversation, say, notice=notice), gr.skip()
        return self._render(conversation, request), conversation

    def _find(self, key: object, answer: object, request: gr.Request) -> Conversation:
        chat = self._chats.find(read_visitor(request), key)
        if chat is not None:
            return chat.conversation
        exchange = self._chats.find_answer(key, answer)
        if exchange is None:
            return Conversation()
        begun = Conversation().put(replace(exchange, good=None, commented=False))
        self._chats.put(read_visitor(request), begun.key, begun.exchanges[0])
        return begun

    def open(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Show the conversation that a click or the browser's "back" selects; else a new one."""
        self._running.leave(read_page(request))
        wanted = event._data.get("chat")
        chat = self._chats.find(read_visitor(request), wanted)
        step = str(event._data.get("step", ""))
        if chat is None and wanted:
            gr.Warning(escape_text(read_wording(request)("unknown_link")))
        found = event._data.get("answer")
        conversation = Conversation() if chat is None else chat.conversation
        return self._show(conversation, request, step, str(found) if is_key(found) else "")

    def keep(self, conversation: Conversation, request: gr.Request) -> tuple[Any, str]:
        """Return what the browser stores, and the list of conversations.

        The browser stores the conversation, unless it is stored on disk.
        """
        packed = [] if self._chats.kept else pack(conversation)
        return packed, self.list_chats(conversation, request)

    def list_chats(self, conversation: Conversation, request: gr.Request) -> str:
        """Return the HTML of a visitor's list of conversations."""
        found = self._chats.list_all(read_visitor(request)) if self._chats.kept else None
        return render_chats(found, conversation.key, read_wording(request))

    def rename(self, conversation: Conversation, event: gr.EventData, request: gr.Request) -> str:
        """Change the title of a conversation."""
        key, title = event._data.get("chat"), event._data.get("title")
        if is_key(key) and isinstance(title, str):
            self._chats.rename(read_visitor(request), str(key), title)
        return self.list_chats(conversation, request)

    def forget(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """Delete a conversation; if it is the current one, start a new conversation."""
        key = event._data.get("chat")
        if not is_key(key):
            return (gr.skip(),) * 5
        if key == conversation.key:
            self._running.leave(read_page(request))
        self._chats.forget(read_visitor(request), str(key))
        return self._show(Conversation(), request) if key == conversation.key else (gr.skip(),) * 5

    def _show(
        self, conversation: Conversation, request: gr.Request, step: str = "", found: str = ""
    ) -> tuple[Any, ...]:
        """Return the outputs: conversation, question box, state, empty source, no follow-ups."""
        hint = render_source_hint(read_wording(request))
        shown = self._render(conversation, request, step, found)
        return shown, ready_box(), conversation, hint, ""

    def _render(
        self, conversation: Conversation, request: gr.Request, step: str = "", found: str = ""
    ) -> str:
        say, linked = read_wording(request), self._chats.kept
        return render_conversation(conversation, say, linked=linked, step=step, found=found)
