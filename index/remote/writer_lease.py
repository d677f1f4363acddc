"""The writer lease: one writer of a shared index at a time, on whatever machine it runs.

A lease is an entry with a number that was not used before. Its holder renews it, and marks it as
free when it is done. The next writer creates the next number: when the lease is free, or when it
has not been renewed for `LOST_AFTER` seconds. A holder that was only paused may then still run.
It fails when it publishes at the latest; see `index.remote.pointer`.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from index.errors import StoreBusyError, StoreError, one_line
from index.files.names import read_number
from index.shared_store import Data, SharedStore

_PREFIX = "footnote-writer-"
RENEWED_EVERY = 3.0  # seconds
LOST_AFTER = 20.0  # seconds without a renewal, on the clock of the process that waits
_LOOK_EVERY = 0.3  # seconds
_LONGEST = 200  # characters of a holder's name


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that this process has taken; `waited` says whether it had to wait for another."""

    shared: SharedStore
    name: str
    waited: bool

    def is_held(self) -> bool:
        """Whether no other process has taken it over. Raises `StoreError`."""
        return self.shared.find(self.name) is not None


@contextmanager
def hold_lease(
    shared: SharedStore, copy: str, on_wait: Callable[[str], None] | None
) -> Iterator[Lease]:
    """Be the one writer.

    `copy` is the name of the folder whose writer lock the caller holds: a lease of that name
    belongs to a dead process. Raises `StoreBusyError`, naming the holder, without `on_wait`.
    """
    name, waited = _acquire(shared, copy, on_wait)
    done = Event()
    keeper = Thread(target=_renew, args=(shared, name, copy, done), daemon=True)
    keeper.start()
    try:
        yield Lease(shared, name, waited)
    finally:
        done.set()
        keeper.join()
        with suppress(StoreError):  # without the mark, it is taken over when it expires
            _change(shared, name, _describe(copy) | {"free": True})


def _acquire(
    shared: SharedStore, copy: str, on_wait: Callable[[str], None] | None
) -> tuple[str, bool]:
    """Return the name of a new lease, and whether another holder was waited for."""
    waited = False
    seen: tuple[str, object] | None = None
    since = 0.0
    while True:
        held = _list(shared)
        newest = max(held, default=None)
        if newest is None:
            number = 1
        else:
            data = held[newest]
            number = read_number(newest, _PREFIX) + 1
            if seen != (newest, data.get("beat")):
                seen, since = (newest, data.get("beat")), time.monotonic()
            dead = data.get("free") or data.get("replica") == copy
            if not dead and time.monotonic() - since < LOST_AFTER:
                _wait(shared, data, None if waited else on_wait, given=on_wait is not None)
                waited = True
                continue
        name = f"{_PREFIX}{number:010}"
        if shared.create(name, _describe(copy)) is not None:
            for old in held:
                shared.delete(old)
            return name, waited


def _list(shared: SharedStore) -> Mapping[str, Mapping[str, Any]]:
    """Return the data of all leases by name.

    Raises `StoreBrokenError` for a name that this program does not make.
    """
    held = shared.list_entries(_PREFIX)
    for name in held:
        read_number(name, _PREFIX)
    return held


def _wait(
    shared: SharedStore,
    data: Mapping[str, Any],
    on_wait: Callable[[str], None] | None,
    *,
    given: bool,
) -> None:
    holder = one_line(str(data.get("holder") or "another process"))[:_LONGEST]
    if not given:
        raise StoreBusyError(
            f"the index on {shared.url} is being written by {holder}",
            "wait until it is done",
        )
    if on_wait is not None:
        on_wait(holder)
    time.sleep(_LOOK_EVERY)


def _describe(copy: str) -> dict[str, str | bool]:
    """Return the data of a lease. `beat` is new at each renewal."""
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    return {"holder": holder[:_LONGEST], "replica": copy, "beat": uuid4().hex}


def _renew(shared: SharedStore, name: str, copy: str, done: Event) -> None:
    while not done.wait(RENEWED_EVERY):
        with suppress(StoreError):  # the next renewal may succeed
            _change(shared, name, _describe(copy))


def _change(shared: SharedStore, name: str, data: Data) -> None:
    entry = shared.find(name)
    if entry is not None:  # otherwise it was taken over
        entry.change(data)
