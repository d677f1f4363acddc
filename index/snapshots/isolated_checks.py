"""Checks a segment's Chroma store in a separate process, because Chroma may crash it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from index.files.layout import SegmentLayout

# Importing the package `index` imports all its modules. An empty package in its place lets the
# process import only the modules that it needs.
_START = """
import sys, types
sys.modules["index"] = package = types.ModuleType("index")
package.__path__ = [sys.argv[1]]
from index.snapshots.check_process import main
main()
"""
_SECONDS = 600
_SECONDS_PER_MIB = 0.1


def check_chroma(layout: SegmentLayout) -> list[str]:
    """Return the faults of a segment's Chroma store, one line each; empty if there are none."""
    name = layout.root.name
    size = sum(file.stat().st_size for file in layout.chroma.rglob("*")) // 2**20
    code = [sys.executable, "-P", "-c", _START, str(Path(__file__).parents[1])]
    try:
        done = subprocess.run(  # noqa: S603 - our own code
            [*code, str(layout.root.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS + _SECONDS_PER_MIB * size,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return [f"{name}: Chroma did not open its files within {error.timeout:.0f} seconds"]
    if done.returncode < 0:
        return [f"{name}: Chroma crashed on its files ({signal.Signals(-done.returncode).name})"]
    try:
        return [str(fault) for fault in json.loads(done.stdout)]
    except ValueError:
        return [f"{name}: Chroma could not be checked (status {done.returncode})"]
