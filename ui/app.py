"""The chat window: its components, and the event handler of each component."""

from __future__ import annotations

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
from ui.handlers.opening import OpeningHandlers
from ui.handlers.operation import OperationHandlers
from ui.handlers.overviews import OverviewHandlers
from ui.handlers.rating import RatingHandlers
from ui.handlers.sources import SourceHandlers
from ui.handlers.suggesting import SuggestionHandlers
from ui.html_events import find_events
from ui.notes_tab import ChatSearch, NotesTab
from ui.operation_tab import OperationTab
from ui.page_assets import run_scripts
from ui.state.chats import Chats, find_folder, read_limits
from ui.state.choice import ALL
from ui.state.conversation import Conversation
from ui.state.notes import make_notes
from ui.state.running import RunningAnswers
from ui.views.conversation import render_conversation
from ui.views.document import render_source_hint
from ui.views.lists import render_empty_list
from ui.views.wording import ENGLISH, read_strings
from ui.web.observation import Observer
from ui.whole_updates import WholeUpdateBlocks

_PANEL = '<div class="fn-panel">${value}</div>'
_FONTS = ["ui-sans-serif", "system-ui", "sans-serif"]  # no web fonts, so no requests to other hosts
# Strings of components whose text never comes from Python: the page gets them in every language.
_STATIC = (
    *("documents", "chats", "notes", "operation", "source"),
    *("tagline", "new_chat", "question", "ask_hint", "answer_with"),
)
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
    strings = read_strings().items()
    return gr.I18n(**{name: {key: texts[key] for key in _STATIC} for name, texts in strings})


def create_app(
    library: Library, observer: Observer, intake: IntakeQueue, operation: OperationHandlers
) -> gr.Blocks:
    """Return the Gradio app for a library.

    `observer` counts and logs the questions; `intake` reads the documents that are added;
    `operation` makes the page for administrators.
    """
    script, adding, noting = (run_scripts(name) for name in ("window", "adding", "notes"))
    say = make_translations()
    chats = Chats(find_folder(library.settings), read_limits(library.settings))
    with WholeUpdateBlocks(
        title="Footnote", fill_width=True, analytics_enabled=False, delete_cache=_KEPT
    ) as app:
        state = gr.State(Conversation())
        kept = gr.BrowserState([], storage_key="footnote", secret="footnote")  # noqa: S106 - not a secret
        with gr.Row(elem_id="fn-header"):
            gr.Button(say("documents"), elem_id="fn-fold-sources", elem_classes="fn-fold")
            gr.HTML(f"<h1>Footnote</h1><p>{say('tagline')}</p>", elem_id="fn-name")
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
                        js_on_load=run_scripts("window", "sources"),
                    )
                with gr.Tab(say("chats"), id="chats") as chats_tab:
                    search = ChatSearch(chats_tab)
                    listed = gr.HTML(elem_id="fn-chats", js_on_load=script)
                with gr.Tab(say("notes"), id="notes") as notes_tab:
                    noted = NotesTab(notes_tab)
                with gr.Tab(say("operation"), id="operation", visible=False) as operation_tab:
                    operated = OperationTab(operation_tab)
            gr.HTML(_split("sources"), elem_id="fn-split-sources")
            with gr.Column(elem_classes="fn-main"):
                conversation = gr.HTML(
                    render_conversation(Conversation()),
                    elem_id="fn-conversation",
                    html_template="${value}",
                    js_on_load=run_scripts("window", "notes"),
                )
                begin = gr.HTML(elem_id="fn-begin", js_on_load=adding)
                suggestions = gr.HTML(elem_id="fn-suggestions", js_on_load=script)
                reading = gr.HTML(elem_id="fn-reading", js_on_load=adding)
                following = gr.HTML(elem_id="fn-following", js_on_load=script)
                limited = gr.HTML(elem_id="fn-limited", js_on_load=script)
                file = gr.HTML(elem_id="fn-file", js_on_load=noting, html_template="${value}")
                ticked = gr.HTML(
                    ALL, elem_id="fn-chosen", html_template="", js_on_load=run_scripts("choice")
                )
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
                    js_on_load=run_scripts("window", "reader"),
                )
                overview = gr.HTML(elem_id="fn-overview", js_on_load=noting)
            # The last one: all others are there.
            gr.HTML(elem_id="fn-panes", js_on_load=run_scripts("panes", "messages"))

        Endpoints(library, observer).register()
        answers = RunningAnswers()
        asks = QuestionHandlers(library, chats, answers, observer)
        returns, rates = ChatHandlers(chats, answers), RatingHandlers(library, chats)
        suggests = SuggestionHandlers(library)
        reads, lists = SourceHandlers(library), DocumentHandlers(library)
        adds = AddingHandlers(library, intake, lists)
        notes = NoteHandlers(make_notes(library.settings), chats, reads)
        overviews = OverviewHandlers(library, reads)
        opens = OpeningHandlers(returns, reads, adds, operation)
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

        # The page is opened. Each handler costs time when the page is built, so events share one
        # where they can.
        opened = [conversation, state, listed, source, begin, add, operation_tab]
        restored = app.load(opens.open_page, kept, opened, **quiet)
        app.load(suggests.suggest, outputs=suggestions, **quiet)
        app.load(asks.list_answerers, outputs=answerer, **quiet)

        # A question is asked.
        shown = [conversation, question, state]
        # "multiple": a browser that does not know yet that the last answer has ended would ignore
        # the next question.
        running = gr.on(
            [question.submit, *find_events("suggest", suggestions, following, overview)],
            asks.ask,
            [question, state, answerer, ticked],
            shown,
            **quiet | ANSWER_QUEUE | {"trigger_mode": "multiple"},
        )
        question.stop(asks.stop, state, shown, **quiet)

        # Another conversation is shown. A question that still waits for its turn is cancelled.
        anew = {"outputs": [*shown, source, following], "cancels": running, **quiet}
        cleared = anew | {"outputs": [*shown, source, following, ticked, limited]}
        # A user may go back several steps quickly: handle every event, in order.
        in_order = anew | {"trigger_mode": "multiple", "concurrency_limit": 1}
        changes = (
            running,
            clear.click(asks.clear, state, **cleared),
            gr.on(
                find_events("open", conversation, listed, search.found), returns.open, **in_order
            ),
            listed.forget(returns.forget, state, **anew | {"cancels": None}),
        )
        latest = quiet | {"trigger_mode": "always_last"}
        saved = [change.then(returns.keep, state, [kept, listed], **latest) for change in changes]
        for done in (restored, *saved):
            done.then(suggests.follow_up, state, following, **latest)
        listed.rename(returns.rename, state, listed, **quiet)
        search.connect(notes)

        # A shown answer is used.
        for judged in (
            conversation.rate(rates.rate, state, [conversation, state], **quiet),
            conversation.comment(rates.comment, state, [conversation, state], **quiet),
        ):
            judged.then(returns.keep, state, [kept, listed], **latest)
        conversation.edit(asks.edit, state, shown, **quiet)
        conversation.leave(asks.leave, state, shown, **quiet)
        gr.on(
            find_events("cite", conversation, source), reads.show_citation, state, source, **quiet
        )
        source.dismiss(reads.dismiss, outputs=source, **quiet)
        noted.connect(notes, conversation, state, file, source)
        operated.connect(operation)

        # The list of documents.
        ticked.choose(lists.show_choice, ticked, limited, **latest)
        limited.everything(lambda: (ALL, ""), outputs=[ticked, limited], **quiet)
        documents.read(reads.show_document, state, outputs=source, **quiet)
        documents.read(overviews.show, outputs=overview, **quiet)
        overview.cite(overviews.show_citation, outputs=source, **quiet)
        documents.refresh(adds.list_documents, outputs=documents, **quiet)
        documents.remove(adds.remove, outputs=[documents, begin], **quiet)
        documents.undo(adds.undo, outputs=[documents, begin], **quiet)
        arrivals.tidy(adds.clear, outputs=arrivals, **quiet)

        # Documents are added and read.
        follow = {"fn": adds.follow, "outputs": [arrivals, reading, documents, begin], **quiet}
        # Files may arrive while the page waits for the list of those before: then it asks again.
        follow |= {"concurrency_limit": None, "trigger_mode": "always_last"}
        app.load(**follow)
        # "multiple": several parts of a folder arrive quickly.
        arrive = quiet | {"trigger_mode": "multiple"}
        added = (
            gr.on(find_events("arrive", begin, add), adds.add, **arrive),
            begin.examples(adds.add_examples, **quiet),
            gr.on(find_events("again", documents, add), adds.read_again, **quiet),
            arrivals.anew(adds.read_anew, **quiet),
        )
        left = documents.leave_examples(
            adds.leave_examples, outputs=[documents, begin, arrivals], **quiet
        )
        for read in (*(each.then(**follow) for each in added), left):
            read.then(suggests.suggest, outputs=suggestions, **quiet)
    return app
