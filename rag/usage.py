"""What a chat model's answer costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """The cost of a chat model's answer: tokens as its provider counts them, and seconds.

    `estimated` says that some tokens are not counted but estimated: the provider tells them at the
    end of a text, and it was stopped before.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        """Return the cost of two requests together."""
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.seconds + other.seconds,
            self.estimated or other.estimated,
        )
