"""Footnote as LangChain parts: a retriever, and the chain from question to answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Generator, Iterator, Sequence
from contextlib import aclosing
from typing import Any, Protocol, TypedDict

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda
from pydantic import ConfigDict

from rag.concurrency.streams import iterate_in_threads
from rag.questions.parse import Question, parse_question
from rag.retrieval.hybrid import DEFAULT_COUNT, Retriever
from rag.types import Delta, Evidence


class Answerer(Protocol):
    """Writes an answer from evidence."""

    evidence_count: int

    def write(self, asked: Question, evidence: Sequence[Evidence]) -> Iterator[Delta]:
        """Yield the answer as it comes; the last delta carries it whole."""


class AskInput(TypedDict):
    """What the chain takes. `documents` limits the answer to these paths; None means all."""

    question: Question
    documents: Collection[str] | None


class SentenceRetriever(BaseRetriever):
    """A LangChain retriever whose documents are sentences, their place in the metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Any  # a Retriever; pydantic cannot check a protocol
    count: int = DEFAULT_COUNT

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        found: list[Evidence] = self.retriever.retrieve(parse_question(query), self.count)
        return [
            Document(
                id=f"{item.document}#{item.start}-{item.end}",
                page_content=item.sentence,
                metadata={
                    "document": item.document,
                    "title": item.title,
                    "start": item.start,
                    "end": item.end,
                    "page": item.page,
                    "score": item.score,
                    "passage": item.passage,
                },
            )
            for item in found
        ]


def build_chain(retriever: Retriever, answerer: Answerer) -> Runnable[AskInput, Delta]:
    """Return the chain from a question to its answer.

    `stream` yields deltas, `invoke` all of them added up: its `answer` is the answer.
    """

    def retrieve(asked: AskInput) -> tuple[Question, list[Evidence]]:
        question = asked["question"]
        return question, retriever.retrieve(question, answerer.evidence_count, asked["documents"])

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
