"""What an update costs as the index grows: `python -m benchmarks.scale [PASSAGES ...]`.

Builds an index of each size (by default 1,000 and 100,000 passages) from text made of random
words, its vectors made up too, for embedding so much text takes hours here; then adds and removes
single documents of 5 kB with the real model. Prints wall times after imports, as they are and as
ratios to the smallest index, and the peak memory of building and of serving.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from index import Encoder, ModelIdentity, Vectors, load_encoder, update_index
from rag import Assistant

SEEDS = [Path(__file__).parents[1] / "seeds" / name for name in ("briefing.md", "timeline.txt")]
SIZES = (1_000, 100_000)
ROUNDS = 5
_PASSAGES_PER_FILE = 100
_TOPICS = 2_000
_WORDS = 85_000  # of a vocabulary as large as that of a newspaper


class RandomEncoder:
    """The real model's identity, made-up vectors."""

    def __init__(self, real: Encoder) -> None:
        self._real = real
        self._random = np.random.default_rng(0)
        self._topics = self._near(np.zeros((_TOPICS, self.identity.dimension), np.float32))

    @property
    def identity(self) -> ModelIdentity:
        """Return that of the real model."""
        return self._real.identity

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return about how many tokens each text has."""
        return [len(text) // 5 for text in texts]

    def encode_passages(self, passages: Sequence) -> tuple[Vectors, Vectors]:
        """Return vectors near those of random topics, a passage's sentences near the passage."""
        chosen = self._random.integers(len(self._topics), size=len(passages))
        whole = self._near(self._topics[chosen])
        return whole, self._near(np.repeat(whole, [len(p.spans) for p in passages], axis=0))

    def encode_questions(self, questions: Sequence[str]) -> Vectors:
        """Return random vectors."""
        return self._near(self._topics[: len(questions)])

    def _near(self, vectors: Vectors) -> Vectors:
        noise = self._random.standard_normal(vectors.shape, np.float32)
        moved = vectors + noise / np.sqrt(vectors.shape[1], dtype=np.float32)
        return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def write_text(chance: random.Random, characters: int) -> str:
    """Return sentences of random words, common ones more often, in paragraphs."""
    words: list[str] = []
    length = 0
    while length < characters:
        for end in [" "] * chance.randrange(14, 36) + [chance.choice([". ", ". ", ".\n\n"])]:
            word = f"w{int(_WORDS ** chance.random())}{end}"
            words.append(word)
            length += len(word)
    return "".join(words)


def build(folder: Path, store: Path, passages: int) -> dict[str, float]:
    """Write files and index them; return how many passages there are, the time, the memory."""
    encoder = RandomEncoder(load_encoder())
    chance = random.Random(1)
    folder.mkdir()
    for number in range(max(1, passages // _PASSAGES_PER_FILE)):
        text = write_text(chance, _PASSAGES_PER_FILE * 690)
        (folder / f"{number:05}.txt").write_text(text)
    start = perf_counter()
    made = update_index(store, [folder], load=lambda name: encoder)
    figures: dict[str, float] = {"passages": made.passages, "sentences": made.sentences}
    return figures | {"build s": perf_counter() - start, "build peak MB": peak_memory()}


def measure(
    folder: Path, store: Path, change: Callable[[int], None], encoder: Encoder
) -> tuple[float, float]:
    """Return the median seconds of an update after each change, and passages embedded by each."""
    seconds, embedded = [], []
    for number in range(ROUNDS):
        change(number)
        start = perf_counter()
        report = update_index(store, [folder], load=lambda name: encoder)
        seconds.append(perf_counter() - start)
        embedded.append(report.embedded)
    return median(seconds), median(embedded)


def run_size(passages: int) -> dict[str, float]:
    """Return the figures of one size."""
    real = load_encoder()
    real.encode_questions(["warm up"])
    with tempfile.TemporaryDirectory(prefix="footnote-scale-") as place:
        folder, store = Path(place, "docs"), Path(place, "store")
        figures = run_part("build", folder, store, passages)
        text = "\n\n".join(file.read_text() for file in SEEDS * 2)

        def add(number: int) -> None:
            (folder / f"added-{number}.txt").write_text(f"Report {number}.\n\n{text}"[:5000])

        def remove(number: int) -> None:
            (folder / f"{number:05}.txt").unlink()

        figures["unchanged s"], _ = measure(folder, store, lambda number: None, real)
        figures["add s"], figures["embedded"] = measure(folder, store, add, real)
        figures["remove s"], _ = measure(folder, store, remove, real)
        figures |= run_part("serve", store)
    return figures


def serve(store: Path) -> dict[str, float]:
    """Return the seconds of a warm answer and the peak memory of a process that gives some."""
    seconds = []
    with Assistant(store=store) as assistant:
        for number in range(30):
            start = perf_counter()
            assistant.ask(f"What is w{number} of w{number * 37}?")
            seconds.append(perf_counter() - start)
    return {"answer s": median(seconds[5:]), "serve peak MB": peak_memory()}


def peak_memory() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_part(*arguments: object) -> dict[str, float]:
    """Run a part in a process of its own, whose memory is then its alone."""
    command = [sys.executable, "-m", "benchmarks.scale", *map(str, arguments)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    figures: dict[str, float] = json.loads(output)
    return figures


def main(arguments: Sequence[str]) -> None:
    """Measure each size and print; or, in a process of its own, one part."""
    match arguments:
        case ["build", folder, store, passages]:
            print(json.dumps(build(Path(folder), Path(store), int(passages))))
        case ["serve", store]:
            print(json.dumps(serve(Path(store))))
        case ["size", passages]:
            print(json.dumps(run_size(int(passages))))
        case _:
            rows = []
            for size in map(int, arguments or SIZES):
                rows.append(run_part("size", size))
                shown = ", ".join(f"{name} {value:.3f}" for name, value in rows[-1].items())
                print(f"{size}: {shown}", flush=True)
            for name in ("unchanged s", "add s", "remove s", "answer s"):
                print(f"{name:12}", *(f"{row[name] / rows[0][name]:8.2f}" for row in rows))


if __name__ == "__main__":
    main(sys.argv[1:])
