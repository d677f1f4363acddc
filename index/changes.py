"""What an update will change, and what it has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from index.types import Failure


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes that an update will make, as paths. `moved` pairs old and new paths.

    `excluded` are files that are skipped because the user removed them from the index. `failures`
    are files of which it is known that they cannot be indexed.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.added or self.changed or self.moved or self.removed)

    def without(self, paths: Iterable[str]) -> Plan:
        """Return the plan as it was carried out, without the new and changed files in `paths`."""
        out = set(paths)
        return replace(
            self,
            added=tuple(path for path in self.added if path not in out),
            changed=tuple(path for path in self.changed if path not in out),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an update. `left` counts files that were left for the next update.

    `plan` is the plan as it was carried out. `failures` are all files that are not indexed;
    `new_failures` are those of which the index did not know before. `snapshot` is the id of the
    published snapshot. `documents`, `sentences` and `passages` count what it holds; `embedded`
    counts the passages that this update embedded.
    `remarks` pairs paths with the new remarks about these documents.
    `advice` is a line that says how another embedding model would serve better, if one would.
    """

    plan: Plan
    failures: tuple[Failure, ...]
    snapshot: str
    documents: int
    sentences: int
    passages: int
    embedded: int
    advice: str = ""
    new_failures: tuple[Failure, ...] = ()
    left: int = 0
    remarks: tuple[tuple[str, str], ...] = ()
