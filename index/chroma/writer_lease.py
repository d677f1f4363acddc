"""One writer at a time on a server, whatever machine it runs on.

The holder has made a record of a number that no other has, renews it, and says when it is done.
Its successor makes the next number, also when it is no longer renewed. A holder whose lease
expired fails at the latest when it publishes; see `index.chroma.pointer`.
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

from index.chroma.client import Connection
from index.errors import StoreBusyError, StoreError, one_line
from index.files.names import read_number

_PREFIX = "footnote-writer-"
RENEWED_EVERY = 3.0  # seconds
LOST_AFTER = 20.0  # seconds without a renewal, on the clock of whoever waits
_LOOK_EVERY = 0.3
_LONGEST = 200  # characters of a holder's name


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was taken; `waited` says whether somebody else had it before."""

    connection: Connection
    name: str
    waited: bool

    def is_held(self) -> bool:
        """Whether nobody has taken it over. Raises `StoreError`."""
        return self.connection.find(self.name) is not None


@contextmanager
def hold_lease(
    connection: Connection, replica: str, on_wait: Callable[[str], None] | None
) -> Iterator[Lease]:
    """Be the one writer.

    `replica` is the folder whose writer lock the caller holds: a lease of its name is a dead
    process's. Raises `StoreBusyError`, naming the holder, without `on_wait`.
    """
    name, waited = _acquire(connection, replica, on_wait)
    done = Event()
    keeper = Thread(target=_renew, args=(connection, name, replica, done), daemon=True)
    keeper.start()
    try:
        yield Lease(connection, name, waited)
    finally:
        done.set()
        keeper.join()
        with suppress(StoreError):  # it is taken over then
            _change(connection, name, _describe(replica) | {"free": True})


def _acquire(
    connection: Connection, replica: str, on_wait: Callable[[str], None] | None
) -> tuple[str, bool]:
    waited = False
    seen: tuple[str, object] | None = None
    since = 0.0
    while True:
        held = _list(connection)
        newest = max(held, default=None)
        if newest is None:
            number = 1
        else:
            data = held[newest]
            number = read_number(newest, _PREFIX) + 1
            if seen != (newest, data.get("beat")):
                seen, since = (newest, data.get("beat")), time.monotonic()
            dead = data.get("free") or data.get("replica") == replica
            if not dead and time.monotonic() - since < LOST_AFTER:
                _wait(connection, data, None if waited else on_wait, given=on_wait is not None)
                waited = True
                continue
        name = f"{_PREFIX}{number:010}"
        if connection.create(name, metadata=_describe(replica)) is not None:
            for old in held:
                connection.delete(old)
            return name, waited


def _list(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """Return the metadata of all leases by name. Raises `StoreBrokenError` for a name of none."""
    held = connection.list_names(_PREFIX)
    for name in held:
        read_number(name, _PREFIX)
    return held


def _wait(
    connection: Connection,
    data: Mapping[str, Any],
    on_wait: Callable[[str], None] | None,
    *,
    given: bool,
) -> None:
    holder = one_line(str(data.get("holder") or "another process"))[:_LONGEST]
    if not given:
        raise StoreBusyError(
            f"the index on {connection.server} is being written by {holder}",
            "wait until it is done",
        )
    if on_wait is not None:
        on_wait(holder)
    time.sleep(_LOOK_EVERY)


def _describe(replica: str) -> dict[str, Any]:
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    return {"holder": holder[:_LONGEST], "replica": replica, "beat": uuid4().hex}


def _renew(connection: Connection, name: str, replica: str, done: Event) -> None:
    while not done.wait(RENEWED_EVERY):
        with suppress(StoreError):
            _change(connection, name, _describe(replica))


def _change(connection: Connection, name: str, data: Mapping[str, Any]) -> None:
    held = connection.find(name)
    if held is not None:  # else it was taken over
        with connection.talk():
            held.modify(metadata=dict(data))
