"""Joins the parts of an answer that arrive faster than a page can show them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from time import monotonic

from rag.types import Delta

# Seconds between two parts that a page gets. It renders the conversation anew for each, which takes
# it 10 to 30 ms; quoted answers come as dozens of words at once.
PAUSE = 0.05


def join_fast(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """Yield the parts of an answer, joined so that at least `PAUSE` seconds lie between two.

    The first part and the whole answer are not delayed. An empty part, which tells that the model
    is silent, is passed on together with all text before it.
    """
    waiting, shown = Delta(), -math.inf
    for delta in deltas:
        waiting += delta
        if delta.answer is None and delta != Delta() and monotonic() - shown < PAUSE:
            continue
        yield waiting
        waiting, shown = Delta(), monotonic()
    if waiting != Delta():
        yield waiting
