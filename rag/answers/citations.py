"""Evidence -> citations, each checked against its document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from itertools import count

from index import Document, StoreBrokenError
from rag.types import Citation, Evidence

FindDocument = Callable[[str], Document | None]


def cite_evidence(evidence: Iterable[Evidence]) -> tuple[Citation, ...]:
    """Return citations of the evidence, numbered from 1 in the given order."""
    return tuple(
        Citation(
            number=number,
            document=item.document,
            title=item.title,
            start=item.start,
            end=item.end,
            sentence=item.sentence,
            **asdict(item.place),
        )
        for number, item in enumerate(evidence, 1)
    )


def number_citations(
    citations: Iterable[Citation], known: Sequence[Citation]
) -> tuple[Citation, ...]:
    """Return citations with the numbers that their sentences have among `known`, or the next ones.

    The numbers of `known` are 1, 2, and so on.
    """
    numbers = {_find_place(citation): citation.number for citation in known}
    new = count(len(known) + 1)
    return tuple(
        replace(citation, number=numbers.get(_find_place(citation)) or next(new))
        for citation in citations
    )


def _find_place(citation: Citation) -> tuple[str, int, int]:
    return citation.document, citation.start, citation.end


def order_for_reading(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence grouped by document, in document order within each group.

    The document of the first item comes first.
    """
    order = {item.document: rank for rank, item in reversed(list(enumerate(evidence)))}
    return sorted(evidence, key=lambda item: (order[item.document], item.start))


def check_citations(citations: Iterable[Citation], find: FindDocument) -> None:
    """Compare every citation with its document in the index.

    `find` returns the document of a path. Raises `StoreBrokenError` if a citation differs, so that
    no wrong citation is shown.
    """
    for citation in citations:
        document = find(citation.document)
        if document is None or document.text[citation.start : citation.end] != citation.sentence:
            raise StoreBrokenError(
                f"the index does not hold what it cites from {citation.document}",
                "run `rag doctor`",
            )
