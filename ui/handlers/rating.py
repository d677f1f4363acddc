"""Event handlers for the visitors' ratings of answers, and their comments."""

from __future__ import annotations

from dataclasses import replace

import gradio as gr

from rag.errors import FootnoteError
from rag.library.library import Library
from ui.handlers.request import read_visitor, read_wording
from ui.state.chats import Chats
from ui.state.conversation import Conversation, Exchange, read_turn
from ui.state.feedback import keep_feedback
from ui.state.quotas import MB, DailyQuota
from ui.views.conversation import render_conversation
from ui.views.html import escape_text


class RatingHandlers:
    """Handlers of the two buttons that rate an answer, and of the box for a comment."""

    def __init__(self, library: Library, chats: Chats) -> None:
        self._settings = library.settings
        self._chats = chats
        self._ratings = DailyQuota(library.settings.visitor_ratings)

    def rate(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[str, Conversation]:
        """Store the visitor's rating of an answer."""
        turn = read_turn(event._data, conversation)
        if turn is None:
            return gr.skip(), gr.skip()
        rated = replace(conversation.exchanges[turn], good=bool(event._data.get("good")))
        return self._store(conversation, rated, request)

    def comment(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[str, Conversation]:
        """Store the visitor's comment on a rated answer."""
        turn = read_turn(event._data, conversation)
        text = event._data.get("text")
        if turn is None or not isinstance(text, str):
            return gr.skip(), gr.skip()
        return self._store(
            conversation, replace(conversation.exchanges[turn], commented=True), request, text
        )

    def _store(
        self, conversation: Conversation, exchange: Exchange, request: gr.Request, comment: str = ""
    ) -> tuple[str, Conversation]:
        if exchange.answer is None or exchange.good is None:
            return gr.skip(), gr.skip()
        question, visitor = exchange.standalone or exchange.question, read_visitor(request)
        settings = self._settings
        try:
            if not self._ratings.take(visitor):
                raise FootnoteError(
                    f"you have rated {settings.visitor_ratings:,} answers, the maximum per day",
                    "continue tomorrow",
                )
            keep_feedback(
                settings.store,
                question,
                exchange.answer,
                good=exchange.good,
                comment=comment,
                most=settings.feedback_mb * MB,
            )
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
            return gr.skip(), gr.skip()
        self._chats.put(visitor, conversation.key, exchange)
        now = conversation.put(exchange)
        say, linked = read_wording(request), self._chats.kept
        return render_conversation(now, say, linked=linked), now
