"""Evidence -> Citations, each checked against the text that it claims to quote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from index import Document, StoreBrokenError
from rag.types import Citation, Evidence

FindDocument = Callable[[str], Document | None]


def cite_evidence(evidence: Iterable[Evidence]) -> tuple[Citation, ...]:
    """Number evidence from 1, in the order given."""
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


def order_for_reading(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence document by document, the first one's first, each in its own order."""
    order = {item.document: rank for rank, item in reversed(list(enumerate(evidence)))}
    return sorted(evidence, key=lambda item: (order[item.document], item.start))


def check_citations(citations: Iterable[Citation], find: FindDocument) -> None:
    """Compare every citation with its document, read anew from the index.

    Raises `StoreBrokenError` rather than let a wrong citation out.
    """
    for citation in citations:
        document = find(citation.document)
        if document is None or document.text[citation.start : citation.end] != citation.sentence:
            raise StoreBrokenError(
                f"the index does not hold what it cites from {citation.document}",
                "run `rag doctor`",
            )
