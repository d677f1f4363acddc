"""How much visitors may leave here: on the disk, and within a day."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

BLOCK = 4096  # bytes that even the smallest file takes
MB = 1_000_000
_DAY = 24 * 3600
_MEASURED_EVERY = 600.0  # seconds: others write too, and people delete
_MEASURED_AGAIN = 30.0  # when there is no room
_MOST_VISITORS = 10_000  # that are remembered


def size_on_disk(size: int) -> int:
    """Return how many bytes a file of so many takes on the disk."""
    return max(-(-size // BLOCK), 1) * BLOCK


def measure(folder: Path) -> int:
    """Return how many bytes all below a folder takes on the disk; 0 if there is no folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += size_on_disk(path.lstat().st_size)
        except OSError:  # gone meanwhile
            continue
    return total


class DiskQuota:
    """A folder that may hold a number of bytes. Safe for many threads.

    It is measured now and then, and what is noted meanwhile is added: with several processes, and
    with what was begun while there was room, it may hold somewhat more. `tidy` is called before it
    is measured.
    """

    def __init__(self, folder: Path, most: int, tidy: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._most = most
        self._tidy = tidy
        self._used = 0
        self._measured = float("-inf")
        self._lock = Lock()

    def has_room(self, size: int = 1) -> bool:
        """Whether so many bytes more may be written."""
        with self._lock:
            full = self._used + size > self._most
            age = time.monotonic() - self._measured
            if age > (_MEASURED_AGAIN if full else _MEASURED_EVERY):
                self._tidy()
                self._used, self._measured = measure(self._folder), time.monotonic()
            return self._used + size <= self._most

    def note(self, size: int) -> None:
        """Note that the folder has grown by so many bytes, or shrunk."""
        with self._lock:
            self._used += size

    def take(self, size: int) -> bool:
        """Note so many bytes more, without measuring; False, and nothing noted, if too many."""
        with self._lock:
            fits = self._used + size <= self._most
            self._used += size if fits else 0
            return fits


class DailyQuota:
    """What each visitor may take within a day. Safe for many threads; forgotten with the process.

    A visitor's day begins with the first thing that is taken.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._taken: dict[str, tuple[float, int]] = {}  # the beginning of the day, and how much
        self._lock = Lock()

    def left(self, visitor: str) -> int:
        """Return how much a visitor may take still."""
        with self._lock:
            begun, taken = self._taken.get(visitor, (self._clock(), 0))
            return self._most if self._clock() - begun >= _DAY else self._most - taken

    def take(self, visitor: str, amount: int = 1) -> bool:
        """Take an amount; False, and nothing is taken, if that is too much."""
        now = self._clock()
        with self._lock:
            begun, taken = self._taken.get(visitor, (now, 0))
            if now - begun >= _DAY:
                begun, taken = now, 0
            if taken + amount > self._most:
                return False
            if visitor not in self._taken and len(self._taken) >= _MOST_VISITORS:
                self._forget(now)
            self._taken[visitor] = (begun, taken + amount)
            return True

    def _forget(self, now: float) -> None:
        """Forget whose day is over; if that is nobody's, the half of those who took least."""
        kept = {name: each for name, each in self._taken.items() if now - each[0] < _DAY}
        if len(kept) >= _MOST_VISITORS:
            most = sorted(kept.items(), key=lambda item: item[1][1])[_MOST_VISITORS // 2 :]
            kept = dict(most)
        self._taken = kept
