"""Renders the overview of a document as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from rag.library.documents import show_sentence
from rag.overview import Overview
from ui.views.html import render
from ui.views.wording import ENGLISH, Wording


def render_overview(
    overview: Overview, questions: Sequence[str] | None = None, say: Wording = ENGLISH
) -> str:
    """Return the overview of a document, and the questions that it answers.

    `questions` is None while these are being looked for. `ui/scripts/notes.js` puts the overview
    into the reader.
    """
    return render(
        "overview.html",
        say,
        overview=overview,
        questions=questions,
        sentence=lambda citation: show_sentence(citation.document, citation.sentence),
    )
