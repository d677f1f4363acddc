"""The answerer in which a chat model writes and each sentence is checked against its sources."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from index import Encoder, Snapshot
from prompts import read_prompt
from rag.answers.choosing import MAX_SENTENCES
from rag.answers.citations import cite_evidence
from rag.answers.extractive import ExtractiveAnswerer, split_answer
from rag.answers.fences import find_open_fence
from rag.answers.reading import Reading
from rag.claims import SUPPORT
from rag.generation.chat_models import explain_failure
from rag.generation.context import Context, build_context, find_budget, make_context
from rag.generation.gathering import arrange
from rag.generation.notes import MOST_PORTIONS, divide, take_notes
from rag.generation.servers import find_window
from rag.generation.stream_checker import AnswerWriter
from rag.generation.templates import Templates
from rag.generation.writing import CheckedWriting
from rag.questions.parse import Question
from rag.retrieval.duplicates import fold_duplicates
from rag.types import Answer, Delta, Evidence
from rag.usage import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

_LONGEST = 8_000  # characters of an answer; a longer one is stopped
_NOTHING = "it said nothing that the documents support"


@dataclass(frozen=True, slots=True)
class _Task:
    """A prompt template, and a question with its evidence. `quote` answers if the model fails.

    `quote_rest` returns what an answer that cites some sentences lacks of the quoted one. `remark`
    says which part of the evidence was not read; `spent` is what the notes of it have cost.
    """

    template: str
    asked: Question
    evidence: Sequence[Evidence]
    quote: Callable[[], Answer]
    quote_rest: Callable[[Sequence[Evidence]], Answer | None] = lambda _: None
    remark: str = ""
    spent: Usage = field(default_factory=Usage)


class GenerativeAnswerer:
    """Answers with a chat model. If it fails, answers with quotations and a notice."""

    evidence_count = ExtractiveAnswerer.evidence_count  # so that it quotes as if it were alone

    def __init__(
        self,
        model: BaseChatModel,
        name: str,
        encoder: Encoder,
        templates: Templates,
        *,
        strict: bool = False,
        support: float = SUPPORT,
        snapshot: Snapshot | None = None,
    ) -> None:
        self.model = name
        self._chat = model
        self._writing = CheckedWriting(model, encoder, support)
        self._templates = templates
        self._strict = strict
        self._snapshot = snapshot
        self._quoting = ExtractiveAnswerer(snapshot)

    @cached_property
    def _budget(self) -> int:
        """The characters of a context. The model's server is asked for its window once."""
        return find_budget(find_window(self._chat))

    @property
    def room(self) -> int:
        """The characters of a text that `summarise` and `compare` read."""
        return self._budget * MOST_PORTIONS

    def write(self, asked: Question, evidence: Sequence[Evidence]) -> Iterator[Delta]:
        """Yield the answer as the model writes it. The last delta has the whole, checked answer."""
        task = _Task(
            self._templates.answer,
            asked,
            evidence,
            lambda: self._quoting.quote(asked, evidence),
            lambda cited: self._quoting.quote_rest(asked, evidence, cited),
        )
        if asked.form == "comparison":
            units = self._quoting.list_units(asked, evidence)
            compared = arrange([unit.sentences for unit in units])
            if len(divide(compared, self._budget)) > 1:
                yield from self._read(task, Reading(tuple(compared), len(compared)))
                return
        context = build_context(evidence, self._budget, self._snapshot)
        yield from self._complete(task, context)

    def summarise(
        self, asked: Question, reading: Reading, quote: Callable[[], Answer]
    ) -> Iterator[Delta]:
        """Yield a summary of documents. `quote` makes one from quotations if the model fails."""
        task = _Task(self._templates.summary, asked, reading.sentences, quote)
        yield from self._read(task, reading)

    def compare(
        self, asked: Question, reading: Reading, quote: Callable[[], Answer]
    ) -> Iterator[Delta]:
        """Yield a comparison of documents. `quote` makes one if the model fails."""
        task = _Task(self._templates.answer, asked, reading.sentences, quote)
        yield from self._read(task, reading)

    def _read(self, task: _Task, reading: Reading) -> Iterator[Delta]:
        """Complete a task over a whole text: by the model's notes of it, if it does not fit."""
        portions = divide(reading.sentences, self._budget)[:MOST_PORTIONS]
        task = replace(task, remark=reading.describe(sum(map(len, portions))))
        if len(portions) < 2:
            context = make_context(portions[0] if portions else (), self._snapshot)
            yield from self._complete(task, context)
            return
        began = perf_counter()
        try:
            notes = yield from take_notes(
                self._writing,
                self._templates.notes,
                task.asked,
                portions,
                self._budget,
                self._snapshot,
            )
        except Exception as error:  # noqa: BLE001 - the user gets an answer whatever the client raises
            yield from self._quote_instead(task, error)
            return
        if not notes.context.notes:
            yield from self._quote(task, _NOTHING)
            return
        remark = " ".join(filter(None, (task.remark, notes.remark)))
        spent = replace(notes.usage, seconds=perf_counter() - began)
        yield from self._complete(replace(task, remark=remark, spent=spent), notes.context)

    def _complete(self, task: _Task, context: Context) -> Iterator[Delta]:
        began = perf_counter()
        if not context.sentences:
            yield from split_answer(task.quote())
            return
        try:
            written = yield from self._writing.write(
                task.template, task.asked, context, strict=self._strict, longest=_LONGEST
            )
            if not written.complete:
                raise _EndlessError
        except Exception as error:  # noqa: BLE001 - the user gets an answer whatever the client raises
            yield from self._quote_instead(task, error)
            return
        writer = written.text
        if writer.is_baseless:
            yield from self._quote(task, _NOTHING, writer.text)
            return
        if not writer.text.strip():
            yield from self._quote(task, "it said nothing")
            return
        usage = task.spent + replace(written.usage, seconds=perf_counter() - began)
        answer = self._compose(task, writer, replace(usage, seconds=round(usage.seconds, 3)))
        whole = _add_rest(task, answer, writer.list_cited())
        yield Delta(whole.text[len(answer.text) :])
        yield Delta(answer=whole)

    def _compose(self, task: _Task, writer: AnswerWriter, usage: Usage) -> Answer:
        closest = fold_duplicates(task.evidence)[:MAX_SENTENCES] if writer.refused else []
        left_out = (
            f"{writer.dropped} sentences without a source were left out." if writer.dropped else ""
        )
        return Answer(
            question=task.asked.text,
            text=writer.text,
            refused=writer.refused,
            model=self.model,
            citations=cite_evidence(writer.list_cited()),
            closest=cite_evidence(closest),
            unsupported=tuple(writer.unsupported),
            checked=tuple(writer.checked),
            notice=" ".join(filter(None, (task.remark, left_out))),
            usage=usage,
        )

    def _quote_instead(self, task: _Task, error: Exception) -> Iterator[Delta]:
        log.warning("the chat model %s failed: %s", self.model, type(error).__name__)
        yield from self._quote(task, explain_failure(error))

    def _quote(self, task: _Task, reason: str, written: str = "") -> Iterator[Delta]:
        """Yield quotations that replace what the model has written so far.

        `written` is kept in the answer's details.
        """
        answer = task.quote()
        done = "is refused without it" if answer.refused else "is quoted instead"
        notice = f"{self.model} could not answer ({reason}); this answer {done}."
        yield Delta(answer.text, restart=True)
        yield Delta(answer=replace(answer, notice=notice, written=written))


class _EndlessError(Exception):
    """The model's answer is too long."""


def _add_rest(task: _Task, answer: Answer, cited: Sequence[Evidence]) -> Answer:
    """Return an answer with quotations of what it lacks of the quoted answer below it."""
    rest = None if answer.refused else task.quote_rest(cited)
    if rest is None:
        return answer
    fence = find_open_fence(answer.text)  # otherwise the quotations would be part of its code
    written = f"{answer.text}\n{fence}\n\n" if fence else f"{answer.text}\n\n"
    opening = f"{written}{read_prompt('rest', task.asked.language)}\n\n"
    new = [each for each in rest.citations if each.number > len(answer.citations)]
    return replace(
        answer,
        text=opening + rest.text,
        citations=(*answer.citations, *new),
        emphasis=tuple((len(opening) + a, len(opening) + b) for a, b in rest.emphasis),
        quoted_from=len(written),
        differences=rest.differences,
    )
