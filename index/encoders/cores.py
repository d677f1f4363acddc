"""How models are run on this machine's processor."""

from __future__ import annotations

import os

# An optimisation of ONNX Runtime's that makes five times as long of what it fuses, on a CPU (1.32).
SLOW_FUSION = "SkipLayerNormFusion"


def count_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
