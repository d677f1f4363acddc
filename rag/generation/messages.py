"""What a chat model sends: the text of its chunks, its tokens, and whole short messages."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from rag.generation.chat_models import stream_message
from rag.types import Delta, Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def read_message(
    model: BaseChatModel, prompt: str, longest: int
) -> Generator[Delta, None, tuple[str, bool]]:
    """Return a short message of a model, and whether it is complete. Yields empty deltas meanwhile.

    A message of more than `longest` characters is ended there. Raises as `stream_message` does.
    """
    text = ""
    with closing(stream_message(model, prompt)) as chunks:
        for chunk in chunks:
            yield Delta()
            text += "" if chunk is None else get_text(chunk)
            if len(text) > longest:
                return text[:longest], False
    return text, True


def get_text(chunk: Any) -> str:
    """Return the text of a chunk. Some providers send lists of parts."""
    content = chunk.content
    if isinstance(content, str):
        return content
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)


def add_usage(spent: Usage, chunk: Any) -> Usage:
    """Return the tokens spent so far, with those that a chunk tells."""
    counted = getattr(chunk, "usage_metadata", None) or {}
    read, wrote = counted.get("input_tokens", 0), counted.get("output_tokens", 0)
    return spent + Usage(int(read), int(wrote))
