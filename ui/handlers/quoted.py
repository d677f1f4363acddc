"""Shows a citation that is not part of the conversation, such as one of a note."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr

from rag.settings import EXTRACTIVE
from rag.types import Answer, Citation
from ui.handlers.sources import SourceHandlers
from ui.state.conversation import Conversation, Exchange


def show_quoted(reads: SourceHandlers, citation: Citation, request: gr.Request) -> Any:
    """Return the outputs of `SourceHandlers.show_citation` for this one citation."""
    alone = replace(citation, number=1)
    answer = Answer("", "[1]", False, EXTRACTIVE, (alone,))
    click: Any = SimpleNamespace(_data={"turn": 0, "list": "cite", "number": 1})
    return reads.show_citation(Conversation((Exchange("", answer=answer),)), click, request)
