"""Evidence -> citations, each checked against its document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

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
