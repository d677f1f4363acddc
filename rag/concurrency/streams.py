"""Waiting for a chat model, so that the wait can be ended at any time.

The models are asked in an event loop of their own thread: a request there can be cancelled while
nothing comes, which one that blocks a thread cannot.
"""

from __future__ import annotations

import asyncio
import atexit
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import aclosing, suppress
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from index import leave_behind

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - what is said while nothing comes

_PAUSE = 0.2  # seconds after which one may look up from waiting
_LAST = 2.0  # seconds that the loop has to end


def iterate(start: Callable[[], AsyncIterator[T]], idle: I) -> Generator[T | I, None, None]:
    """Yield what an asynchronous iterator yields, and `idle` now and then while it does not.

    Closed before the end, it cancels the iterator.
    """
    items: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    async def pump() -> None:
        try:
            async with aclosing(start()) as source:  # type: ignore[type-var]
                async for item in source:
                    items.put(("item", item))
            items.put(("end", None))
        except Exception as error:  # noqa: BLE001 - raised again by who waits
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
        future.cancel()


def wait_for(start: Callable[[], Awaitable[T]], idle: I) -> Generator[I, None, T]:
    """Yield `idle` now and then until something is done; return what came of it."""

    async def once() -> AsyncIterator[tuple[str, T]]:
        yield "done", await start()

    for item in iterate(once, None):
        if item is not None:
            return item[1]
        yield idle
    raise AssertionError("what was waited for has no end")


async def iterate_in_threads(items: Generator[T, None, None]) -> AsyncGenerator[T, None]:
    """Yield what a generator yields, without blocking the event loop."""
    try:
        while (item := await asyncio.to_thread(next, items, None)) is not None:
            yield item
    finally:
        with suppress(ValueError):  # it is in a thread still; it ends when that lets go of it
            items.close()


def finish(start: Callable[[], Awaitable[Any]]) -> None:
    """Do something in the loop and wait for its end."""
    for _ in wait_for(start, None):
        pass


def _renew_after_fork() -> None:
    if _run_loop.cache_info().currsize:
        leave_behind(_run_loop())  # its thread stayed in the other process
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
        # A thread that is in a client's native code when Python ends crashes the process.
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_LAST)

    atexit.register(end)
    return loop
