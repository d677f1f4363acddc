"""What a chat model sends: the text of its chunks, its tokens, and whole short messages."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.generation.chat_models import stream_message
from rag.types import Delta
from rag.usage import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_CHARACTERS_PER_TOKEN = 4  # of English, roughly, whatever the model


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


def estimate_usage(told: Usage, prompt: str, received: int) -> Usage:
    """Return the tokens of a text that was stopped, after `received` characters.

    What the provider has `told` until then counts, if it is more.
    """
    read = told.input_tokens or len(prompt) // _CHARACTERS_PER_TOKEN
    wrote = max(told.output_tokens, received // _CHARACTERS_PER_TOKEN)
    return replace(told, input_tokens=read, output_tokens=wrote, estimated=True)


def add_usage(spent: Usage, chunk: Any) -> Usage:
    """Return the tokens spent so far, with those that a chunk tells."""
    counted = getattr(chunk, "usage_metadata", None) or {}
    read, wrote = counted.get("input_tokens", 0), counted.get("output_tokens", 0)
    return spent + Usage(int(read), int(wrote))
