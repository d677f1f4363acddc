"""Whether a chat model is shown all that it needs: `python -m benchmarks.contexts QUESTIONS SETS`.

QUESTIONS is a file of `benchmarks.user_questions`, SETS the folder of its sets of documents. The
share of the questions is printed for which the context holds every piece of the answer: Footnote's
context of at most 4,000 characters, with the lines of its documents and headings, and beside it the
four chunks of the LangChain tutorial (RecursiveCharacterTextSplitter, 1,000 characters, overlap
200). Both use the same texts, embedding model and questions; follow-ups are completed by the same
rules. The chunks that are nearest by cosine are computed exactly.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter

from benchmarks.tutorial import CHUNK, FOUND, OVERLAP
from benchmarks.user_questions import UserQuestion, open_sets, read_user_questions
from index import Encoder, PassageText, Snapshot
from rag.assistant import Assistant
from rag.generation.context import Context, build_context
from rag.generation.generative import GenerativeAnswerer
from rag.library.library import Library
from rag.questions.followups import resolve_question
from rag.questions.parse import Question, parse_question
from rag.retrieval.hybrid import HybridRetriever

_BUDGET = 4_000  # characters: as many as the tutorial's chunks have at most


@dataclass(frozen=True, slots=True)
class Shown:
    """What one question's context holds: every piece or not, and its number of characters."""

    question: UserQuestion
    ours: bool
    our_length: int
    chunks: bool
    chunk_length: int


class Chunks:
    """The chunks of a snapshot's documents, with their vectors."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder) -> None:
        splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
        self._encoder = encoder
        self._texts = [
            chunk
            for record in snapshot.documents
            for chunk in splitter.split_text(snapshot.read(record).text)
        ]
        passages = [PassageText(text, ((0, len(text)),)) for text in self._texts]
        self._vectors = encoder.encode_passages(passages)[0]

    def find(self, question: str) -> list[str]:
        """Return the chunks that are nearest to a question."""
        near = self._vectors @ self._encoder.encode_questions([question])[0]
        return [self._texts[int(number)] for number in np.argsort(-near)[:FOUND]]


def measure_contexts(library: Library, questions: Sequence[UserQuestion]) -> list[Shown]:
    """Return what the contexts of questions hold, of those that the documents answer."""
    shown = []
    with library.snapshot() as snapshot:
        encoder = library.models.encoder(snapshot)
        retriever = HybridRetriever(snapshot, encoder)
        chunks = Chunks(snapshot, encoder)
        for question in filter(lambda question: question.pieces, questions):
            resolved = _resolve(library, question)
            _, evidence = retriever.settle(resolved, GenerativeAnswerer.evidence_count)
            context = build_context(evidence, _BUDGET, snapshot)
            ours = [*_read_in_order(context)]
            theirs = chunks.find(resolved.text)
            shown.append(
                Shown(
                    question,
                    question.is_complete(ours),
                    len(context.render()),
                    question.is_complete(theirs),
                    sum(map(len, theirs)),
                )
            )
    return shown


def _read_in_order(context: Context) -> Iterator[str]:
    """Yield the headings and sentences of a context in its order, with the numbers of list items.

    The sentences are those of the documents, with markup, as the pieces are.
    """
    above: tuple[str, ...] = ()
    for item in context.sentences:
        if (item.document, *item.headings) != above:
            above = (item.document, *item.headings)
            yield " ".join(item.headings)
        yield f"{item.marker} {item.sentence}"


def _resolve(library: Library, question: UserQuestion) -> Question:
    assistant = Assistant(library=library)
    for earlier in question.history:
        assistant.ask(earlier)
    return resolve_question(parse_question(question.text), assistant.history)


def main() -> None:
    """Measure the files of the command line, and print a line per kind and per set."""
    if len(sys.argv) != 3:
        sys.exit("usage: python -m benchmarks.contexts QUESTIONS SETS")
    questions = read_user_questions(Path(sys.argv[1]))
    shown = [
        each
        for library, asked in open_sets(questions, Path(sys.argv[2]))
        for each in measure_contexts(library, asked)
    ]
    print(f"{'every piece shown':24}{'questions':>10}{'context':>10}{'chunks':>10}")
    for name, group in _group(shown):
        ours, theirs = fmean(s.ours for s in group), fmean(s.chunks for s in group)
        print(f"{name:24}{len(group):>10}{ours:>10.3f}{theirs:>10.3f}")
    for name, lengths in (
        ("context", [each.our_length for each in shown]),
        ("chunks", [each.chunk_length for each in shown]),
    ):
        print(f"characters, {name}: mean {fmean(lengths):,.0f}, most {max(lengths):,}")


def _group(shown: Sequence[Shown]) -> list[tuple[str, list[Shown]]]:
    groups: dict[str, list[Shown]] = {}
    for each in shown:
        for name in (f"kind {each.question.kind}", f"set {each.question.folder}", "total"):
            groups.setdefault(name, []).append(each)
    return sorted(groups.items())


if __name__ == "__main__":
    main()
