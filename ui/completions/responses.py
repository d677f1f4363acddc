"""Answers as objects of OpenAI's chat protocol: a completion, the chunks of a stream, models.

Besides the fields of the protocol they have fields of Footnote, which clients ignore that do not
know them: `citations`, as in `rag ask --json`, `refused`, `confidence`, `notice`, `searches`, and
`answer_model`, which says who wrote the answer.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from rag.types import Answer
from ui.completions.content import cites, escape_markdown, find_stable_end, write_content

MODEL = "footnote"
"""The name of the only model."""

DONE = "data: [DONE]\n\n"
"""The end of a stream."""

WAITING = ": waiting\n\n"
"""A comment of a stream, which keeps the connection open."""

_REPLACED = "\n\n---\n\n"  # between a text that failed and its replacement


@dataclass(frozen=True, slots=True)
class Completion:
    """The message of one request. `key` names it, `created` is its time in seconds."""

    key: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_urlsafe(16)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def write(self, answer: Answer) -> dict[str, Any]:
        """Return the whole completion."""
        message = {"role": "assistant", "content": write_content(answer), "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {
            **self._begin("chat.completion"),
            "choices": [choice],
            "usage": _write_usage(answer),
            **_write_extra(answer),
        }

    def write_chunk(self, content: str = "", *, role: bool = False) -> str:
        """Return a chunk of the message as an event of the stream."""
        delta = {"role": "assistant"} if role else {}
        return self._write_event({"delta": delta | {"content": content}, "finish_reason": None})

    def write_end(self, answer: Answer, *, usage: bool) -> str:
        """Return the last chunk, with the fields of Footnote. `usage` adds a chunk with tokens."""
        end = self._write_event({"delta": {}, "finish_reason": "stop"}, **_write_extra(answer))
        if usage:
            begin = self._begin("chat.completion.chunk")
            end += write_event({**begin, "choices": [], "usage": _write_usage(answer)})
        return end

    def _begin(self, kind: str) -> dict[str, Any]:
        return {"id": self.key, "object": kind, "created": self.created, "model": MODEL}

    def _write_event(self, choice: dict[str, Any], **extra: Any) -> str:
        choice = {"index": 0, "logprobs": None, **choice}
        return write_event({**self._begin("chat.completion.chunk"), "choices": [choice], **extra})


@dataclass(slots=True)
class StreamedText:
    """The text of a stream, to which a client can only append.

    If no document supports a chat model's text, quotations replace it, and the answer starts again.
    So a chat model's text is not sent before its first sentence with a citation.
    """

    written: bool
    """Whether a chat model writes. Quotations are sent whole, with the short answer in bold."""
    _text: str = ""
    _sent: str = ""

    def add(self, text: str, *, restart: bool) -> str:
        """Add a piece of the answer. Returns what can be sent now."""
        self._text = text if restart else self._text + text
        self.written = self.written and not restart
        if not self.written or not cites(self._text):
            return ""
        known = escape_markdown(self._text[: find_stable_end(self._text)])
        piece = known[len(self._sent) :]
        self._sent += piece
        return piece

    def finish(self, answer: Answer) -> str:
        """Return the rest of the message: of the text, and the sources."""
        whole = write_content(answer)
        if whole.startswith(self._sent):
            return whole[len(self._sent) :]
        return _REPLACED + whole  # the chat model failed during the answer


def write_event(value: dict[str, Any]) -> str:
    """Return an event of a stream (server-sent events, as defined in the HTML standard)."""
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def list_models() -> dict[str, Any]:
    """Return the list of models."""
    return {"object": "list", "data": [describe_model()]}


def describe_model() -> dict[str, Any]:
    """Return the description of the only model."""
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


def _write_extra(answer: Answer) -> dict[str, Any]:
    return {
        "citations": [citation.to_dict() for citation in answer.citations],
        "refused": answer.refused,
        "confidence": answer.confidence,
        "notice": answer.notice,
        "searches": list(answer.searches),
        "answer_model": answer.model,
    }


def _write_usage(answer: Answer) -> dict[str, int]:
    """Return the tokens of a chat model; 0 for quotations."""
    read = answer.usage.input_tokens if answer.usage else 0
    wrote = answer.usage.output_tokens if answer.usage else 0
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
