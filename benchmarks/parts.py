"""Measurements in processes of their own, where none disturbs another and memory is its alone."""

from __future__ import annotations

import json
import subprocess
import sys

Figures = dict[str, float]


def run_part(module: str, part: str, *arguments: object) -> Figures:
    """Run `python -m benchmarks.MODULE PART …`; return what its last line, in JSON, says."""
    command = [sys.executable, "-m", f"benchmarks.{module}", part, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures
