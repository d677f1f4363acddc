"""Asks questions about tables without a search."""

from collections.abc import Callable

from rag.answers.computed import answer_by_calculating
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.evidence import make_evidence
from rag.types import NO_SIGNALS, Answer


def ask_tables(make_library: Callable[..., Library]) -> Callable[..., Answer | None]:
    """Return a function that asks with a row of each table as evidence."""

    def run(question: str, **texts: str) -> Answer | None:
        library = make_library(**texts)
        with library.snapshot() as snapshot:
            evidence = []
            for record in snapshot.documents:
                rows = snapshot.sentences_of(record.path)
                structure, base = snapshot.structure_around(rows.start)
                evidence += [
                    make_evidence(snapshot.sentence(base + group.last), NO_SIGNALS)
                    for group in structure.groups
                    if group.kind == "table"
                ]
            return answer_by_calculating(snapshot, parse_question(question), evidence)

    return run
