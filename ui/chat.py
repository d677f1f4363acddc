"""The chat window: its parts, and what each of them does when it is used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from rag.library import Library
from rag.settings import EXTRACTIVE
from ui.api import Endpoints
from ui.asking import Asking, name_answerers
from ui.conversation import pack
from ui.documents import Documents
from ui.panel import render_source_hint
from ui.reading import Reading
from ui.rendering import render_conversation

_SCRIPT = Path(__file__).with_name("window.js")
_PANEL = '<div class="fn-panel">${value}</div>'
_FONTS = ["ui-sans-serif", "system-ui", "sans-serif"]  # none that would be fetched
_ASKING = 4  # questions that are answered at once
_KEPT = (3600, 86400)  # seconds: how often uploads are cleared away, and how old they are then


def make_theme() -> gr.themes.Base:
    """Return the window's colours and fonts."""
    return gr.themes.Soft(primary_hue="indigo", font=_FONTS, font_mono=["monospace"])


def create_app(library: Library) -> gr.Blocks:
    """Return the window over a library."""
    script = _SCRIPT.read_text("utf-8")
    with gr.Blocks(
        title="Footnote", fill_width=True, analytics_enabled=False, delete_cache=_KEPT
    ) as app:
        asked = gr.State(())
        kept = gr.BrowserState([], storage_key="footnote", secret="footnote")  # noqa: S106 - no secret
        gr.HTML(
            "<h1>Footnote</h1><p>Answers from your documents, sentence by sentence.</p>",
            elem_id="fn-header",
        )
        with gr.Row(elem_id="fn-columns"):
            with gr.Column(scale=3, min_width=320, elem_classes="fn-main"):
                conversation = gr.HTML(
                    render_conversation(()),
                    elem_id="fn-conversation",
                    html_template="${value}",
                    js_on_load=script,
                )
                suggestions = gr.HTML(elem_id="fn-suggestions", js_on_load=script)
                following = gr.HTML(elem_id="fn-following", js_on_load=script)
                with gr.Row(equal_height=True, elem_classes="fn-input"):
                    question = gr.Textbox(
                        show_label=False,
                        label="Question",
                        placeholder="Ask about your documents",
                        elem_id="fn-question",
                        submit_btn=True,
                        stop_btn=False,
                        autofocus=True,
                        max_lines=5,
                        scale=8,
                    )
                    clear = gr.Button("New chat", scale=1, min_width=100, elem_id="fn-clear")
                with (
                    gr.Accordion("Options", open=False, elem_classes="fn-options"),
                    gr.Row(equal_height=True),
                ):
                    answerer = gr.Dropdown(
                        name_answerers([library.settings.chat_model]),
                        value=library.settings.chat_model,
                        visible=library.settings.chat_model != EXTRACTIVE,
                        label="Answer with",
                        elem_id="fn-answerer",
                        min_width=160,
                    )
                    chosen = gr.Dropdown(
                        [],
                        multiselect=True,
                        label="Ask only these documents",
                        elem_id="fn-chosen",
                        min_width=160,
                    )
            with gr.Column(scale=2, min_width=320), gr.Tabs(selected="source") as tabs:
                with gr.Tab("Source", id="source"):
                    source = gr.HTML(
                        render_source_hint(),
                        elem_id="fn-source",
                        html_template=_PANEL,
                        js_on_load=script,
                    )
                with gr.Tab("Documents", id="documents"):
                    with gr.Row():
                        add = gr.UploadButton(
                            "Add documents", file_count="multiple", elem_id="fn-add"
                        )
                        rebuild = gr.Button("Rebuild", variant="primary", elem_id="fn-rebuild")
                    status = gr.Markdown(elem_id="fn-status", min_height=24)
                    documents = gr.HTML(elem_id="fn-documents", js_on_load=script)

        Endpoints(library).register()
        asks, reads, lists = Asking(library), Reading(library), Documents(library)
        shown = [conversation, question, asked]
        options = [asked, answerer, chosen]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        app.load(asks.restore, kept, [conversation, asked], **quiet)
        app.load(lists.list_documents, outputs=documents, **quiet)
        app.load(asks.suggest, outputs=suggestions, **quiet)
        app.load(asks.list_answerers, outputs=answerer, **quiet)
        app.load(lists.list_choices, outputs=chosen, **quiet)
        # "multiple", for after a stop the browser takes the question to be answered still.
        answered = quiet | {"concurrency_limit": _ASKING, "trigger_mode": "multiple"}
        asking = question.submit(asks.ask, [question, *options], shown, **answered)
        suggested = suggestions.suggest(asks.ask_suggested, options, shown, **answered)
        followed = following.suggest(asks.ask_suggested, options, shown, **answered)
        running = [asking, suggested, followed]
        for done in running:
            done.then(pack, asked, kept, **quiet).then(
                asks.follow_up, asked, following, **quiet, trigger_mode="always_last"
            )
        question.stop(asks.stop, asked, shown, cancels=running, **quiet)
        clear.click(asks.clear, outputs=[*shown, source, following], cancels=running, **quiet).then(
            pack, asked, kept, **quiet
        )
        conversation.cite(reads.show_citation, asked, [source, tabs], **quiet)
        documents.read(reads.show_document, outputs=[source, tabs], **quiet)
        source.cite(reads.show_citation, asked, [source, tabs], **quiet)
        source.dismiss(render_source_hint, outputs=source, **quiet)
        changes = (
            conversation.edit(asks.edit, asked, shown, cancels=running, **quiet),
            conversation.rate(asks.rate, asked, [conversation, asked], **quiet),
            conversation.comment(asks.comment, asked, [conversation, asked], **quiet),
        )
        for change in changes:
            change.then(pack, asked, kept, **quiet)
        documents.remove(lists.remove, outputs=documents, **quiet)
        documents.undo(lists.undo, outputs=documents, **quiet)
        add.upload(lists.add, add, [status, documents], api_visibility="private")
        rebuild.click(
            lists.rebuild,
            outputs=[status, documents],
            show_progress_on=status,
            api_visibility="private",
        ).then(lists.list_choices, outputs=chosen, **quiet)
    return app
