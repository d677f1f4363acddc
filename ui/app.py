"""The chat window: its components, and the event handler of each component."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rag.library.intake import IntakeQueue
from rag.library.library import Library
from rag.settings import EXTRACTIVE
from ui.api import ANSWER_QUEUE, Endpoints
from ui.handlers.adding import AddingHandlers
from ui.handlers.asking import QuestionHandlers, name_answerers
from ui.handlers.chats import ChatHandlers
from ui.handlers.documents import DocumentHandlers
from ui.handlers.notes import NoteHandlers
from ui.handlers.operation import OperationHandlers
from ui.handlers.overviews import OverviewHandlers
from ui.handlers.sources import SourceHandlers
from ui.handlers.suggesting import SuggestionHandlers
from ui.notes_tab import NOTES_SCRIPT, ChatSearch, NotesTab
from ui.operation_tab import OperationTab
from ui.state.chats import Chats, find_folder, read_limits
from ui.state.choice import ALL
from ui.state.conversation import Conversation
from ui.state.notes import make_notes
from ui.views.conversation import render_conversation
from ui.views.document import render_source_hint
from ui.views.lists import render_empty_list
from ui.views.wording import ENGLISH, read_strings
from ui.web.observation import Observer
from ui.whole_updates import WholeUpdateBlocks

_SCRIPTS = ("window", "adding", "sources", "choice", "panes", "reader", "messages")
_PANEL = '<div class="fn-panel">${value}</div>'
_FONTS = ["ui-sans-serif", "system-ui", "sans-serif"]  # no web fonts, so no requests to other hosts
_KEPT = (3600, 86400)  # seconds: every hour, Gradio deletes cached files older than a day


def _split(name: str) -> str:
    """Return the separator beside an outer pane. Its label is the button that folds the pane."""
    return (
        f'<div class="fn-split" role="separator" tabindex="0" aria-orientation="vertical"'
        f' aria-labelledby="fn-fold-{name}" aria-controls="fn-{name}-pane"></div>'
    )


def make_theme() -> gr.themes.Base:
    """Return the theme: colours and fonts."""
    return gr.themes.Soft(primary_hue="indigo", font=_FONTS, font_mono=["monospace"])


def make_translations() -> gr.I18n:
    """Return the strings of the static components; the browser selects the language."""
    return gr.I18n(**read_strings())


def create_app(
    library: Library, observer: Observer, intake: IntakeQueue, operation: OperationHandlers
) -> gr.Blocks:
    """Return the Gradio app for a library.

    `observer` counts and logs the questions; `intake` reads the documents that are added;
    `operation` makes the page for administrators.
    """
    script, adding, sources, choice, panes, reader, messages = (
        Path(__file__).with_name(f"{name}.js").read_text("utf-8") for name in _SCRIPTS
    )
    noting = NOTES_SCRIPT.read_text("utf-8")
    say = make_translations()
    chats = Chats(find_folder(library.settings), read_limits(library.settings))
    with WholeUpdateBlocks(
        title="Footnote", fill_width=True, analytics_enabled=False, delete_cache=_KEPT
    ) as app:
        state = gr.State(Conversation())
        kept = gr.BrowserState([], storage_key="footnote", secret="footnote")  # noqa: S106 - not a secret
        with gr.Row(elem_id="fn-header"):
            gr.Button(say("documents"), elem_id="fn-fold-sources", elem_classes="fn-fold")
            gr.HTML("<h1>Footnote</h1>", min_width=100)
            gr.Markdown(say("tagline"), elem_id="fn-tagline")
            clear = gr.Button(say("new_chat"), elem_id="fn-clear")
            gr.Button(say("source"), elem_id="fn-fold-reader", elem_classes="fn-fold")
        with gr.Row(elem_id="fn-columns"):
            with (
                gr.Column(elem_id="fn-sources-pane", elem_classes="fn-pane"),
                gr.Tabs(selected="documents"),
            ):
                with gr.Tab(say("documents"), id="documents"):
                    add = gr.HTML(elem_id="fn-add", js_on_load=adding)
                    arrivals = gr.HTML(elem_id="fn-arrivals", js_on_load=adding)
                    documents = gr.HTML(
                        elem_id="fn-documents",
                        html_template=render_empty_list(),
                        js_on_load=script + sources,
                    )
                with gr.Tab(say("chats"), id="chats") as chats_tab:
                    search = ChatSearch(chats_tab, noting)
                    listed = gr.HTML(elem_id="fn-chats", js_on_load=script)
                with gr.Tab(say("notes"), id="notes") as notes_tab:
                    noted = NotesTab(notes_tab, noting)
                with gr.Tab(say("operation"), id="operation", visible=False) as operation_tab:
                    operated = OperationTab(operation_tab, noting)
            gr.HTML(_split("sources"), elem_id="fn-split-sources")
            with gr.Column(elem_classes="fn-main"):
                conversation = gr.HTML(
                    render_conversation(Conversation()),
                    elem_id="fn-conversation",
                    html_template="${value}",
                    js_on_load=f"{script}\n{noting}",
                )
                begin = gr.HTML(elem_id="fn-begin", js_on_load=adding)
                suggestions = gr.HTML(elem_id="fn-suggestions", js_on_load=script)
                reading = gr.HTML(elem_id="fn-reading", js_on_load=adding)
                following = gr.HTML(elem_id="fn-following", js_on_load=script)
                limited = gr.HTML(elem_id="fn-limited", js_on_load=script)
                file = gr.HTML(elem_id="fn-file", js_on_load=noting, html_template="${value}")
                ticked = gr.HTML(ALL, elem_id="fn-chosen", html_template="", js_on_load=choice)
                with gr.Row(elem_classes="fn-input"):
                    question = gr.Textbox(
                        show_label=False,
                        label=say("question"),
                        placeholder=say("ask_hint"),
                        elem_id="fn-question",
                        submit_btn=True,
                        stop_btn=False,
                        autofocus=True,
                        max_lines=5,
                        scale=8,
                    )
                    answerer = gr.Dropdown(
                        name_answerers([library.settings.chat_model], ENGLISH),
                        value=library.settings.chat_model,
                        visible=library.settings.chat_model != EXTRACTIVE,
                        label=say("answer_with"),
                        elem_id="fn-answerer",
                        min_width=160,
                    )
            gr.HTML(_split("reader"), elem_id="fn-split-reader")
            with gr.Column(elem_id="fn-reader-pane", elem_classes="fn-pane"):
                source = gr.HTML(
                    render_source_hint(),
                    elem_id="fn-source",
                    html_template=_PANEL,
                    js_on_load=f"{script}\n{reader}",
                )
                overview = gr.HTML(elem_id="fn-overview", js_on_load=noting)
            gr.HTML(elem_id="fn-panes", js_on_load=panes + messages)  # the last one: all is there

        Endpoints(library, observer).register()
        asks, returns = QuestionHandlers(library, chats, observer), ChatHandlers(chats)
        suggests = SuggestionHandlers(library)
        reads, lists = SourceHandlers(library), DocumentHandlers(library)
        adds = AddingHandlers(library, intake, lists)
        notes = NoteHandlers(make_notes(library.settings), chats, reads)
        overviews = OverviewHandlers(library, reads)
        shown = [conversation, question, state]
        options = [state, answerer, ticked]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        app.load(returns.restore, kept, [conversation, state], **quiet).then(
            returns.list_chats, state, listed, **quiet
        ).then(suggests.follow_up, state, following, **quiet)
        app.load(suggests.suggest, outputs=suggestions, **quiet)
        app.load(asks.list_answerers, outputs=answerer, **quiet)
        ticked.choose(lists.show_choice, ticked, limited, **quiet, trigger_mode="always_last")
        limited.everything(lambda: (ALL, ""), outputs=[ticked, limited], **quiet)
        app.load(reads.dismiss, outputs=source, **quiet)
        # "multiple": after a stop, the browser still assumes that the question is running, and
        # would ignore the next one.
        answered = quiet | ANSWER_QUEUE | {"trigger_mode": "multiple"}
        asking = question.submit(asks.ask, [question, *options], shown, **answered)
        suggested = suggestions.suggest(asks.ask_suggested, options, shown, **answered)
        followed = following.suggest(asks.ask_suggested, options, shown, **answered)
        proposed = overview.suggest(asks.ask_suggested, options, shown, **answered)
        running = [asking, suggested, followed, proposed]
        for done in running:
            done.then(asks.keep, state, kept, **quiet).then(
                returns.list_chats, state, listed, **quiet
            ).then(suggests.follow_up, state, following, **quiet, trigger_mode="always_last")
        question.stop(asks.stop, state, shown, cancels=running, **quiet)
        anew = {"outputs": [*shown, source, following], "cancels": running, **quiet}
        cleared = anew | {"outputs": [*shown, source, following, ticked, limited]}
        changes = (
            clear.click(asks.clear, state, **cleared),
            # A user may go back several steps quickly: handle every event, in order.
            conversation.open(returns.open, **anew, trigger_mode="multiple", concurrency_limit=1),
            listed.open(returns.open, **anew),
            search.connect(notes, returns, anew),
            listed.forget(returns.forget, state, **anew),
            listed.rename(returns.rename, state, listed, **quiet),
            conversation.rate(asks.rate, state, [conversation, state], **quiet),
            conversation.comment(asks.comment, state, [conversation, state], **quiet),
        )
        for change in changes:
            change.then(asks.keep, state, kept, **quiet).then(
                returns.list_chats, state, listed, **quiet
            ).then(suggests.follow_up, state, following, **quiet, trigger_mode="always_last")
        conversation.edit(asks.edit, state, shown, **quiet)
        conversation.leave(asks.leave, state, shown, **quiet)
        conversation.cite(reads.show_citation, state, source, **quiet)
        documents.read(reads.show_document, state, outputs=source, **quiet)
        documents.read(overviews.show, outputs=overview, **quiet)
        overview.cite(overviews.show_citation, outputs=source, **quiet)
        source.cite(reads.show_citation, state, source, **quiet)
        source.dismiss(reads.dismiss, outputs=source, **quiet)
        operated.connect(app, operation)
        noted.connect(notes, conversation, state, file, source)
        app.load(adds.offer, outputs=[begin, add], **quiet)
        documents.refresh(adds.list_documents, outputs=documents, **quiet)
        for change in (
            documents.remove(lists.remove, outputs=documents, **quiet),
            documents.undo(lists.undo, outputs=documents, **quiet),
        ):
            change.then(adds.offer, outputs=[begin, add], **quiet)
        follow = {"fn": adds.follow, "outputs": [arrivals, reading, documents, begin], **quiet}
        # Files may arrive while the page waits for the list of those before: then it asks again.
        follow |= {"concurrency_limit": None, "trigger_mode": "always_last"}
        each = quiet | {"trigger_mode": "multiple"}  # several parts of a folder arrive quickly
        left = documents.leave_examples(
            adds.leave_examples, outputs=[documents, begin, arrivals], **quiet
        )
        arrivals.tidy(adds.clear, outputs=arrivals, **quiet)
        followed = (
            app.load(**follow),
            begin.arrive(adds.add, **each).then(**follow),
            add.arrive(adds.add, **each).then(**follow),
            begin.examples(adds.add_examples, **quiet).then(**follow),
            documents.again(adds.read_again, **quiet).then(**follow),
            add.again(adds.read_again, **quiet).then(**follow),
            arrivals.anew(adds.read_anew, **quiet).then(**follow),
        )
        for read in (*followed[1:], left):
            read.then(suggests.suggest, outputs=suggestions, **quiet)
    return app
