"""What an answer says of documents that contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class DifferingSide:
    """What one document says where documents differ: the numbers of its citations.

    `edition` is the date or version of the document, empty if it tells none.
    """

    citations: tuple[int, ...]
    edition: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Documents that contradict each other, in the order in which the answer quotes them.

    `kind` is "number", "date", "time" or "denial": one says that something is so, another denies
    it. The newest document is first, if all of them tell their date or version.
    """

    kind: str
    sides: tuple[DifferingSide, ...]

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Make a difference from its JSON values."""
        sides = (DifferingSide(tuple(s["citations"]), s["edition"]) for s in fields["sides"])
        return cls(fields["kind"], tuple(sides))
