"""Stored sentences -> evidence, scored as they were found."""

from __future__ import annotations

from index import StoredSentence
from rag.types import Evidence, Signals


def make_evidence(
    stored: StoredSentence, signals: Signals, around: tuple[str, ...] = (), position: int = 0
) -> Evidence:
    """Return a stored sentence as evidence, scored as it was found."""
    return Evidence(
        document=stored.document.path,
        title=stored.document.title,
        start=stored.start,
        end=stored.end,
        sentence=stored.text,
        place=stored.place,
        score=signals.fused,
        readable=stored.readable,
        around=around or (stored.readable,),
        position=position,
        language=stored.document.language,
        row=stored.row,
        headings=stored.headings,
        marker=stored.marker,
        role=stored.role,
        signals=signals,
    )
