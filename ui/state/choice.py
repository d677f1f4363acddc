"""Which documents a visitor has ticked, that is: which are asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """The ticks in the list of documents.

    If `everything` is ticked, `exceptions` are the paths of documents that are not. If not, they
    are the only ones that are. So a document that arrives later is ticked where everything is.
    """

    everything: bool = True
    exceptions: frozenset[str] = frozenset()

    def select(self, paths: Iterable[str]) -> tuple[str, ...] | None:
        """Return those of the paths that are ticked, in their order; None if all of them are."""
        paths = tuple(paths)
        chosen = tuple(p for p in paths if (p in self.exceptions) != self.everything)
        return None if len(chosen) == len(paths) else chosen


def read_choice(sent: object) -> Choice:
    """Return the choice that the browser sent: JSON with "everything" and "exceptions".

    Whatever else it sends stands for all documents.
    """
    try:
        fields = json.loads(sent) if isinstance(sent, str) else None
    except ValueError:
        return Choice()
    if not isinstance(fields, dict) or not isinstance(fields.get("exceptions"), list):
        return Choice()
    exceptions = frozenset(each for each in fields["exceptions"] if isinstance(each, str))
    return Choice(fields.get("everything") is not False, exceptions)


ALL = json.dumps({"everything": True, "exceptions": []})
"""What the browser sends if all documents are ticked."""
