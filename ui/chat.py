"""The chat window."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from starlette.middleware import Middleware

from rag.assistant import Assistant
from rag.chat_models import list_choices
from rag.errors import FootnoteError, SettingsError
from rag.library import Library, Progress, Report
from rag.settings import EXTRACTIVE
from rag.suggestions import suggest_questions
from rag.types import Citation
from ui.api import Endpoints
from ui.conversation import Conversation, Exchange, pack, read_history, stop, unpack
from ui.feedback import keep_feedback
from ui.headers import SecurityHeaders
from ui.listing import render_documents
from ui.logins import Logins
from ui.panel import render_document, render_source_hint, render_steps
from ui.rendering import render_conversation, render_suggestions
from ui.terminal import count_changes, print_address
from ui.uploads import choose_folder, store_uploads

log = logging.getLogger(__name__)

_HERE = Path(__file__).parent
_PANEL = '<div class="fn-panel">${value}</div>'
_FONTS = ["ui-sans-serif", "system-ui", "sans-serif"]  # none that would be fetched
_ASKING = 4  # questions that are answered at once
_KEPT = (3600, 86400)  # seconds: how often uploads are cleared away, and how old they are then
_MAX_UPLOAD = "200mb"

_QUOTATIONS = "quotations"


def create_app(library: Library) -> gr.Blocks:
    """Return the window over a library."""
    script = (_HERE / "window.js").read_text("utf-8")
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
                        _name_answerers([library.settings.chat_model]),
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
        window = _Window(library)
        shown = [conversation, question, asked]
        options = [asked, answerer, chosen]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        app.load(window.restore, kept, [conversation, asked], **quiet)
        app.load(window.list_documents, outputs=documents, **quiet)
        app.load(window.suggest, outputs=suggestions, **quiet)
        app.load(window.list_answerers, outputs=answerer, **quiet)
        app.load(window.list_choices, outputs=chosen, **quiet)
        # "multiple", for after a stop the browser takes the question to be answered still.
        answered = quiet | {"concurrency_limit": _ASKING, "trigger_mode": "multiple"}
        asking = question.submit(window.ask, [question, *options], shown, **answered)
        suggested = suggestions.suggest(window.ask_suggested, options, shown, **answered)
        running = [asking, suggested]
        for done in running:
            done.then(pack, asked, kept, **quiet)
        question.stop(window.stop, asked, shown, cancels=running, **quiet)
        clear.click(window.clear, outputs=[*shown, source], cancels=running, **quiet).then(
            pack, asked, kept, **quiet
        )
        conversation.cite(window.show_citation, asked, [source, tabs], **quiet)
        documents.read(window.show_document, outputs=[source, tabs], **quiet)
        source.cite(window.show_citation, asked, [source, tabs], **quiet)
        source.dismiss(render_source_hint, outputs=source, **quiet)
        changes = (
            conversation.edit(window.edit, asked, shown, cancels=running, **quiet),
            conversation.rate(window.rate, asked, [conversation, asked], **quiet),
            conversation.comment(window.comment, asked, [conversation, asked], **quiet),
        )
        for change in changes:
            change.then(pack, asked, kept, **quiet)
        documents.remove(window.remove, outputs=documents, **quiet)
        documents.undo(window.undo, outputs=documents, **quiet)
        add.upload(window.add, add, [status, documents], api_visibility="private")
        rebuild.click(
            window.rebuild,
            outputs=[status, documents],
            show_progress_on=status,
            api_visibility="private",
        ).then(window.list_choices, outputs=chosen, **quiet)
    return app


class _Window:
    """What the parts of the window do. Holds nothing of any one visitor."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def suggest(self) -> str:
        """Return questions to try; apart from the conversation, for they may come late."""
        try:
            return render_suggestions(suggest_questions(self._library))
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
        return gr.Dropdown(_name_answerers(names), visible=len(names) > 1)

    def list_choices(self) -> Any:
        """Return the documents that a question can be limited to."""
        try:
            records = self._library.documents()
        except FootnoteError:
            return gr.Dropdown([])
        return gr.Dropdown([(record.title, record.path) for record in records])

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

    def clear(self) -> tuple[str, Any, Conversation, str]:
        """Start a new conversation."""
        return render_conversation(()), _ready(""), (), render_source_hint()

    def edit(self, asked: Conversation, event: gr.EventData) -> tuple[str, Any, Conversation]:
        """Put a question back into the box; what came after it goes."""
        turn = _read_turn(event, asked)
        if turn is None:
            return gr.skip(), gr.skip(), gr.skip()
        now = asked[:turn]
        return render_conversation(now), _ready(asked[turn].question), now

    def rate(self, asked: Conversation, event: gr.EventData) -> tuple[str, Conversation]:
        """Note what a reader thinks of an answer."""
        turn = _read_turn(event, asked)
        if turn is None or asked[turn].answer is None:
            return gr.skip(), gr.skip()
        return self._note(asked, turn, replace(asked[turn], good=bool(event._data.get("good"))))

    def comment(self, asked: Conversation, event: gr.EventData) -> tuple[str, Conversation]:
        """Note what a reader says of an answer that was rated."""
        turn = _read_turn(event, asked)
        text = event._data.get("text")
        if turn is None or asked[turn].good is None or not isinstance(text, str):
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

    def remove(self, event: gr.EventData) -> str:
        """Take a document out of the index; its file stays."""
        path = str(event._data.get("document", ""))
        try:
            self._library.remove([path])
        except FootnoteError as error:
            gr.Warning(str(error))
            return self.list_documents()
        return self.list_documents(removed=path)

    def undo(self, event: gr.EventData) -> str:
        """Put a document that was removed back into the index."""
        path = str(event._data.get("document", ""))
        try:
            if path in self._library.plan().excluded:  # a browser may name any file
                self._library.update([path])
        except FootnoteError as error:
            gr.Warning(str(error))
        return self.list_documents()

    def show_citation(self, asked: Conversation, event: gr.EventData) -> tuple[Any, Any]:
        """Show the document of a citation at the sentence."""
        citation, others = _find_citation(asked, event._data)
        if citation is None:
            return gr.skip(), gr.skip()
        turn, numbers = event._data["turn"], [other.number for other in others]
        source = "near" if event._data.get("list") == "near" else "cite"
        steps = render_steps(turn, source, numbers, citation.number)
        return self._show(citation.document, citation, others, steps)

    def show_document(self, event: gr.EventData) -> tuple[Any, Any]:
        """Show a document from its beginning."""
        return self._show(str(event._data.get("document", "")))

    def _show(
        self,
        path: str,
        cited: Citation | None = None,
        others: Sequence[Citation] = (),
        steps: str = "",
    ) -> tuple[str, Any]:
        document = self._library.read_document(path)
        span = (cited.start, cited.end) if cited else None
        # The index may have moved on since the answer: never mark what was not quoted.
        if document is None or (cited and document.text[cited.start : cited.end] != cited.sentence):
            gr.Warning("This document has changed or is gone since the answer was given.")
            return render_source_hint(), gr.Tabs(selected="source")
        light = [(other.start, other.end) for other in others if other.document == path]
        image = self._library.render_page(path, *span) if span else None
        place = cited.place if cited else ""
        panel = render_document(document, span, light, place, image, steps)
        return panel, gr.Tabs(selected="source")

    def list_documents(self, removed: str = "") -> str:
        """Return the list of what is indexed, what failed, and what a rebuild would do."""
        try:
            records, failures = self._library.documents(), self._library.failures()
        except FootnoteError:
            return render_documents(())
        return render_documents(records, failures, removed, self._describe_plan())

    def _describe_plan(self) -> str:
        try:
            plan = self._library.plan()
        except FootnoteError as error:
            return str(error)
        return "" if plan.empty else f"Rebuild to bring in: {count_changes(plan)}."

    def add(self, files: list[str]) -> tuple[str, str]:
        """Put uploaded files into the documents folder."""
        try:
            stored, refused = store_uploads(files, choose_folder(self._library))
        except FootnoteError as error:
            return _plain(str(error)), self.list_documents()
        lines = [f"Added {name}. Press Rebuild to index it." for name in stored] + refused
        return _plain(*lines), self.list_documents()

    def rebuild(self, progress: gr.Progress = gr.Progress()) -> tuple[str, str]:  # noqa: B008
        """Bring the index up to date; asking goes on meanwhile."""

        def on_progress(step: Progress) -> None:
            name = "Storing" if step.stage == "store" else f"Reading {Path(step.detail).name}"
            progress((step.done, step.total), desc=name)

        try:
            report = self._library.update(
                on_progress=on_progress,
                on_wait=lambda holder: progress(0, desc=f"Waiting for {holder}"),
            )
        except FootnoteError as error:
            return _plain(str(error)), self.list_documents()
        return _plain(*_describe_report(report)), self.list_documents()


def _describe_report(report: Report) -> list[str]:
    done = count_changes(report.plan) or "Nothing had changed"
    lines = [f"{done}. {report.documents} documents are indexed."]
    return lines + [f"{failure.path} {failure.reason}" for failure in report.failures]


def _plain(*lines: str) -> str:
    """Return lines as Markdown that shows them as they are."""
    marks = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]()#+-.!|<>~$&"})
    return "\n\n".join(line.translate(marks) for line in lines)


def _name_answerers(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(_QUOTATIONS if name == EXTRACTIVE else name, name) for name in names]


def _waiting(*text: str) -> Any:
    """Return the box while an answer comes: it can be stopped."""
    return gr.Textbox(*text, submit_btn=False, stop_btn=True)


def _ready(*text: str) -> Any:
    """Return the box as it takes the next question."""
    return gr.Textbox(*text, submit_btn=True, stop_btn=False)


def _read_turn(event: gr.EventData, asked: Conversation) -> int | None:
    """Return the number of the exchange that an event is about; a browser may send anything."""
    turn = event._data.get("turn")
    return turn if type(turn) is int and 0 <= turn < len(asked) else None


def _find_citation(
    asked: Conversation, wanted: dict[str, Any]
) -> tuple[Citation | None, Sequence[Citation]]:
    """Return the citation that a click names, and its neighbours; a browser may send anything."""
    turn, number = wanted.get("turn"), wanted.get("number")
    if type(turn) is not int or not 0 <= turn < len(asked):
        return None, ()
    answer = asked[turn].answer
    if answer is None:
        return None, ()
    citations = answer.closest if wanted.get("list") == "near" else answer.citations
    return next((each for each in citations if each.number == number), None), citations


def launch(library: Library, host: str, port: int, *, open_to_all: bool = False) -> None:
    """Serve the window until interrupted.

    Raises `SettingsError` when the port is taken, and when other machines could reach the window
    without a login, unless it is `open_to_all`.
    """
    logins = Logins(library.settings.auth) if library.settings.auth else None
    if logins is None and not open_to_all and not _is_local(host):
        raise SettingsError(
            f"at {host} anyone who reaches this machine could read the documents",
            "set RAG_AUTH to a file of logins (see `rag login`), or add --no-auth",
        )
    library.documents()  # without an index there is nothing to ask
    Assistant(library=library)  # nor without the chat model and prompts that are set
    _check_port(host, port)
    app = create_app(library)
    Thread(target=_warm_up, args=(library,), daemon=True).start()
    app.queue(default_concurrency_limit=4)
    app.launch(
        server_name=host,
        server_port=port,
        share=False,
        ssr_mode=False,
        quiet=True,
        prevent_thread_lock=True,
        footer_links=[],
        auth=logins.check if logins else None,
        max_file_size=_MAX_UPLOAD,
        app_kwargs={"middleware": [Middleware(SecurityHeaders)]},
        theme=gr.themes.Soft(primary_hue="indigo", font=_FONTS, font_mono=["monospace"]),
        css_paths=[_HERE / "style.css"],
    )
    print_address(app.local_url)
    app.block_thread()


def _warm_up(library: Library) -> None:
    try:
        library.warm_up()
    except FootnoteError as error:
        log.warning("%s", error)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"the window cannot be served at {host}:{port} ({error.strerror})",
                "choose another with --port or --host",
            ) from error
