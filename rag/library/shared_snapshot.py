"""The published snapshot, shared by any number of threads, and followed as others publish."""

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

_LOOK_EVERY = 1.0  # seconds between looks at a server
_PATIENCE = 1.0  # seconds that one waits for what another thread does


class SharedSnapshot:
    """A new snapshot is moved to when it is published; who uses the old one keeps it until done.

    One thread opens the new one; those who ask meanwhile wait a moment for it, and if that is not
    enough go on with the old. With `followed`, the store is the copy of a server's, which is asked
    for what is new apart from anyone's question.
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
        """Go on with the same snapshot in a process that was forked, without other threads."""
        self._lock, self._opening, self._follower = Lock(), Lock(), None
        self._follow()

    @contextmanager
    def use(self) -> Iterator[Snapshot]:
        """Use the published snapshot. Raises `StoreError`, and `RuntimeError` once closed."""
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
        """Close what was replaced and nobody uses any more."""
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
        # Whoever published expects to be answered from that; but nobody waits for ever.
        if not self._opening.acquire(timeout=-1 if current is None else _PATIENCE):
            return
        try:
            if self._current is not current:
                return  # somebody has opened it
            opened = open_snapshot(self._store)
            with self._lock:
                if self._closed.is_set():  # meanwhile: nobody else would close it
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
        """Let go of what is open; what a thread still uses is closed when it has done."""
        with self._lock:
            self._closed.set()
            if self._current is not None:
                self._retired[self._current.id] = self._current
            self._current = None
        self._let_go()
        if self._follower is not None:
            self._follower.join(_PATIENCE)  # a server may keep it longer than anyone would wait
