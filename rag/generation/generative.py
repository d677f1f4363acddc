"""The answerer in which a chat model writes and each sentence is checked against its sources."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from index import Encoder, Snapshot
from prompts import read_prompt
from rag.answers.citations import cite_evidence
from rag.answers.extractive import MAX_SENTENCES, ExtractiveAnswerer, split_answer
from rag.answers.fences import find_open_fence
from rag.claims import SUPPORT, Likeness, prepare_check
from rag.generation.chat_models import explain_failure, stream_message
from rag.generation.context import Context, build_context, find_budget
from rag.generation.messages import add_usage, get_text
from rag.generation.servers import find_window
from rag.generation.stream_checker import AnswerWriter
from rag.generation.templates import Templates, fill
from rag.questions.parse import Question
from rag.retrieval.duplicates import fold_duplicates
from rag.types import Answer, Delta, Evidence, Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

_LONGEST = 8_000  # characters of an answer; a longer one is stopped


@dataclass(frozen=True, slots=True)
class _Task:
    """A prompt template, a question and its context. `quote` answers if the model fails.

    `quote_rest` returns what an answer that cites some sentences lacks of the quoted one.
    """

    template: str
    asked: Question
    evidence: Sequence[Evidence]
    context: Context
    quote: Callable[[], Answer]
    quote_rest: Callable[[Sequence[Evidence]], Answer | None] = lambda _: None


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
        self._encoder = encoder
        self._templates = templates
        self._strict = strict
        self._support = support
        self._snapshot = snapshot
        self._quoting = ExtractiveAnswerer(snapshot)

    def write(self, asked: Question, evidence: Sequence[Evidence]) -> Iterator[Delta]:
        """Yield the answer as the model writes it. The last delta has the whole, checked answer."""
        budget = find_budget(find_window(self._chat))
        context = build_context(evidence, budget, asked, self._snapshot)
        task = _Task(
            self._templates.answer,
            asked,
            evidence,
            context,
            lambda: self._quoting.quote(asked, evidence),
            lambda cited: self._quoting.quote_rest(asked, evidence, cited),
        )
        yield from self._complete(task)

    def summarise(
        self, asked: Question, evidence: Sequence[Evidence], quote: Callable[[], Answer]
    ) -> Iterator[Delta]:
        """Yield a summary of the evidence. `quote` makes one from quotations if the model fails."""
        context = build_context(evidence, find_budget(find_window(self._chat)))
        yield from self._complete(_Task(self._templates.summary, asked, evidence, context, quote))

    def _complete(self, task: _Task) -> Iterator[Delta]:
        began = perf_counter()
        context, language = task.context, task.asked.language
        if not context.sentences:
            yield from split_answer(task.quote())
            return
        refusal = read_prompt("refusal", language)
        prompt = fill(
            task.template, sentences=context.render(), question=task.asked.text, refusal=refusal
        )
        spent = Usage()
        with ThreadPoolExecutor(1) as pool:
            # The sentences are embedded while the model processes the prompt.
            compare = pool.submit(self._prepare, context)
            writer = AnswerWriter(
                context,
                compare.result,
                language=language,
                refusal=refusal,
                strict=self._strict,
                support=self._support,
            )
            try:
                with closing(stream_message(self._chat, prompt)) as chunks:
                    for chunk in chunks:
                        if chunk is None:
                            yield Delta()
                            continue
                        spent = add_usage(spent, chunk)
                        for piece in writer.feed(get_text(chunk)):
                            yield Delta(piece)
                        if len(writer.text) > _LONGEST:
                            raise _EndlessError
                for piece in writer.close():
                    yield Delta(piece)
            except Exception as error:  # noqa: BLE001 - the user gets an answer whatever the client raises
                log.warning("the chat model %s failed: %s", self.model, type(error).__name__)
                yield from self._quote(task, explain_failure(error))
                return
        if writer.is_baseless:
            yield from self._quote(task, "it said nothing that the documents support", writer.text)
            return
        if not writer.text.strip():
            yield from self._quote(task, "it said nothing")
            return
        usage = replace(spent, seconds=round(perf_counter() - began, 3))
        answer = self._compose(task, writer, usage)
        whole = _add_rest(task, answer, writer.list_cited())
        yield Delta(whole.text[len(answer.text) :])
        yield Delta(answer=whole)

    def _prepare(self, context: Context) -> Likeness:
        prepare_check()
        return make_likeness(self._encoder, [item.readable for item in context.sentences])

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
            notice=left_out,
            usage=usage,
        )

    def _quote(self, task: _Task, reason: str, written: str = "") -> Iterator[Delta]:
        """Yield quotations that replace what the model has written so far.

        `written` is kept in the answer's details.
        """
        answer = task.quote()
        notice = f"{self.model} could not answer ({reason}); this answer is quoted instead."
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
    )


def make_likeness(encoder: Encoder, sentences: Sequence[str]) -> Likeness:
    """Return a function for the highest cosine similarity of a claim to some of `sentences`.

    Each sentence and each claim is embedded once.
    """
    known = dict(zip(sentences, encoder.encode_questions(sentences), strict=True))
    claims: dict[str, Any] = {}

    def likeness(claim: str, texts: Sequence[str]) -> float:
        if claim not in claims:
            claims.clear()
            claims[claim] = encoder.encode_questions([claim])[0]
        return max((float(known[text] @ claims[claim]) for text in texts), default=0.0)

    return likeness
