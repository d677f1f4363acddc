"""Chroma server compared with the embedded store: `python -m benchmarks.server`.

An index of generated text and vectors (`benchmarks.scale`) is copied to a server, fetched into an
empty store, and queried. The server runs on this machine, so the network is loopback.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.latency import SEEDS, time_questions
from benchmarks.parts import run_part
from benchmarks.scale import read_questions
from index import Server, attach, copy_index, load_encoder, open_snapshot, update_index
from rag.assistant import Assistant
from rag.library.library import Library
from rag.settings import load_settings
from tests.chroma_server import ChromaServer

SIZES = (10_000, 100_000)


def measure_disk(folder: Path) -> float:
    """Return the size of all files below a folder, in bytes."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def time_answers(library: Library) -> float:
    """Return the median seconds of a warm answer."""
    with closing(library):
        return time_questions(
            lambda question: Assistant(library=library).ask(question), read_questions()
        )


def measure(sentences: int, place: Path) -> dict[str, float]:
    """Return the results for one size."""
    local = place / "local"
    made = run_part("scale", "build", place / "docs", local, sentences)["sentences"]
    server = ChromaServer(place / "chroma")
    server.start()
    try:
        writer = Library(load_settings(store=place / "writer", chroma_url=server.url))
        start = perf_counter()
        copy_index(local, writer.store)
        push = perf_counter() - start
        disk = measure_disk(server.folder)
        (segment, *_) = sorted(
            (writer.store / "segments").iterdir(), key=measure_disk, reverse=True
        )
        parts = {
            "text": [*segment.glob("*.jsonl"), *segment.glob("*.npy")],
            "postings": [*(segment / "lexical").rglob("*.*")],
            "vectors": [*(segment / "vectors").iterdir()],
        }
        sizes = {
            f"{name} bytes/sentence": sum(file.stat().st_size for file in files) / made
            for name, files in parts.items()
        }
        other = place / "other"
        attach(other, Server(server.url))
        start = perf_counter()
        open_snapshot(other).close()
        pull = perf_counter() - start
        encoder = load_encoder()
        encoder.encode_questions(["warm up"])
        seconds = []
        for number in range(5):
            text = SEEDS.joinpath("timeline.txt").read_text() + f"\n\nReport {number}."
            (place / "docs" / f"added-{number}.txt").write_text(text[-3000:])
            start = perf_counter()
            update_index(writer.store, [place / "docs"], load=lambda name: encoder)
            seconds.append(perf_counter() - start)
        on_server = time_answers(writer)
        server.kill()
        away = time_answers(Library(load_settings(store=place / "writer", chroma_url=server.url)))
    finally:
        server.kill()
    return {
        "sentences": made,
        "push us/sentence": 1e6 * push / made,
        "fetch us/sentence": 1e6 * pull / made,
        "server bytes/sentence": disk / made,
        "copy bytes/sentence": measure_disk(other) / made,
        **sizes,
        "add s": median(seconds),
        "answer s": on_server,
        "answer s, server away": away,
        "answer s, embedded": time_answers(Library(load_settings(store=local))),
    }


def print_server(sizes: Sequence[int] = SIZES) -> None:
    """Measure each size and print the results."""
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="footnote-server-") as place:
            figures = measure(size, Path(place))
        print(", ".join(f"{name} {value:.4g}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    print_server([*map(int, sys.argv[1:])] or SIZES)
