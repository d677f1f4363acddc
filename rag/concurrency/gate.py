"""How many questions are worked on at once, and how many may wait for that."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from index import count_cores
from rag.errors import BusyError

WAITING = 200  # questions; at 40 a second, as measured on two cores, some five seconds' work


class Gate:
    """Lets as many in as the processor is quickest with, in the order in which they came.

    One more than there are cores: while one waits for a lock or for the index, another computes
    (`benchmarks/results.md`). Waiting for a chat model is not work, and is done outside.
    """

    def __init__(self, places: int | None = None, waiting: int = WAITING) -> None:
        self._places = places or count_cores() + 1
        self._most = waiting
        self._change = Condition()
        self._line: deque[object] = deque()
        self._running = 0

    @property
    def running(self) -> int:
        """How many are worked on now."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._line)

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait to be let in, and be in until the block ends.

        Raises `BusyError` if too many wait.
        """
        ticket = object()
        with self._change:
            if self.waiting >= self._most:
                raise BusyError(
                    f"too many questions are asked just now, {self.waiting} wait already",
                    "ask again in a moment",
                )
            self._line.append(ticket)
            try:
                while self._line[0] is not ticket or self._running >= self._places:
                    self._change.wait()
                self._running += 1
            finally:
                self._line.remove(ticket)
                self._change.notify_all()
        try:
            yield
        finally:
            with self._change:
                self._running -= 1
                self._change.notify_all()
