"""Asynchronous iterators that a thread reads, and stops reading."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from threading import Event

from rag.concurrency.streams import iterate


def test_an_iterator_that_loses_its_cancellation_is_ended() -> None:
    ended = Event()

    async def count() -> AsyncIterator[int]:
        numbers = count_on()
        cycle: list[object] = [numbers]
        cycle.append(cycle)  # as clients of chat models do: only the garbage collector closes it
        async for number in numbers:
            yield number

    async def count_on() -> AsyncIterator[int]:
        try:
            yield 0
            try:
                while True:
                    await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                pass  # as `asyncio.wait_for` of Python 3.11, when an item comes at that moment
            for number in range(1, 1_000_000):
                yield number
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    with closing(iterate(count, None)) as numbers:
        assert next(numbers) == 0
    assert ended.wait(10)


def test_idle_is_yielded_while_no_item_comes() -> None:
    async def stay_silent() -> AsyncIterator[int]:
        await asyncio.sleep(3600)
        yield 1

    with closing(iterate(stay_silent, None)) as items:
        assert [next(items), next(items)] == [None, None]
