"""Answers -> text to take along: with references, as plain text or as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.types import Answer, Citation
from ui.conversation import Exchange

_MARK = re.compile(r" ?\[(\d+)\]")
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]()#+-!|<>~$&"})


def copy_answer(answer: Answer) -> str:
    """Return an answer as plain text, with the list of what its numbers stand for."""
    lines = [answer.text]
    if answer.citations:
        lines += ["", *(f"[{each.number}] {_refer(each)}" for each in answer.citations)]
    return "\n".join(lines)


def write_conversation(exchanges: Sequence[Exchange]) -> str:
    """Return a conversation as Markdown; citations are footnotes.

    Whatever stands in the documents is escaped: it is shown, and links to nothing.
    """
    parts = ["# Conversation"]
    references: list[str] = []
    for turn, each in enumerate(exchanges, 1):
        parts.append(f"## {_escape(each.question)}")
        if each.answer is None:
            parts.append(_escape(each.error or each.text or "No answer."))
            continue
        parts.append(_write_text(each.answer, turn))
        references += _write_references(each.answer.citations, turn)
    return "\n\n".join([*parts, "\n".join(references)]).rstrip() + "\n"


def _write_text(answer: Answer, turn: int) -> str:
    known = {citation.number for citation in answer.citations}
    pieces = _MARK.split(answer.text)
    text = _escape(pieces[0])
    for number, after in zip(map(int, pieces[1::2]), pieces[2::2], strict=True):
        text += f"[^{turn}-{number}]" if number in known else _escape(f" [{number}]")
        text += _escape(after)
    return text


def _write_references(citations: Iterable[Citation], turn: int) -> list[str]:
    return [f"[^{turn}-{each.number}]: {_escape(_refer(each))}" for each in citations]


def _refer(citation: Citation) -> str:
    place = ", ".join(filter(None, (citation.title, citation.place)))
    sentence = " ".join(citation.sentence.split())
    span = f"{citation.document}, characters {citation.start} to {citation.end}"
    return f"{place} ({span}): \u201c{sentence}\u201d"


def _escape(text: str) -> str:
    return " ".join(text.split()).translate(_MARKDOWN) if text.strip() else text
