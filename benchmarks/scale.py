"""Time and memory by index size: `python -m benchmarks.scale [SENTENCES ...]`.

Builds an index of each size (by default 1,000 to 1,000,000 sentences) from generated text. The
words have the frequencies of the XQuAD articles if these exist, otherwise of the seeds. The vectors
are random: embedding this much text would take hours, and its time is simply proportional to the
text. Then the articles are added with the real model, and their questions are asked. For
comparison, the floor is measured on the same vectors: embedding with sentence-transformers, and one
raw query to Chroma. Finally, documents of 5 kB are added and removed.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.latency import QUESTIONS, time_questions
from benchmarks.memory import current_memory, peak_memory
from benchmarks.parts import Figures, run_part
from index import (
    Encoder,
    ModelIdentity,
    Vectors,
    find_bundled_model,
    load_encoder,
    open_snapshot,
    update_index,
)
from rag import Assistant
from rag.evaluation.run import write_articles

ROOT = Path(__file__).parents[1]
SEEDS = [ROOT / "seeds" / name for name in ("briefing.md", "timeline.txt")]
SHARED = ROOT.parent / "shared" / "eval"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 5
_SENTENCES_PER_FILE = 500
_QUESTIONS = 40
_TURNS = 3
_TOPICS = 2_000


class RandomEncoder:
    """An encoder with the identity of the real model and random vectors."""

    def __init__(self, real: Encoder) -> None:
        self._real = real
        self._random = np.random.default_rng(0)
        self._topics = self._near(np.zeros((_TOPICS, self.identity.dimension), np.float32))

    @property
    def identity(self) -> ModelIdentity:
        """Return the identity of the real model."""
        return self._real.identity

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return an estimate of the tokens of each text."""
        return [len(text) // 5 for text in texts]

    def encode_passages(self, passages: Sequence) -> tuple[Vectors, Vectors]:
        """Return vectors of passages near random topics, and of sentences near their passage."""
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


def read_articles() -> list[dict[str, Any]]:
    """Return the articles whose questions are asked; an empty list if the file is missing."""
    file = SHARED / "xquad.en.json"
    return json.loads(file.read_text("utf-8"))["data"] if file.exists() else []


def read_words() -> list[str]:
    """Return all words of the articles, or of the seeds, including repetitions."""
    contexts = [part["context"] for article in read_articles() for part in article["paragraphs"]]
    text = " ".join(contexts or [seed.read_text("utf-8") for seed in SEEDS])
    return re.findall(r"[^\W\d_]{1,20}", text.lower())


def read_questions() -> list[str]:
    """Return questions about the articles, or about the seeds."""
    asked = [
        entry["question"]
        for article in read_articles()
        for part in article["paragraphs"]
        for entry in part["qas"]
    ]
    return asked[:: max(len(asked) // _QUESTIONS, 1)][:_QUESTIONS] or [*QUESTIONS] * 8


def write_text(words: Sequence[str], chance: random.Random, sentences: int) -> str:
    """Return paragraphs of random words. About every tenth word is new, like a name."""
    lines = []
    for _ in range(sentences):
        drawn = chance.choices(words, k=chance.randrange(12, 28))
        drawn[3] = f"{drawn[3]}{chance.choice('aeiou')}{chance.choice(words)}"  # a new word
        end = chance.choice([" ", " ", "\n\n"])
        lines.append(f"{' '.join(drawn).capitalize()}.{end}")
    return "".join(lines)


def build(folder: Path, store: Path, sentences: int) -> Figures:
    """Write files and index them; return sizes, time and memory."""
    encoder = RandomEncoder(load_encoder())
    words, chance = read_words(), random.Random(1)
    folder.mkdir()
    for number in range(max(2, sentences // _SENTENCES_PER_FILE)):
        each = min(_SENTENCES_PER_FILE, sentences // 2)
        (folder / f"{number:05}.txt").write_text(write_text(words, chance, each))
    import chromadb  # noqa: F401 - the import must not count as build time

    start = perf_counter()
    made = update_index(store, [folder], load=lambda name: encoder)
    seconds = perf_counter() - start
    _add_articles(folder, store)
    return {
        "sentences": made.sentences,
        "passages": made.passages,
        "build s": seconds,
        "build us/sentence": 1e6 * seconds / made.sentences,
        "build peak MB": peak_memory(),
    }


def _add_articles(folder: Path, store: Path) -> None:
    real = load_encoder()
    articles = folder / "articles"
    articles.mkdir()
    list(write_articles(read_articles(), articles))
    for seed in SEEDS:
        shutil.copy(seed, articles)
    update_index(store, [folder], load=lambda name: real)


def update(folder: Path, store: Path) -> Figures:
    """Return the median seconds of an update without changes, after adding and removing a file."""
    real = load_encoder()
    real.encode_questions(["warm up"])
    text = "\n\n".join(file.read_text() for file in SEEDS * 2)

    def measure(change: Callable[[int], None]) -> float:
        seconds = []
        for number in range(ROUNDS):
            change(number)
            start = perf_counter()
            update_index(store, [folder], load=lambda name: real)
            seconds.append(perf_counter() - start)
        return median(seconds)

    def add(number: int) -> None:
        (folder / f"added-{number}.txt").write_text(f"Report {number}.\n\n{text}"[:5000])

    return {
        "unchanged s": measure(lambda number: None),
        "add s": measure(add),
        "remove s": measure(lambda number: (folder / f"added-{number}.txt").unlink()),
    }


def serve(store: Path) -> Figures:
    """Return the median seconds of a warm answer, and the memory of the answering process."""
    with Assistant(store=store) as assistant:

        def ask(question: str) -> object:
            assistant.reset()
            return assistant.ask(question)

        seconds = time_questions(ask, read_questions())
    return {"answer s": seconds, "serve MB": current_memory()}


def ask_floor(store: Path) -> Figures:
    """Return the median seconds of embedding with sentence-transformers and one query to Chroma."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_bundled_model()))
    with closing(open_snapshot(store)) as snapshot:
        largest = max(snapshot.segments.values(), key=lambda segment: segment.count("passages"))

        def ask(question: str) -> object:
            vector = model.encode(question, show_progress_bar=False)
            return largest.collections.nearest("passages", np.asarray(vector, np.float32), 4)

        return {"floor s": time_questions(ask, read_questions())}


def ask_in_turn(store: Path) -> Figures:
    """Return medians of `serve` and `ask_floor`, run alternately in separate processes.

    In one process, the threads of both would slow each other down.
    """
    found = [
        run_part("scale", "serve", store) | run_part("scale", "ask_floor", store)
        for _ in range(_TURNS)
    ]
    return {name: median(figures[name] for figures in found) for name in found[0]}


PARTS: dict[str, Callable[..., Figures]] = {
    each.__name__: each for each in (build, update, serve, ask_floor)
}


def measure_size(sentences: int) -> Figures:
    """Return the results for one size."""
    with tempfile.TemporaryDirectory(prefix="footnote-scale-") as place:
        folder, store = Path(place, "docs"), Path(place, "store")
        figures = run_part("scale", "build", folder, store, sentences)
        figures |= ask_in_turn(store)
        figures |= run_part("scale", "update", folder, store)
    return figures


def print_scale(sizes: Sequence[int] = SIZES) -> list[Figures]:
    """Measure each size and print the results."""
    rows = []
    for size in sizes:
        rows.append(measure_size(size))
        print(", ".join(f"{name} {value:.4g}" for name, value in rows[-1].items()), flush=True)
    for name in ("build us/sentence", "unchanged s", "add s", "remove s", "answer s", "floor s"):
        print(f"{name:20}", *(f"{row[name] / rows[0][name]:8.2f}" for row in rows))
    print(f"{'answer / floor':20}", *(f"{row['answer s'] / row['floor s']:8.2f}" for row in rows))
    return rows


def main(arguments: Sequence[str]) -> None:
    """Measure the sizes and print the results; or run one part, in its separate process."""
    if arguments and arguments[0] in PARTS:
        name, *places = arguments
        print(json.dumps(PARTS[name](*(int(a) if a.isdigit() else Path(a) for a in places))))
    else:
        print_scale([*map(int, arguments)] or SIZES)


if __name__ == "__main__":
    main(sys.argv[1:])
