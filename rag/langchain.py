"""Footnote as LangChain parts: a retriever, a runnable, and the chain from question to answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Generator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Protocol, TypedDict

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda
from pydantic import Field

from rag.concurrency.streams import iterate_in_threads
from rag.errors import QuestionError
from rag.questions.parse import Question
from rag.retrieval.hybrid import DEFAULT_COUNT, Retriever
from rag.types import Answer, Delta, Evidence


class Answerer(Protocol):
    """Writes an answer from evidence."""

    evidence_count: int

    def write(self, question: Question, evidence: Sequence[Evidence], /) -> Iterator[Delta]:
        """Yield the answer as it comes; the last delta carries it whole."""


class AskInput(TypedDict):
    """What the chain takes. `documents` limits the answer to these paths; None means all."""

    question: Question
    documents: Collection[str] | None


class SentenceRetriever(BaseRetriever):
    """A LangChain retriever whose documents are sentences; `Assistant.as_retriever` makes one.

    `search` returns the best sentences for a question, given their number `k`. The metadata hold
    `source` (the path as indexed), `title`, `start` and `end` (`text[start:end]` of that document
    is the page content), `page`, `slide`, `sheet`, `row` and `heading` (None where the format has
    none), `score` (0 to 1) and `passage` (the text around the sentence).
    """

    search: Callable[[str, int], list[Evidence]] = Field(repr=False)
    k: int = DEFAULT_COUNT

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [_make_document(item) for item in self.search(query, self.k)]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        found = await asyncio.to_thread(self.search, query, self.k)
        return [_make_document(item) for item in found]


def _make_document(found: Evidence) -> Document:
    return Document(
        id=f"{found.document}#{found.start}-{found.end}",
        page_content=found.sentence,
        metadata={
            "source": found.document,
            "title": found.title,
            "start": found.start,
            "end": found.end,
            **asdict(found.place),
            "score": found.score,
            "passage": found.passage,
        },
    )


def build_runnable(stream: Callable[[str], Generator[Delta, None, None]]) -> Runnable[str, Answer]:
    """Return a runnable from a question to its answer, which is the last delta of `stream`.

    LangChain keeps the caller's config in a context variable, and threads get a copy of it. So
    the callbacks, tags and metadata reach the chain and the chat model inside `stream`.
    """

    def ask(question: str) -> Answer:
        *_, last = stream(_require_text(question))
        return last.require_answer()

    async def aask(question: str) -> Answer:
        last = Delta()
        # Not `to_thread(ask)`: a task that is cancelled must end the chat model's request.
        async with aclosing(iterate_in_threads(stream(_require_text(question)))) as deltas:
            async for delta in deltas:
                last = delta
        return last.require_answer()

    return RunnableLambda(ask, aask, name="ask").with_types(input_type=str, output_type=Answer)


def _require_text(question: object) -> str:
    if not isinstance(question, str):
        raise QuestionError(
            f"the question is a value of type {type(question).__name__}",
            "pass the question as a string",
        )
    return question


def build_chain(retriever: Retriever, answerer: Answerer) -> Runnable[AskInput, Delta]:
    """Return the chain from a question to its answer.

    `stream` yields deltas, `invoke` all of them added up: its `answer` is the answer.
    """

    def retrieve(inputs: AskInput) -> tuple[Question, list[Evidence]]:
        return retriever.settle(inputs["question"], answerer.evidence_count, inputs["documents"])

    def answer(inputs: Iterator[tuple[Question, list[Evidence]]]) -> Generator[Delta, None, None]:
        for question, evidence in inputs:
            yield from answerer.write(question, evidence)

    async def aanswer(
        inputs: AsyncIterator[tuple[Question, list[Evidence]]],
    ) -> AsyncIterator[Delta]:
        gathered = [part async for part in inputs]
        async with aclosing(iterate_in_threads(answer(iter(gathered)))) as deltas:
            async for delta in deltas:
                yield delta

    # One part after the other, not a dictionary of parts: those take threads of their own.
    chain = RunnableLambda(retrieve) | RunnableGenerator(answer, aanswer)
    return chain.with_config(run_name="footnote")
