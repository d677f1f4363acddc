"""Limits how many questions are processed at once, and how many may wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from index import count_cores
from rag.errors import BusyError

WAITING = 200  # questions: about five seconds of work at 40 per second (measured on two cores)


class Gate:
    """Lets a limited number of threads in, in the order of their arrival.

    The default is the number of cores plus one, which had the highest throughput
    (`benchmarks/results.md`): while one thread waits for a lock or for the index, another computes.
    Threads do not hold a place while they wait for a chat model.
    """

    def __init__(self, places: int | None = None, waiting: int = WAITING) -> None:
        self._places = places or count_cores() + 1
        self._most = waiting
        self._change = Condition()
        self._line: deque[object] = deque()
        self._running = 0

    @property
    def running(self) -> int:
        """The number of questions that are processed now."""
        return self._running

    @property
    def waiting(self) -> int:
        """The number of questions that wait now."""
        return len(self._line)

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait for a place and hold it until the block ends.

        Raises `BusyError` if too many threads wait.
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
