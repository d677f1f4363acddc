"""Print latency, how claims are checked, and quality: `python -m benchmarks [FILE ...]`.

FILEs are in SQuAD format; by default those in ../shared/eval, where they are there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.ablation import print_ablation
from benchmarks.claims import print_claims
from benchmarks.latency import print_latency
from benchmarks.quality import print_quality
from benchmarks.streaming import print_streaming
from benchmarks.window import print_window
from index import load_encoder

SHARED = Path(__file__).parents[2] / "shared" / "eval"


def main() -> None:
    """Measure and print."""
    files = [Path(name) for name in sys.argv[1:]] or sorted(SHARED.glob("*.json"))
    encoder = load_encoder()
    print_latency(encoder)
    print_window()
    print_claims(encoder)
    print_streaming(encoder)
    if files:
        print_quality(files, encoder)
        print_ablation(files, encoder)


if __name__ == "__main__":
    main()
