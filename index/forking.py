"""Replaces thread pools and similar objects in forked processes.

A forked child has a copy of the parent's memory but only the thread that called fork. In it,
inherited thread pools have no threads, native libraries wait forever for theirs, and locks that
other threads held are never released. So objects that own threads or locks are created anew in
the child. The inherited ones are never destroyed, because destroying them would wait for threads
that do not exist.
"""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from weakref import WeakSet

from index.errors import ModelUnavailableError


class Renewable(Protocol):
    """An object that has to be renewed in a forked child."""

    def renew_after_fork(self) -> None:
        """Replace inherited threads, locks and connections.

        Called in the child before any other code runs.
        """


_all: WeakSet[Renewable] = WeakSet()


def watch_forks(thing: Renewable) -> None:
    """Call `thing.renew_after_fork()` in every child that is forked while `thing` is alive."""
    _all.add(thing)


def leave_behind(*things: object) -> None:
    """Never destroy these objects, not even at the end of the process."""
    for thing in things:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


class Threads:
    """A thread pool. Every forked child gets a new pool."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self.pool = ThreadPoolExecutor(most, name)
        watch_forks(self)

    def renew_after_fork(self) -> None:
        """Replace the inherited pool, which has no threads in this process."""
        leave_behind(self.pool)
        self.pool = ThreadPoolExecutor(self._most, self._name)


def require_process(process: int, what: str) -> None:
    """Raise `ModelUnavailableError` if this is not the process with the id `process`.

    `what` names the model that the process `process` loaded.
    """
    if os.getpid() != process:
        raise ModelUnavailableError(
            f"{what} was loaded before this process was forked, and torch does not survive a fork",
            "start processes with multiprocessing's `spawn`, or load it in the child",
        )


def _renew_all() -> None:
    for thing in list(_all):
        thing.renew_after_fork()


os.register_at_fork(after_in_child=_renew_all)
