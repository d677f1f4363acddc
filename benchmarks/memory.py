"""How much memory a process holds."""

from __future__ import annotations

import resource
from pathlib import Path


def current_memory() -> float:
    """Return the memory of this process in MB: what is its own, and what it shares of files."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status says nothing of VmRSS")


def peak_memory() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
