"""Event handlers that suggest questions: first ones for the page, and follow-ups of an answer."""

from __future__ import annotations

import logging

from rag.errors import FootnoteError
from rag.library.library import Library
from rag.suggestions import suggest_questions
from ui.state.conversation import Conversation
from ui.views.conversation import render_suggestions

log = logging.getLogger(__name__)

_FOLLOWING = 2  # suggested follow-up questions


class SuggestionHandlers:
    """Handlers that return suggested questions as HTML."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._starters: tuple[str, list[str]] = ("", [])  # id of the snapshot, questions

    def suggest(self) -> str:
        """Return suggested questions. A separate event, because they may take long to compute.

        They are computed once for each snapshot.
        """
        try:
            with self._library.snapshot() as snapshot:
                current = snapshot.id
            if self._starters[0] != current:
                self._starters = current, suggest_questions(self._library)
            return render_suggestions(self._starters[1])
        except FootnoteError as error:
            log.warning("%s", error)
            return render_suggestions(())

    def follow_up(self, conversation: Conversation) -> str:
        """Return follow-up questions about the documents that the last answer cites."""
        answer = conversation.exchanges[-1].answer if conversation.exchanges else None
        if answer is None or answer.refused or not answer.citations:
            return render_suggestions(())
        cited = {citation.document for citation in answer.citations}
        turns = conversation.history()
        try:
            return render_suggestions(suggest_questions(self._library, _FOLLOWING, cited, turns))
        except FootnoteError as error:
            log.warning("%s", error)
            return render_suggestions(())
