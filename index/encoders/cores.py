"""Settings for running models on this machine's CPU."""

from __future__ import annotations

import os

# This optimisation of ONNX Runtime makes the operators that it fuses five times slower on a CPU
# (measured with ONNX Runtime 1.32).
SLOW_FUSION = "SkipLayerNormFusion"


def count_cores() -> int:
    """Return the number of CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
