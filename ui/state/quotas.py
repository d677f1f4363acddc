"""Quotas: bytes on disk, and amounts per visitor and day."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

BLOCK = 4096  # bytes on disk of the smallest file
MB = 1_000_000
_DAY = 24 * 3600
_MEASURED_EVERY = 600.0  # seconds; other processes write and delete files too
_MEASURED_AGAIN = 30.0  # seconds, while the folder is full
_MOST_VISITORS = 10_000  # kept in memory


def size_on_disk(size: int) -> int:
    """Return how many bytes a file of `size` bytes takes on disk."""
    return max(-(-size // BLOCK), 1) * BLOCK


def measure(folder: Path) -> int:
    """Return how many bytes all files below a folder take on disk; 0 if there is no folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += size_on_disk(path.lstat().st_size)
        except OSError:  # deleted meanwhile
            continue
    return total


class DiskQuota:
    """A limit of `most` bytes for a folder. Safe for several threads.

    The folder's size is measured from time to time. Between two measurements, the bytes passed to
    `note` and `take` are added. The folder may become somewhat larger than `most`: other processes
    write too, and a write that has begun is not interrupted. `tidy` is called before each
    measurement.
    """

    def __init__(self, folder: Path, most: int, tidy: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._most = most
        self._tidy = tidy
        self._used = 0
        self._measured = float("-inf")
        self._lock = Lock()

    def has_room(self, size: int = 1) -> bool:
        """Return whether `size` more bytes may be written."""
        with self._lock:
            full = self._used + size > self._most
            age = time.monotonic() - self._measured
            if age > (_MEASURED_AGAIN if full else _MEASURED_EVERY):
                self._tidy()
                self._used, self._measured = measure(self._folder), time.monotonic()
            return self._used + size <= self._most

    def note(self, size: int) -> None:
        """Record that the folder has grown by `size` bytes; a negative size means less."""
        with self._lock:
            self._used += size

    def take(self, size: int) -> bool:
        """Record `size` more bytes, without measuring the folder.

        Returns False, and records nothing, if the limit would be exceeded.
        """
        with self._lock:
            fits = self._used + size <= self._most
            self._used += size if fits else 0
            return fits


class DailyQuota:
    """A limit of `most` per visitor and day. Safe for several threads; kept in memory only.

    A visitor's day starts with the visitor's first `take`.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._taken: dict[str, tuple[float, int]] = {}  # start of the day, amount
        self._lock = Lock()

    def left(self, visitor: str) -> int:
        """Return how much a visitor may still take."""
        with self._lock:
            begun, taken = self._taken.get(visitor, (self._clock(), 0))
            return self._most if self._clock() - begun >= _DAY else self._most - taken

    def take(self, visitor: str, amount: int = 1) -> bool:
        """Take an amount. Returns False, and takes nothing, if it would exceed the limit."""
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
        """Drop visitors whose day is over; if there are none, the half that took the least."""
        kept = {name: each for name, each in self._taken.items() if now - each[0] < _DAY}
        if len(kept) >= _MOST_VISITORS:
            most = sorted(kept.items(), key=lambda item: item[1][1])[_MOST_VISITORS // 2 :]
            kept = dict(most)
        self._taken = kept
