"""What a process that was forked does with what it inherited.

A fork brings memory along, but only the one thread that forked: pools have no threads, engines
wait for theirs for ever, and locks that others held are never let go. So whoever has such things
makes them anew in the child; what was inherited is kept as it is, since to end it would wait for
its threads.
"""

from __future__ import annotations

import ctypes
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from weakref import WeakSet

from index.errors import ModelUnavailableError


class Renewable(Protocol):
    """Has something that does not outlive a fork."""

    def renew_after_fork(self) -> None:
        """Make it anew. Called in the child, before anything else runs there."""


_all: WeakSet[Renewable] = WeakSet()


def watch_forks(thing: Renewable) -> None:
    """See to it that `thing` is renewed in every process that is forked while it lives."""
    _all.add(thing)


def leave_behind(*things: object) -> None:
    """Keep objects for ever: not even the end of the process ends them."""
    for thing in things:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


class Threads:
    """A pool of threads; a process that was forked has a pool of its own."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self.pool = ThreadPoolExecutor(most, name)
        watch_forks(self)

    def renew_after_fork(self) -> None:
        """Have threads of this process."""
        leave_behind(self.pool)
        self.pool = ThreadPoolExecutor(self._most, self._name)


def require_process(process: int, what: str) -> None:
    """Raise `ModelUnavailableError` in any other process than the one that loaded something."""
    if os.getpid() != process:
        raise ModelUnavailableError(
            f"{what} was loaded before this process was forked, and torch does not outlive a fork",
            "start processes with multiprocessing's `spawn`, or load it in the child",
        )


def _renew_all() -> None:
    for thing in list(_all):
        thing.renew_after_fork()


os.register_at_fork(after_in_child=_renew_all)
