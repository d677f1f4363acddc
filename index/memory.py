"""Returns freed memory to the operating system."""

from __future__ import annotations

import ctypes


def trim_memory() -> None:
    """Return freed heap memory to the operating system; does nothing without glibc.

    When a snapshot is closed, Chroma frees memory that is scattered over the heap. glibc does not
    return such pages by itself: about 6 MB for each closed snapshot of 6,000 sentences.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
