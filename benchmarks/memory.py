"""Memory use of this process."""

from __future__ import annotations

import resource
from pathlib import Path


def current_memory() -> float:
    """Return the resident memory (VmRSS) of this process in MB, including shared file pages."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no line VmRSS")


def peak_memory() -> float:
    """Return the peak resident memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
