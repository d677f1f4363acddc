"""The assistant: a conversation about the documents of a store. Connects all stages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Generator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from index import Snapshot
from rag.answers.citations import check_citations
from rag.answers.extractive import ExtractiveAnswerer, split_answer
from rag.answers.reading import gather_reading
from rag.answers.summaries import answer_request
from rag.answers.units import UnitFinder
from rag.concurrency.streams import iterate_in_threads
from rag.errors import QuestionError
from rag.generation.decomposition import decompose_question
from rag.generation.generative import GenerativeAnswerer
from rag.generation.rewriting import rewrite_question
from rag.generation.templates import load_templates
from rag.library.documents import choose_documents
from rag.library.library import Library
from rag.questions.followups import resolve_question
from rag.questions.intents import recognise_request
from rag.questions.parse import Question, parse_question
from rag.questions.smalltalk import recognise_small_talk
from rag.retrieval.duplicates import fold_duplicates
from rag.retrieval.hybrid import DEFAULT_COUNT, HybridRetriever
from rag.retrieval.readings import compare_texts
from rag.settings import load_settings
from rag.types import Answer, Delta, Evidence, Turn

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.runnables import Runnable

    from rag.langchain import Answerer

_CHOSEN = 1_000  # names that one question may be limited to, if there are fewer documents
_SEARCHED = ExtractiveAnswerer.evidence_count  # a search ranks the sentences that answers do
_HISTORY = 10  # turns that are kept; a follow-up needs only the last one


class Assistant:
    """Answers questions about an indexed folder, and remembers what was asked.

    `store` is the folder of the index, by default the configured one; `settings` are those of
    `Settings`. One conversation each, which may go on from a `history`; for many at once make many
    with one `library`, each with a `chat_model` of its own if need be.
    """

    def __init__(
        self,
        store: str | Path | None = None,
        *,
        library: Library | None = None,
        history: Sequence[Turn] = (),
        chat_model: str | None = None,
        **settings: Any,
    ) -> None:
        self._owns_library = library is None
        self._library = library or Library(load_settings(store=store, **settings))
        self._chat_name = chat_model or self._library.settings.chat_model
        self._library.models.chat(self._chat_name)  # raises its errors now
        self._templates = load_templates(self._library.settings.prompts)
        self._history = list(history)

    @property
    def _chat(self) -> BaseChatModel | None:
        return self._library.models.chat(self._chat_name)

    def ask(self, question: str, documents: Collection[str] | None = None) -> Answer:
        """Answer a question, from some documents only if their paths or names are given.

        Raises `QuestionError`, `UnknownDocumentError`, `StoreError` or `ModelError`.
        """
        *_, last = self.stream(question, documents)
        return last.require_answer()

    def stream(
        self, question: str, documents: Collection[str] | None = None
    ) -> Generator[Delta, None, None]:
        """Yield the answer in pieces; the last delta contains the whole answer. Raises as `ask`.

        Empty deltas come while a chat model is waited for. Closed before its end, it lets go of
        the question, and of the chat model's request.
        """
        parsed = parse_question(question)
        told = [turn for turn in self._history if recognise_small_talk(turn.question) is None]
        with self._library.snapshot() as snapshot:
            standalone = yield from self._resolve(parsed, told, snapshot)  # without small talk
            for delta in self._answer(parsed, standalone, snapshot, documents):
                if delta.answer is None:
                    yield delta
                    continue
                check_citations((*delta.answer.citations, *delta.answer.closest), snapshot.document)
                settled = delta.answer.question  # the reading that was answered
                answer = replace(delta.answer, question=parsed.text)
                self._history = [*self._history, Turn(parsed.text, settled, answer)][-_HISTORY:]
                yield Delta(answer=answer)

    def _answer(
        self,
        question: Question,
        standalone: Question,
        snapshot: Snapshot,
        documents: Collection[str] | None,
    ) -> Iterator[Delta]:
        chosen = _choose(snapshot, documents)
        request = recognise_request(
            question.text,
            [r for r in snapshot.documents if chosen is None or r.path in chosen],
            written=self._chat is not None,
        )
        if request is None:
            return self._ask_documents(standalone, snapshot, chosen)
        quote = partial(answer_request, request, question.text, snapshot)
        if not request.writable or self._chat is None:
            return split_answer(quote())
        writer = self._writer(self._chat, snapshot)
        reading = gather_reading(request.documents, snapshot, writer.room)
        if request.kind == "comparison":
            search = partial(self._quote, standalone, snapshot, chosen)
            return writer.compare(question, reading, search)
        return writer.summarise(question, reading, quote)

    def _quote(
        self, question: Question, snapshot: Snapshot, documents: Collection[str] | None
    ) -> Answer:
        """Return the quoted answer to a question, as it is without a chat model."""
        answerer = ExtractiveAnswerer(snapshot)
        found = self._retriever(snapshot).settle(question, answerer.evidence_count, documents)
        return answerer.quote(*found)

    def _ask_documents(
        self, standalone: Question, snapshot: Snapshot, documents: Collection[str] | None
    ) -> Iterator[Delta]:
        from rag.langchain import build_chain

        asked = yield from self._split(standalone)
        searches = () if asked is standalone else tuple(part.text for part in asked.parts)
        chain = build_chain(self._retriever(snapshot), self._answerer(snapshot))
        for delta in chain.stream({"question": asked, "documents": documents}):
            answer = delta.answer and replace(delta.answer, searches=searches)
            yield replace(delta, answer=answer)

    def _split(self, question: Question) -> Generator[Delta, None, Question]:
        if self._chat is None or not self._library.settings.split_questions:
            return question
        return (yield from decompose_question(question, self._chat, self._templates))

    def _resolve(
        self, question: Question, history: Sequence[Turn], snapshot: Snapshot
    ) -> Generator[Delta, None, Question]:
        if self._chat is None:
            return resolve_question(question, history, partial(self._compare, snapshot))
        return (yield from rewrite_question(question, history, self._chat, self._templates))

    def _compare(self, snapshot: Snapshot, text: str, others: Sequence[str]) -> list[float]:
        # The model is loaded only here: most questions, and greetings, compare nothing.
        return compare_texts(self._library.models.encoder(snapshot), text, others)

    def _answerer(self, snapshot: Snapshot) -> Answerer:
        return (
            ExtractiveAnswerer(snapshot)
            if self._chat is None
            else self._writer(self._chat, snapshot)
        )

    def _writer(self, chat: BaseChatModel, snapshot: Snapshot) -> GenerativeAnswerer:
        return GenerativeAnswerer(
            chat,
            self._chat_name,
            self._library.models.encoder(snapshot),
            self._templates,
            strict=self._library.settings.strict,
            support=self._library.settings.claim_support,
            snapshot=snapshot,
        )

    async def aask(self, question: str, documents: Collection[str] | None = None) -> Answer:
        """The same as `ask`, without blocking the event loop."""
        return await asyncio.to_thread(self.ask, question, documents)

    async def astream(
        self, question: str, documents: Collection[str] | None = None
    ) -> AsyncIterator[Delta]:
        """The same as `stream`, without blocking the event loop."""
        async with aclosing(iterate_in_threads(self.stream(question, documents))) as deltas:
            async for delta in deltas:
                yield delta

    def search(
        self,
        question: str,
        k: int = DEFAULT_COUNT,
        documents: Collection[str] | None = None,
    ) -> list[Evidence]:
        """Return the `k` best sentences for a question, best first.

        Sentences that an answer quotes together, such as the items of a list, stand together.
        """
        parsed = parse_question(question)
        with self._library.snapshot() as snapshot:
            chosen = _choose(snapshot, documents)
            found = self._retriever(snapshot).retrieve(parsed, max(k, _SEARCHED), chosen)
            return UnitFinder(snapshot).gather(parsed, fold_duplicates(found), k)

    def _retriever(self, snapshot: Snapshot) -> HybridRetriever:
        models, gate = self._library.models, self._library.gate
        return HybridRetriever(snapshot, models.encoder(snapshot), models.reranker(), gate)

    def as_retriever(self, k: int = DEFAULT_COUNT) -> BaseRetriever:
        """Return a LangChain retriever of the `k` best sentences; see `SentenceRetriever`.

        Each call searches the snapshot that is published then. Raises as `search` does.
        """
        from rag.langchain import SentenceRetriever

        return SentenceRetriever(search=self.search, k=k)

    def as_runnable(self) -> Runnable[str, Answer]:
        """Return a LangChain runnable: question in, `Answer` out. Raises as `ask` does.

        Callbacks, tags and metadata of its config reach the chat model. Every question is
        answered on its own, outside this conversation, so that `batch` can run many at once.
        """
        from rag.langchain import build_runnable

        library, chat = self._library, self._chat_name
        return build_runnable(
            lambda question: Assistant(library=library, chat_model=chat).stream(question)
        )

    @property
    def history(self) -> tuple[Turn, ...]:
        """The conversation so far."""
        return tuple(self._history)

    def reset(self) -> None:
        """Forget the conversation."""
        self._history = []

    def close(self) -> None:
        """Close the index, if this assistant opened it."""
        if self._owns_library:
            self._library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _choose(snapshot: Snapshot, names: Collection[str] | None) -> frozenset[str] | None:
    """Return the paths of the chosen documents; None for all."""
    if names is None:
        return None
    most = max(_CHOSEN, len(snapshot.documents))
    if len(names) > most:
        raise QuestionError(
            f"{len(names):,} documents are named at once", f"name at most {most:,}, or ask all"
        )
    return frozenset(record.path for record in choose_documents(snapshot.documents, names))


def answer(
    question: str,
    *,
    store: str | Path | None = None,
    documents: Collection[str] | None = None,
) -> Answer:
    """Answer one question from the configured store, or from some of its documents only.

    Raises `QuestionError`, `UnknownDocumentError`, `StoreError`, `ModelError` or `ChatModelError`,
    all of which are `FootnoteError`.
    """
    with Assistant(store) as assistant:
        return assistant.ask(question, documents)
