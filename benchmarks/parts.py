"""Runs each measurement in a separate process, so that times and memory are its own."""

from __future__ import annotations

import json
import subprocess
import sys

Figures = dict[str, float]


def run_part(module: str, part: str, *arguments: object) -> Figures:
    """Run `python -m benchmarks.MODULE PART …`; return its last output line, read as JSON.

    Raises `RuntimeError` if the process fails.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", part, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures
