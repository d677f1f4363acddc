"""Asynchronous iterators that a thread reads, and stops reading."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from threading import Event

from rag.concurrency.streams import iterate


def test_an_iterator_that_loses_its_cancellation_is_ended() -> None:
    ended = Event()

    async def count() -> AsyncIterator[int]:
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


def test_a_silent_iterator_that_loses_its_cancellation_is_ended() -> None:
    ended = Event()

    async def lose() -> AsyncIterator[int]:
        try:
            yield 0
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
            await asyncio.sleep(3600)
            yield 1
        finally:
            ended.set()

    with closing(iterate(lose, None)) as numbers:
        assert [next(numbers), next(numbers)] == [0, None]
    assert ended.wait(10)
