"""Answers of a real chat model: `python -m benchmarks.chat_answers QUESTIONS SETS [COUNT]`.

QUESTIONS is a file of `benchmarks.user_questions`, SETS the folder of its sets of documents. COUNT
questions, 60 by default, are taken evenly from the file. Each is asked twice: with quoted answers,
and with the chat model of RAG_CHAT_MODEL and RAG_CHAT_BASE_URL; without these settings, with the
model of the tests, SmolLM2-135M (`tests/model_server.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from benchmarks.user_questions import UserQuestion, open_sets, read_user_questions
from rag.assistant import Assistant
from rag.library.library import Library
from rag.settings import EXTRACTIVE, Settings
from rag.types import Answer
from tests.model_server import MODEL, ModelServer
from ui.views.answer_parts import list_written

_COUNT = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its quoted answer and the answer with the chat model.

    `false_citations` counts those of the second that are not the text at their place.
    """

    question: UserQuestion
    quoted: Answer
    answer: Answer
    false_citations: int

    @property
    def is_baseless(self) -> bool:
        """Whether an answer was shown of which no source supports anything."""
        return not self.answer.refused and not self.written.citations

    @property
    def fate(self) -> str:
        """What became of the model's text."""
        if self.answer.model == EXTRACTIVE:
            return "replaced by the quoted answer"
        if self.answer.refused:
            return "a refusal"
        marked = ", in part marked" if self.answer.unsupported else ""
        return f"shown{marked}{', quotations below' if self.answer.quoted_from else ''}"

    @property
    def written(self) -> Answer:
        """The answer with the chat model without the quotations below the model's text."""
        return replace(self.answer, citations=list_written(self.answer))


def ask_both(library: Library, question: UserQuestion) -> Asked:
    """Ask a question with quoted answers and with the configured chat model."""
    quoting = Assistant(library=library, chat_model=EXTRACTIVE)
    for earlier in question.history:
        quoting.ask(earlier)
    # The model goes on from the same conversation, so that both answer the same question.
    writing = Assistant(library=library, history=quoting.history)
    quoted, answer = quoting.ask(question.text), writing.ask(question.text)
    return Asked(question, quoted, answer, _count_false(answer, library))


def _count_false(answer: Answer, library: Library) -> int:
    documents = {each.document: library.read_document(each.document) for each in answer.citations}
    return sum(
        document is None or document.text[each.start : each.end] != each.sentence
        for each in answer.citations
        for document in [documents[each.document]]
    )


def main() -> None:
    """Ask the questions of the command line, and print what came of them."""
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: python -m benchmarks.chat_answers QUESTIONS SETS [COUNT]")
    count = int(sys.argv[3]) if len(sys.argv) == 4 else _COUNT
    questions = read_user_questions(Path(sys.argv[1]), count)
    with _chat_model() as (name, url):
        print(f"{len(questions)} questions, {name}")
        asked: list[Asked] = []
        for library, group in open_sets(
            questions, Path(sys.argv[2]), chat_model=name, chat_base_url=url
        ):
            for question in group:
                asked.append(ask_both(library, question))
                print(f"{_compare(asked[-1])} {asked[-1].fate}: {question.text}", flush=True)
    print_outcome(asked)


def print_outcome(asked: Sequence[Asked]) -> None:
    """Print what became of the model's texts, and how complete the answers are."""
    for fate in sorted({each.fate for each in asked}):
        print(f"{fate:40}{sum(each.fate == fate for each in asked):>6}")
    print(f"{'shown without any supported sentence':40}{sum(e.is_baseless for e in asked):>6}")
    cited = sum(len(each.answer.citations) for each in asked)
    false = sum(each.false_citations for each in asked)
    print(f"{'citations, and false ones':40}{cited:>6}{false:>6}")
    answerable = [each for each in asked if each.question.pieces]
    for name, answers in (
        ("complete, quoted answers", [(e.question, e.quoted) for e in answerable]),
        ("complete, without quotations below", [(e.question, e.written) for e in answerable]),
        ("complete, with the chat model", [(e.question, e.answer) for e in answerable]),
    ):
        print(f"{name:40}{fmean(_is_complete(*pair) for pair in answers):>6.3f}")


def _compare(asked: Asked) -> str:
    """Return "+" if only the answer with the chat model is complete, "-" if only the quoted one."""
    ours, quoted = (_is_complete(asked.question, each) for each in (asked.answer, asked.quoted))
    return " " if ours == quoted else "+" if ours else "-"


def _is_complete(question: UserQuestion, answer: Answer) -> bool:
    cited = sorted(answer.citations, key=lambda each: (each.document, each.start))
    return question.is_complete([each.sentence for each in cited])


@contextmanager
def _chat_model() -> Iterator[tuple[str, str | None]]:
    """Yield the configured chat model and its address; start the model of the tests if none is."""
    configured = os.environ.get("RAG_CHAT_MODEL", EXTRACTIVE)
    if configured != EXTRACTIVE:
        yield configured, Settings().chat_base_url
        return
    server = ModelServer("plain")
    try:
        yield f"openai:{MODEL}", server.url
    finally:
        server.stop()


if __name__ == "__main__":
    main()
