"""A limit for what visitors ask for and do not fetch.

Gradio keeps the messages of an event in memory until the page or the program that asked reads
them. Nothing makes it read them, so Gradio alone would keep any number of answers.
"""

from __future__ import annotations

import sys
from asyncio import Queue
from collections import OrderedDict, deque
from collections.abc import Mapping
from threading import RLock
from typing import Any

_MESSAGE = 2_000  # bytes of a message without its output, and of its id
_MOST_SESSIONS = 2_000


class UnreadMessages(OrderedDict[str, Any]):
    """Gradio's messages by session, with a limit for the memory of all together.

    Takes the place of `gradio.queueing.Queue.pending_messages_per_session`. If the messages would
    take more than `most` bytes, sessions are dropped, those first that have not read for longest.
    `asked` has the ids of the unread events by session; a dropped session is removed from it too.
    A page whose session was dropped gets an error, and can ask again.
    """

    def __init__(self, most: int, asked: dict[str, set[str]]) -> None:
        super().__init__()
        self._most = most
        self._asked = asked
        self._used = 0
        self._lock = RLock()  # Gradio sends notices from the threads of handlers

    @property
    def used(self) -> int:
        """The bytes of all unread messages."""
        return self._used

    def __setitem__(self, session: str, queue: object) -> None:
        """Begin a session with an empty queue. Gradio's own queue, which it gives, is not used."""
        with self._lock:
            while len(self) >= _MOST_SESSIONS:
                del self[next(iter(self))]
            super().__setitem__(session, _SessionQueue(self, session))

    def __delitem__(self, session: str) -> None:
        """Drop a session with its messages, if it was not dropped before."""
        with self._lock:
            queue = self.get(session)
            self._asked.pop(session, None)
            if queue is not None:
                super().__delitem__(session)
                self._used -= queue.close()

    def __missing__(self, session: str) -> Queue[Any]:
        """Return a queue that nobody reads, for messages to a session that was dropped."""
        return Queue()

    def count(self, session: str, size: int) -> None:
        """Record `size` more bytes for a session; a negative size means that they were read."""
        with self._lock:
            self._used += size
            if size < 0 and session in self:
                self.move_to_end(session)
            for name in list(self) if self._used > self._most else ():
                if self._used > self._most and not self[name].empty():
                    del self[name]


class _SessionQueue(Queue[Any]):
    """The messages of a session. Their sizes are counted in `unread`."""

    def __init__(self, unread: UnreadMessages, session: str) -> None:
        super().__init__()
        self._unread = unread
        self._session = session
        self._sizes: deque[int] = deque()
        self._closed = False

    def close(self) -> int:
        """Count no more messages; return the bytes of those that are unread."""
        self._closed = True
        return sum(self._sizes)

    def _put(self, item: Any) -> None:
        super()._put(item)
        if not self._closed:
            size = _MESSAGE + _measure(getattr(item, "output", None))
            self._sizes.append(size)
            self._unread.count(self._session, size)

    def _get(self) -> Any:
        if not self._closed:
            self._unread.count(self._session, -self._sizes.popleft())
        return super()._get()


def _measure(value: object) -> int:
    """Return about how many bytes the texts in a value take in memory."""
    if isinstance(value, str):
        return sys.getsizeof(value)
    if isinstance(value, Mapping):
        return sum(map(_measure, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_measure, value))
    return 0
