"""Exports answers with references, as plain text or as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.settings import EXTRACTIVE
from rag.types import Answer
from ui.state.conversation import Exchange
from ui.views.answer_parts import Line, Part
from ui.views.exported import Section, list_exchanges, refer

_BACKTICKS = re.compile("`+")
_SPACES = re.compile(r"\s+")
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]()#+-!|<>~$&"})


def copy_answer(answer: Answer) -> str:
    """Return an answer as plain text, followed by a numbered list of its sources.

    Sentences that the answer quotes are not repeated there.
    """
    lines = [answer.text]
    if answer.citations:
        told = answer.model == EXTRACTIVE
        lines += ["", *(f"[{each.number}] {refer(each, told=told)}" for each in answer.citations)]
    return "\n".join(lines)


def write_conversation(exchanges: Sequence[Exchange]) -> str:
    """Return a conversation as Markdown."""
    return write_markdown("Conversation", list_exchanges(exchanges, "No answer."))


def write_markdown(title: str, sections: Sequence[Section]) -> str:
    """Return questions and answers as Markdown; citations are footnotes.

    Text from documents is escaped, so it cannot create links or other Markdown.
    """
    parts = [f"# {_escape(title)}"]
    references: list[str] = []
    for turn, section in enumerate(sections, 1):
        parts += [f"## {_escape(section.heading)}", _write_parts(section.parts, turn)]
        if section.remark:
            parts.append(f"> {_escape(section.remark)}")
        if section.answer is not None:
            references += _write_references(section.answer, turn)
    return "\n\n".join([*parts, "\n".join(references)]).rstrip() + "\n"


def _write_parts(parts: Iterable[Part], turn: int) -> str:
    return "\n\n".join(_write_part(part, turn) for part in parts)


def _write_part(part: Part, turn: int) -> str:
    lines = [_write_line(line, turn) for line in part.lines]
    if part.kind == "bullets":
        return "\n".join(f"- {line}" for line in lines)
    if part.kind == "numbers":
        numbered = zip(part.numbers, lines, strict=True)
        return "\n".join(f"{number}. {line}" for number, line in numbered)
    if part.kind == "code":
        longest = max((len(run) for run in _BACKTICKS.findall(part.code)), default=0)
        fence = "`" * max(3, longest + 1)
        return "\n\n".join(["\n".join([fence, part.code, fence]), *lines])
    return "  \n".join(lines)


def _write_line(line: Line, turn: int) -> str:
    return "".join(
        f"[^{turn}-{piece.citation.number}]" if piece.citation else _escape_piece(piece.text)
        for piece in line
    ).strip()


def _write_references(answer: Answer, turn: int) -> list[str]:
    told = answer.model == EXTRACTIVE
    return [
        f"[^{turn}-{each.number}]: {_escape(refer(each, told=told))}" for each in answer.citations
    ]


def _escape(text: str) -> str:
    return _escape_piece(text).strip()


def _escape_piece(text: str) -> str:
    """Escape a part of a line. Spaces at both ends stay, because other parts may follow."""
    return _SPACES.sub(" ", text).translate(_MARKDOWN)
