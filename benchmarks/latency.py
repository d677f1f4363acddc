"""Latency of a warm assistant, as a multiple of the time to embed the question."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

from index import Encoder
from rag.assistant import Assistant
from rag.library.library import Library
from rag.settings import load_settings

SEEDS = Path(__file__).parent.parent / "seeds"
QUESTIONS = (
    "Who is the German defence minister?",
    "How many helmets does Germany deliver?",
    "What does NATO offer to talk about?",
    "Why is Ukraine disappointed with Germany?",
    "Who won the world cup?",
)
ROUNDS = 10
_WARM_UP = 5


def time_questions(
    run: Callable[[str], object], questions: Sequence[str] = QUESTIONS * ROUNDS
) -> float:
    """Return the median time of a call in seconds, without the first calls, which warm up."""
    spent = []
    for question in questions:
        start = perf_counter()
        run(question)
        spent.append(perf_counter() - start)
    return median(spent[_WARM_UP:])


def print_latency(encoder: Encoder) -> None:
    """Print the time of embedding, of the first words, and of the whole answer."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(store=Path(folder, "store"))
        with closing(Library(settings, load=lambda name: encoder)) as library:
            library.update([SEEDS])
            Assistant(library=library).ask(QUESTIONS[0])
            embed = time_questions(lambda question: encoder.encode_questions([question]))
            first = time_questions(
                lambda question: next(Assistant(library=library).stream(question))
            )
            whole = time_questions(lambda question: Assistant(library=library).ask(question))
    print(f"embedding a question: {embed * 1000:.1f} ms")
    print(f"first words: {first / embed:.1f} times that; whole answer: {whole / embed:.1f} times")
