"""An index that lives in its folder only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from index.chroma.collections import LocalCollections
from index.files.layout import SegmentLayout
from index.files.manifest import Manifest
from index.shared_store import VectorSearch
from index.types import OnWait


class LocalOnly:
    """The `Remote` of a folder whose index is its own: there is nothing to exchange."""

    is_copy = False
    searches = False

    def __init__(self, store: Path) -> None:
        self.store = store
        self.name = str(store)

    def open_vectors(self, layout: SegmentLayout) -> VectorSearch:
        """Return the search in the segment's own Chroma store."""
        return LocalCollections(layout)

    def pull(self) -> bool:
        """Do nothing."""
        return False

    def fetch(self, snapshot: str) -> bool:
        """Do nothing."""
        return False

    def fetch_manifest(self, snapshot: str) -> Manifest | None:
        """Do nothing."""
        return None

    def fetch_segment(self, segment: str) -> bool:
        """Do nothing."""
        return False

    def push(self, segment: str, *, anew: bool = False) -> None:
        """Do nothing."""

    def publish(self, snapshot: str) -> None:
        """Do nothing."""

    def check(self, segment: str) -> list[str]:
        """Report nothing."""
        return []

    def collect(self, kept: Collection[str], segments: Collection[str]) -> None:
        """Do nothing."""

    @contextmanager
    def hold_lease(self, on_wait: OnWait | None) -> Iterator[bool]:
        """Do nothing: the folder's writer lock is enough."""
        yield False
