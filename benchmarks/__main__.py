"""Run all benchmarks: `python -m benchmarks [FILE ...]`, or `make bench`. Takes half an hour.

FILEs are in SQuAD format; the default is the files in ../shared/eval, if they exist. Results are
written to `benchmarks/figures.json`, with the machine and the versions, and plots to
`docs/images/`.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.ablation import print_ablation
from benchmarks.claims import print_claims
from benchmarks.latency import print_latency
from benchmarks.plots import draw_recall, draw_scale, draw_side_by_side
from benchmarks.precision import print_precision
from benchmarks.quality import print_quality
from benchmarks.recall import print_recall
from benchmarks.scale import SHARED, print_scale
from benchmarks.side_by_side import print_side_by_side
from benchmarks.streaming import print_streaming
from benchmarks.window import print_window
from index import load_encoder

FIGURES = Path(__file__).with_name("figures.json")
_VERSIONS = ("chromadb", "gradio", "onnxruntime", "sentence-transformers", "torch")


def describe_machine() -> dict[str, Any]:
    """Return the machine, the Python version and the package versions of this run."""
    return {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{name: version(name) for name in _VERSIONS},
    }


def main() -> None:
    """Run the benchmarks; print the results, and write figures and plots."""
    files = [Path(name) for name in sys.argv[1:]] or sorted(SHARED.glob("*.json"))
    found: dict[str, Any] = {"machine": describe_machine()}
    found["side by side"] = print_side_by_side(files)
    draw_side_by_side(found["side by side"])
    found["scale"] = print_scale()
    draw_scale(found["scale"])
    encoder = load_encoder()
    found["recall"] = print_recall(encoder)
    draw_recall(found["recall"])
    FIGURES.write_text(f"{json.dumps(found, indent=1)}\n", "utf-8")
    print_latency(encoder)
    print_window()
    print_claims(encoder)
    print_streaming(encoder)
    if files:
        print_precision(files, encoder)
        print_quality(files, encoder)
        print_ablation(files, encoder)


if __name__ == "__main__":
    main()
