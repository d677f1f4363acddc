"""What the window does with questions and answers. Holds nothing of any one visitor."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.chat_models import list_choices
from rag.errors import FootnoteError
from rag.library import Library
from rag.settings import EXTRACTIVE
from rag.suggestions import suggest_questions
from rag.types import Delta
from ui.conversation import Conversation, Exchange, read_history, read_turn, stop, unpack
from ui.feedback import keep_feedback
from ui.panel import render_source_hint
from ui.rendering import render_conversation, render_suggestions

log = logging.getLogger(__name__)

_QUOTATIONS = "quotations"
_FOLLOWING = 2  # questions to go on with


class Asking:
    """The conversation's events -> what is shown next."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def suggest(self) -> str:
        """Return questions to try; apart from the conversation, for they may come late."""
        try:
            return render_suggestions(suggest_questions(self._library))
        except FootnoteError as error:
            log.warning("%s", error)
            return render_suggestions(())

    def follow_up(self, asked: Conversation) -> str:
        """Return questions to go on with, of the documents that the last answer cites."""
        answer = asked[-1].answer if asked else None
        if answer is None or answer.refused or not answer.citations:
            return render_suggestions(())
        cited = {citation.document for citation in answer.citations}
        told = [each.question for each in asked]
        try:
            return render_suggestions(suggest_questions(self._library, _FOLLOWING, cited, told))
        except FootnoteError as error:
            log.warning("%s", error)
            return render_suggestions(())

    def restore(self, packed: object) -> tuple[str, Conversation]:
        """Return the conversation that the browser has kept."""
        asked = unpack(packed)
        if not asked:  # somebody may be asking already
            return gr.skip(), gr.skip()
        return render_conversation(asked), asked

    def list_answerers(self) -> Any:
        """Return what can answer now: quotations, and the chat models in reach."""
        settings = self._library.settings
        names = list_choices(settings.chat_model, settings.chat_base_url)
        return gr.Dropdown(name_answerers(names), visible=len(names) > 1)

    def ask(
        self, question: str, asked: Conversation, answerer: str, chosen: list[str]
    ) -> Iterator[tuple[Any, ...]]:
        """Stream the answer to a question into the conversation."""
        if not question.strip():
            yield gr.skip(), "", asked
            return
        if any(each.open for each in asked):  # one at a time; the question stays in the box
            yield gr.skip(), gr.skip(), gr.skip()
            return
        exchange = Exchange(question.strip())

        def show(exchange: Exchange, *box: Any) -> tuple[Any, ...]:
            now = (*asked, exchange)
            return render_conversation(now), *(box or (gr.skip(),)), now

        yield show(exchange, _waiting(""))
        try:
            assistant = Assistant(
                library=self._library, history=read_history(asked), chat_model=answerer
            )
            with closing(assistant.stream(question, chosen or None)) as deltas:
                for delta in deltas:
                    if delta == Delta():  # only so that a stop is heard
                        yield gr.skip(), gr.skip(), gr.skip()
                        continue
                    exchange = exchange.add(delta)
                    if delta.answer is not None:
                        standalone = assistant.history[-1].standalone
                        exchange = replace(exchange, standalone=standalone)
                    yield show(exchange)
        except FootnoteError as error:
            yield show(replace(exchange, error=str(error)), _ready(question))
            return
        except Exception:
            # The visitor gets a sentence, the log the reason; neither gets document text.
            log.exception("a question could not be answered")
            failed = replace(exchange, error="Something went wrong; the log says what.")
            yield show(failed, _ready(question))
            return
        yield show(exchange, _ready())

    def ask_suggested(
        self, asked: Conversation, answerer: str, chosen: list[str], event: gr.EventData
    ) -> Iterator[tuple[Any, ...]]:
        """Ask a question that was chosen rather than typed."""
        yield from self.ask(str(event._data.get("question", "")), asked, answerer, chosen)

    def stop(self, asked: Conversation) -> tuple[str, Any, Conversation]:
        """Let a question go that is being answered."""
        now = stop(asked)
        return render_conversation(now), _ready(), now

    def clear(self) -> tuple[str, Any, Conversation, str, str]:
        """Start a new conversation."""
        return render_conversation(()), _ready(""), (), render_source_hint(), ""

    def edit(self, asked: Conversation, event: gr.EventData) -> tuple[str, Any, Conversation]:
        """Put a question back into the box; what came after it goes."""
        turn = read_turn(event._data, asked)
        if turn is None:
            return gr.skip(), gr.skip(), gr.skip()
        now = asked[:turn]
        return render_conversation(now), _ready(asked[turn].question), now

    def rate(self, asked: Conversation, event: gr.EventData) -> tuple[str, Conversation]:
        """Note what a reader thinks of an answer."""
        turn = read_turn(event._data, asked)
        if turn is None:
            return gr.skip(), gr.skip()
        return self._note(asked, turn, replace(asked[turn], good=bool(event._data.get("good"))))

    def comment(self, asked: Conversation, event: gr.EventData) -> tuple[str, Conversation]:
        """Note what a reader says of an answer that was rated."""
        turn = read_turn(event._data, asked)
        text = event._data.get("text")
        if turn is None or not isinstance(text, str):
            return gr.skip(), gr.skip()
        return self._note(asked, turn, replace(asked[turn], commented=True), text)

    def _note(
        self, asked: Conversation, turn: int, exchange: Exchange, comment: str = ""
    ) -> tuple[str, Conversation]:
        if exchange.answer is None or exchange.good is None:
            return gr.skip(), gr.skip()
        question = exchange.standalone or exchange.question
        try:
            keep_feedback(
                self._library.store,
                question,
                exchange.answer,
                good=exchange.good,
                comment=comment,
            )
        except FootnoteError as error:
            gr.Warning(str(error))
            return gr.skip(), gr.skip()
        now = (*asked[:turn], exchange, *asked[turn + 1 :])
        return render_conversation(now), now


def name_answerers(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return what a list of answerers shows, and the name behind it."""
    return [(_QUOTATIONS if name == EXTRACTIVE else name, name) for name in names]


def _waiting(*text: str) -> Any:
    """Return the box while an answer comes: it can be stopped."""
    return gr.Textbox(*text, submit_btn=False, stop_btn=True)


def _ready(*text: str) -> Any:
    """Return the box as it takes the next question."""
    return gr.Textbox(*text, submit_btn=True, stop_btn=False)
