"""Event handlers of the page about the window's operation. Each one checks who asks."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import FootnoteError
from rag.library.library import Library
from rag.library.update_log import read_updates
from ui.handlers.request import read_wording
from ui.state.evaluation import evaluation_file, keep_case
from ui.state.feedback import feedback_file
from ui.state.question_log import Asked, QuestionLog
from ui.state.quotas import MB
from ui.views.html import escape_text
from ui.views.operation import Page, render_case, render_operation
from ui.web.admins import Admins

_SLOW = 5.0  # seconds from which an answer is slow
_SHOWN = 50  # questions of each kind
_SEARCHED = 10  # sentences that a piece of evidence is compared with


class OperationHandlers:
    """Handlers of the page: what was asked, evaluation questions, the last updates."""

    def __init__(self, library: Library, questions: QuestionLog, admins: Admins) -> None:
        self._library = library
        self._questions = questions
        self._admins = admins

    def offer(self, request: gr.Request) -> Any:
        """Show the page's tab to administrators."""
        return gr.Tab(visible=self._admins.allow(request))

    def show(self, request: gr.Request) -> str:
        """Return the page; an empty string for others than administrators."""
        if not self._admins.allow(request):
            return ""
        asked = self._questions.read()
        failed = [each for each in asked if each.outcome in ("failed", "busy")]
        kinds = {
            "refused": [each for each in asked if each.outcome == "refused"],
            "disliked": self._read_disliked(),
            "slow": [each for each in asked if each.seconds >= _SLOW and each not in failed],
            "failed": failed,
        }
        page = Page(
            asked=tuple(asked),
            kinds={kind: (len(found), tuple(found[:_SHOWN])) for kind, found in kinds.items()},
            text_kept=self._questions.keeps_text,
            updates=tuple(read_updates(self._library.store)),
            cases=evaluation_file(self._library.settings.store),
        )
        return render_operation(page, read_wording(request))

    def evaluate(self, event: gr.EventData, request: gr.Request) -> Any:
        """Store an evaluation question, and return its line."""
        if not self._admins.allow(request):
            return gr.skip()
        given = event._data
        question, answer, evidence = (
            str(given.get(name, "")) for name in ("question", "answer", "evidence")
        )
        settings = self._library.settings
        try:
            sentences = evidence.split("\n")
            self._check(sentences)
            most = settings.questions_mb * MB
            line = keep_case(settings.store, question, answer.split("\n"), sentences, most=most)
        except FootnoteError as error:
            gr.Warning(escape_text(str(error)))
            return gr.skip()
        return render_case(line, evaluation_file(settings.store), read_wording(request))

    def _check(self, sentences: list[str]) -> None:
        """Raise `FootnoteError` if no document has one of the sentences."""
        assistant = Assistant(library=self._library)
        for sentence in filter(None, map(_squeeze, sentences)):
            found = map(_squeeze, (e.sentence for e in assistant.search(sentence, _SEARCHED)))
            if not any(sentence in each or each in sentence for each in found):
                raise FootnoteError(
                    f"no document has the sentence “{sentence[:80]}”", "copy it from a document"
                )

    def _read_disliked(self) -> list[Asked]:
        """Return the questions whose answers were rated as not helpful, the newest first."""
        try:
            lines = feedback_file(self._library.settings.store).read_text("utf-8").splitlines()
        except OSError:
            return []
        found = []
        for line in reversed(lines):
            try:
                fields = json.loads(line)
                if fields["good"] is not False:
                    continue
                asked = Asked(str(fields["at"]), "disliked", 0.0)
                if self._questions.keeps_text:
                    quoted = tuple(map(str, fields["evidence"]))
                    asked = Asked(asked.at, "disliked", 0.0, str(fields["question"]), quoted)
            except (ValueError, KeyError, TypeError):
                continue
            found.append(asked)
        return found


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()
