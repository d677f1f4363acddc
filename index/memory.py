"""Memory that is free but not given back."""

from __future__ import annotations

import ctypes


def trim_memory() -> None:
    """Give free memory back to the system.

    What Chroma held of a snapshot lies scattered in the heap when it is freed; the C library keeps
    such pages, some 6 MB for each snapshot of 6,000 sentences, and would for as long as it can.
    Does nothing where the C library is not glibc.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
