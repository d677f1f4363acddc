"""A model's stream -> its text and citation markers, which may be split across tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBERS = r"\d{1,3}(?:\s*(?:[,;]|[-\u2013]|and|&)\s*\^?\d{1,3})*"
_MARKER = re.compile(rf"\s*[\[\u3010]\s*\^?({_NUMBERS})\s*[\]\u3011]")
# Text that may become a marker when more text arrives. Longer runs are not markers.
_BEGUN = re.compile(r"\s*(?:[\[\u3010][\s\d,;&^\u2013and-]{0,30})?\Z")
_RANGE = re.compile(r"(\d{1,3})\s*[-\u2013]\s*\^?(\d{1,3})")
_MOST = 20  # sources per marker; otherwise a range could cite everything


@dataclass(frozen=True, slots=True)
class Marker:
    """A citation in a model's text, with the source numbers of the prompt."""

    numbers: tuple[int, ...]


class MarkerParser:
    """Splits a stream into text and markers. White space before a marker belongs to the marker.

    Text is yielded as soon as it can no longer be part of a marker.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> Iterator[str | Marker]:
        """Add text; yield the text and markers that are now complete."""
        self._held += text
        while match := _MARKER.search(self._held):
            if match.start():
                yield self._held[: match.start()]
            self._held = self._held[match.end() :]
            yield Marker(parse_numbers(match[1]))
        begun = _BEGUN.search(self._held)
        certain = begun.start() if begun else len(self._held)
        if certain:
            yield self._held[:certain]
            self._held = self._held[certain:]

    def close(self) -> Iterator[str]:
        """Yield the text that was held back. Call this at the end of the stream."""
        held, self._held = self._held, ""
        if held:
            yield held


def parse_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a marker without duplicates, with ranges expanded."""
    numbers: list[int] = []
    spread = _RANGE.sub(lambda m: _spread(int(m[1]), int(m[2])), text)
    for number in map(int, re.findall(r"\d+", spread)):
        if number not in numbers:
            numbers.append(number)
    return tuple(numbers[:_MOST])


def _spread(first: int, last: int) -> str:
    return ",".join(map(str, range(first, min(last, first + _MOST - 1) + 1)))
