"""Deletes what has become too old, also while nobody uses the window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_INTERVAL = 600.0  # seconds


@asynccontextmanager
async def delete_regularly(*deletions: Callable[[], None]) -> AsyncIterator[None]:
    """Call these functions in a thread, now and every ten minutes, until the block ends."""

    async def work() -> None:
        while True:
            for delete in deletions:
                await asyncio.to_thread(delete)
            await asyncio.sleep(_INTERVAL)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
