"""Waits for a chat model in a way that can be cancelled at any time.

Requests run in an event loop in a thread of its own. There, a request can be cancelled while no
data arrives. A request that blocks a thread cannot be cancelled.
"""

from __future__ import annotations

import asyncio
import atexit
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from concurrent.futures import Executor
from contextlib import aclosing, suppress
from contextvars import copy_context
from functools import cache, partial
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, TypeVar

from index import leave_behind

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the idle value

_PAUSE = 0.2  # seconds without an item before the idle value is yielded
_LAST = 2.0  # seconds to wait for the loop to end


def iterate(start: Callable[[], AsyncIterator[T]], idle: I) -> Generator[T | I, None, None]:
    """Yield the items of an asynchronous iterator, and `idle` repeatedly while none arrives.

    If this generator is closed early, the iterator is cancelled.
    """
    items: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    closed = Event()

    async def pump() -> None:
        try:
            async with aclosing(start()) as source:  # type: ignore[type-var]
                async for item in source:
                    if closed.is_set():
                        # The cancellation was lost: `asyncio.wait_for` of Python 3.11, which the
                        # clients of chat models use, loses one that comes together with an item.
                        # This one ends them where they wait next. Generators that are only closed
                        # leave the request open until the garbage is collected.
                        _cancel_current()
                        continue
                    items.put(("item", item))
            items.put(("end", None))
        except Exception as error:  # noqa: BLE001 - raised again in the waiting thread
            items.put(("error", error))

    future = asyncio.run_coroutine_threadsafe(pump(), _run_loop())
    try:
        while True:
            try:
                kind, value = items.get(timeout=_PAUSE)
            except Empty:
                yield idle
                continue
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value
    finally:
        closed.set()
        future.cancel()


def _cancel_current() -> None:
    """Cancel the running task at its next await."""
    task = asyncio.current_task()
    if task is not None:
        task.cancel()


async def limit_silence(source: AsyncIterator[T], seconds: float) -> AsyncGenerator[T, None]:
    """Yield the items of an iterator. Raises `TimeoutError` if one takes longer than `seconds`."""
    async with aclosing(source):  # type: ignore[type-var]
        while True:
            try:
                async with asyncio.timeout(seconds):
                    item = await anext(source)
            except StopAsyncIteration:
                return
            yield item


def wait_for(start: Callable[[], Awaitable[T]], idle: I) -> Generator[I, None, T]:
    """Yield `idle` repeatedly until an awaitable is done; return its result."""

    async def once() -> AsyncIterator[tuple[str, T]]:
        yield "done", await start()

    for item in iterate(once, None):
        if item is not None:
            return item[1]
        yield idle
    raise AssertionError("the stream ended without a result")


async def iterate_in_threads(
    items: Generator[T, None, None], pool: Executor | None = None
) -> AsyncGenerator[T, None]:
    """Yield the items of a generator without blocking the event loop.

    They are computed in threads of `pool`, by default those of the event loop.
    """
    loop = asyncio.get_running_loop()
    take = partial(copy_context().run, next, items, None)
    try:
        while (item := await loop.run_in_executor(pool, take)) is not None:
            yield item
    finally:
        with suppress(ValueError):  # still running in a thread; it is closed when garbage-collected
            items.close()


def finish(start: Callable[[], Awaitable[Any]]) -> None:
    """Run an awaitable in the event loop and wait until it is done."""
    for _ in wait_for(start, None):
        pass


def _renew_after_fork() -> None:
    if _run_loop.cache_info().currsize:
        leave_behind(_run_loop())  # its thread does not exist in this process
        _run_loop.cache_clear()


os.register_at_fork(after_in_child=_renew_after_fork)


@cache
def _run_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="chat-models", daemon=True)
    thread.start()

    process = os.getpid()

    def end() -> None:
        if os.getpid() != process:
            return
        # A thread in a client's native code can crash the process when Python exits.
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_LAST)

    atexit.register(end)
    return loop
