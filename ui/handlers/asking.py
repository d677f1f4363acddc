"""Event handlers for questions and answers. They hold no state of a single visitor."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import FootnoteError, StoreMissingError
from rag.generation.chat_models import list_choices
from rag.library.library import Library
from rag.questions.parse import check_length
from rag.settings import EXTRACTIVE
from rag.types import Delta, Turn
from ui.handlers.pacing import join_fast
from ui.handlers.question_box import ready_box, waiting_box
from ui.handlers.request import read_page, read_visitor, read_wording
from ui.state.chats import Chats
from ui.state.choice import ALL, Choice, read_choice
from ui.state.conversation import MOST_EXCHANGES, Conversation, Exchange, read_turn
from ui.state.running import RunningAnswers
from ui.views.conversation import render_conversation
from ui.views.document import render_source_hint
from ui.views.wording import Wording
from ui.web.observation import Observer

log = logging.getLogger(__name__)

_SHORTENED = 150  # characters of a title before "(earlier version)" is added
_SHOWN = 200  # characters shown of a question that is too long


class QuestionHandlers:
    """Handlers of the conversation: ask, stop, edit, begin a new one."""

    def __init__(
        self, library: Library, chats: Chats, running: RunningAnswers, observer: Observer
    ) -> None:
        self._library = library
        self._chats = chats
        self._running = running
        self._observer = observer

    def list_answerers(self, request: gr.Request) -> Any:
        """Return the menu of answerers: quotations, and the chat models available now."""
        settings = self._library.settings
        names = list_choices(settings.chat_model, settings.chat_base_url)
        return gr.Dropdown(name_answerers(names, read_wording(request)), visible=len(names) > 1)

    def ask(
        self,
        question: str,
        conversation: Conversation,
        answerer: str,
        ticked: str,
        event: gr.EventData,
        request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:
        """Stream the answer to a question into the conversation.

        `question` is what is in the box; a suggested question that was clicked comes with the
        event. `ticked` is the choice of documents in the browser's form (`ui/state/choice.py`).
        """
        say, visitor = read_wording(request), read_visitor(request)
        question, conversation = _take_suggested(event, question.strip(), conversation)
        chosen = self._choose(ticked)
        refused = self._refuse(question, conversation, say, none_ticked=chosen == ())
        if refused is not None:
            yield refused
            return
        exchange = Exchange(question)
        history = conversation.branch().history()
        conversation = self._finish_edit(conversation, visitor, say).put(exchange)

        def show(exchange: Exchange, *box: Any) -> tuple[Any, ...]:
            now = conversation.put(exchange)
            return self._render(now, say), *(box or (gr.skip(),)), now

        # Store the question before it is answered, so that even a killed server does not lose it.
        self._chats.put(visitor, conversation.key, exchange)
        with self._running.begin(read_page(request)) as running:
            yield show(exchange, waiting_box(""))
            with closing(self._answer(exchange, history, answerer, chosen, say)) as states:
                for state in states:
                    if running.left.is_set():
                        break
                    if running.stopped.is_set():
                        exchange = replace(exchange, stopped=True)
                        break
                    exchange = state or exchange
                    if exchange.open:
                        yield show(exchange) if state else _skip()
            if not (exchange.open or exchange.stopped):
                self._chats.put(visitor, conversation.key, exchange)
            if not running.left.is_set():
                yield show(exchange, ready_box(question) if exchange.error else ready_box())
            # When a generator has ended, Gradio sends its last outputs again. By then the page may
            # show another conversation.
            yield _skip()

    def _answer(
        self,
        exchange: Exchange,
        history: tuple[Turn, ...],
        answerer: str,
        chosen: tuple[str, ...] | None,
        say: Wording,
    ) -> Generator[Exchange | None, None, None]:
        """Yield the exchange as its answer grows, and None repeatedly while the model is silent.

        The last one has the answer, or the error that is shown in its place.
        """
        try:
            assistant = Assistant(library=self._library, history=history, chat_model=answerer)
            stream = assistant.stream(exchange.question, chosen)
            with closing(self._observer.observe(exchange.question, stream)) as deltas:
                for delta in join_fast(deltas):
                    if delta == Delta():
                        yield None
                        continue
                    exchange = exchange.add(delta)
                    if delta.answer is not None:
                        standalone = assistant.history[-1].standalone
                        exchange = replace(exchange, standalone=standalone)
                    yield exchange
        except StoreMissingError:
            yield replace(exchange, error=say("no_documents"))
        except FootnoteError as error:
            yield replace(exchange, error=str(error))
        except Exception:
            # The visitor gets a general message, the log gets the error. Neither has document text.
            log.exception("answering a question failed")
            yield replace(exchange, error=say("failed"))

    def _choose(self, ticked: str) -> tuple[str, ...] | None:
        """Return the paths of the ticked documents; None for all."""
        choice = read_choice(ticked)
        if choice == Choice():
            return None
        try:
            return choice.select(record.path for record in self._library.documents())
        except FootnoteError:  # without an index the answer says so
            return None

    def _refuse(
        self, question: str, conversation: Conversation, say: Wording, *, none_ticked: bool
    ) -> tuple[Any, ...] | None:
        """Return the outputs for a question that is not accepted; None if it is accepted."""
        if not question:
            return gr.skip(), "", conversation
        if conversation.open:  # an answer is still running; the new question stays in the box
            return _skip()
        try:
            _check_room(question, conversation)
            if none_ticked:
                raise FootnoteError(say("none_ticked"), say("tick_some"))
        except FootnoteError as error:  # shown, but not stored; the question stays in the box
            refused = Exchange(question[:_SHOWN], error=str(error))
            shown = replace(conversation, exchanges=(*conversation.exchanges, refused))
            return self._render(shown, say), ready_box(question), conversation
        return None

    def stop(self, conversation: Conversation, request: gr.Request) -> tuple[Any, ...]:
        """Stop the running answer. `ask` shows that it has stopped, unless it has ended before."""
        if self._running.stop(read_page(request)) or not conversation.open:
            return _skip()
        now = conversation.stop()
        return self._render(now, read_wording(request)), ready_box(), now

    def clear(self, conversation: Conversation, request: gr.Request) -> tuple[Any, ...]:
        """Start a new conversation that searches all documents.

        What the visitor has typed stays in the box, except an edited question of the old
        conversation.
        """
        self._running.leave(read_page(request))
        say, now = read_wording(request), Conversation()
        box = ready_box("") if conversation.editing else ready_box()
        return self._render(now, say), box, now, render_source_hint(say), "", ALL, ""

    def edit(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """Put a question back into the box for editing. Nothing else changes until it is sent."""
        turn = read_turn(event._data, conversation)
        if turn is None or conversation.open:
            return _skip()
        exchange = conversation.exchanges[turn]
        now = replace(conversation, editing=exchange.key)
        return self._render(now, read_wording(request)), ready_box(exchange.question), now

    def leave(self, conversation: Conversation, request: gr.Request) -> tuple[Any, ...]:
        """Cancel the edit of a question, and empty the box."""
        if not conversation.editing:
            return _skip()
        now = conversation.leave()
        return self._render(now, read_wording(request)), ready_box(""), now

    def _finish_edit(self, conversation: Conversation, visitor: str, say: Wording) -> Conversation:
        """Return the conversation for an edited question: the exchanges before that question.

        The old conversation stays in the list, with "(earlier version)" in its title. If
        conversations are not stored, the old exchanges could not be found again; then the question
        is added to the end of the current conversation.
        """
        begun = conversation.branch()
        chat = self._chats.find(visitor, conversation.key)
        if begun.key == conversation.key or chat is None:
            return conversation.leave()
        title = chat.title.removesuffix(say("earlier", title=""))
        if begun.exchanges:
            self._chats.copy(visitor, title, begun)
        self._chats.rename(visitor, conversation.key, say("earlier", title=title[:_SHORTENED]))
        return begun

    def _render(self, conversation: Conversation, say: Wording) -> str:
        return render_conversation(conversation, say, linked=self._chats.kept)


def _skip() -> tuple[Any, Any, Any]:
    """Return outputs that leave the conversation, the question box and the state as they are."""
    return gr.skip(), gr.skip(), gr.skip()


def _take_suggested(
    event: gr.EventData, question: str, conversation: Conversation
) -> tuple[str, Conversation]:
    """Return what is asked: the suggested question of the event, else the one in the box."""
    suggested = (event._data or {}).get("question")
    return (
        (suggested, conversation.leave())
        if isinstance(suggested, str)
        else (question, conversation)
    )


def _check_room(question: str, conversation: Conversation) -> None:
    """Raise `FootnoteError` if the question is too long or the conversation is full."""
    check_length(question)
    if len(conversation.exchanges) >= MOST_EXCHANGES:
        raise FootnoteError(
            f"this conversation has {MOST_EXCHANGES} questions, the maximum",
            "start a new conversation",
        )


def name_answerers(names: Sequence[str], say: Wording) -> list[tuple[str, str]]:
    """Return pairs for a menu of answerers: the text shown, and the model's name."""
    return [(say("quotations") if name == EXTRACTIVE else name, name) for name in names]
