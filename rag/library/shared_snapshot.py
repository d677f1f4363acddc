"""The published snapshot, shared by all threads and replaced when a new one is published."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread

from index import (
    FootnoteError,
    Snapshot,
    current_id,
    open_snapshot,
    refresh,
    trim_memory,
    watch_forks,
)

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0  # seconds between checks of the server
_PATIENCE = 1.0  # seconds to wait for another thread


class SharedSnapshot:
    """Opens a new snapshot when it is published. An old one stays open while it is used.

    One thread opens the new snapshot. Other threads wait for it for a short time, and then use the
    old one. With `followed`, the store is the local copy of a server's index, and a background
    thread checks the server for new snapshots.
    """

    def __init__(self, store: Path, *, followed: bool = False) -> None:
        self._store = store
        self._followed = followed
        self._lock = Lock()
        self._opening = Lock()
        self._current: Snapshot | None = None
        self._users: Counter[str] = Counter()
        self._retired: dict[str, Snapshot] = {}
        self._closed = Event()
        self._follower: Thread | None = None
        watch_forks(self)

    def renew_after_fork(self) -> None:
        """Keep the snapshot in a forked process, and replace locks and the background thread."""
        self._lock, self._opening, self._follower = Lock(), Lock(), None
        self._follow()

    @contextmanager
    def use(self) -> Iterator[Snapshot]:
        """Use the published snapshot. Raises `StoreError`, and `RuntimeError` after `close`."""
        self._refresh()
        with self._lock:
            snapshot = self._current
            if snapshot is None:
                raise RuntimeError("the library is closed")
            self._users[snapshot.id] += 1
        try:
            yield snapshot
        finally:
            with self._lock:
                self._users[snapshot.id] -= 1
            self._let_go()

    def _let_go(self) -> None:
        """Close replaced snapshots that are no longer used."""
        with self._lock:
            unused = [name for name in self._retired if not self._users[name]]
            closed = [self._retired.pop(name) for name in unused]
            for name in unused:
                del self._users[name]
        for snapshot in closed:
            snapshot.close()
            trim_memory()

    def _refresh(self) -> None:
        current = self._current
        if self._closed.is_set():
            return
        if current is not None and current_id(self._store) == current.id:
            return
        # After a publication, answers should use the new snapshot, but the wait is limited.
        if not self._opening.acquire(timeout=-1 if current is None else _PATIENCE):
            return
        try:
            if self._current is not current:
                return  # another thread has opened it
            opened = open_snapshot(self._store)
            with self._lock:
                if self._closed.is_set():  # closed meanwhile: no other thread would close it
                    opened.close()
                    return
                self._current = opened
                if current is not None:
                    self._retired[current.id] = current
            self._let_go()
            self._follow()
        finally:
            self._opening.release()

    def _follow(self) -> None:
        if not self._followed or self._follower is not None:
            return

        def run() -> None:
            while not self._closed.wait(_LOOK_EVERY):
                try:
                    refresh(self._store)
                except FootnoteError as error:
                    log.warning("%s", error)

        self._follower = Thread(target=run, daemon=True)
        self._follower.start()

    def close(self) -> None:
        """Close the snapshot. If a thread still uses it, it is closed when that thread is done."""
        with self._lock:
            self._closed.set()
            if self._current is not None:
                self._retired[self._current.id] = self._current
            self._current = None
        self._let_go()
        if self._follower is not None:
            self._follower.join(_PATIENCE)  # a slow server may delay it
