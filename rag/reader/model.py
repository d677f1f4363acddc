"""Reads evidence: its sentences get logits and short answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePath

from index import MULTILINGUAL_MODEL, count_cores, load_words
from rag.questions.moments import YEAR_ANYWHERE
from rag.reader.encoding import encode_window
from rag.reader.network import Network, load_network
from rag.reader.outputs import Reading, read_outputs
from rag.types import Evidence

WEIGHTS = Path(__file__).with_name("weights.onnx")
# Of the weights that ship; `training/` makes others, and then this is to be renewed.
SHA256 = {WEIGHTS: "1aaecaf95f3a94f7efbc298b434f233865b412a3765f79eea2202eac60ffd3c2"}

READ = 24  # sentences; reading takes most of the time of an answer
_HEADINGS = 2  # the innermost ones
NEIGHBOURS = 1  # sentences before and after in the reader's input, for pronouns
# Minimum log-probability of a highlighted span. No highlight is better than a wrong one.
CERTAIN = -1.6

NO_TEXTS: Mapping[int, str] = {}

Window = tuple[tuple[str, tuple[str, ...]], int, int]
"""A passage (document and sentences), its first sentence to read, and the one after the last."""


class Reader:
    """Reads questions beside sentences. Safe to use from many threads."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def read(
        self, question: str, windows: Sequence[tuple[str, Sequence[str]]]
    ) -> list[list[Reading]]:
        """Return the readings of each window, which is a title and consecutive sentences.

        A window may have fewer readings than sentences, because sentences that do not fit are
        omitted.
        """

        def read(window: tuple[str, Sequence[str]]) -> list[Reading]:
            tokens = encode_window(self.network.words, question, *window)
            return read_outputs(self.network.run(tokens), tokens)

        # A batch is not faster on a CPU, and padding would be wasted work. One thread for each
        # window is a tenth faster than all threads for one window after the other.
        with ThreadPoolExecutor(count_cores()) as pool:
            return [*pool.map(read, windows)]


def read_evidence(
    reader: Reader,
    question: str,
    evidence: Sequence[Evidence],
    count: int = READ,
    texts: Mapping[int, str] = NO_TEXTS,
) -> list[Evidence]:
    """Return the evidence in the same order, with the reader's logits and short answers.

    Only the first `count` items are read. Nearby sentences of a passage are read together. In place
    of the sentences whose rows are in `texts`, these are read.
    """
    windows = list(find_windows(evidence[:count]))
    titles = {(item.document, item.around): entitle(item) for item in evidence}
    firsts = {(item.document, item.around): item.row - item.position for item in evidence}

    def write(window: Window) -> list[str]:
        passage, first, last = window
        rows = range(firsts[passage] + first, firsts[passage] + last)
        return [
            texts.get(row, text) for row, text in zip(rows, passage[1][first:last], strict=True)
        ]

    read = reader.read(question, [(titles[window[0]], write(window)) for window in windows])
    found: dict[tuple[str, tuple[str, ...], int], Reading] = {}
    for ((document, around), first, _), readings in zip(windows, read, strict=True):
        for offset, reading in enumerate(readings):
            found[document, around, first + offset] = reading
    return [
        _add_reading(
            item, found.get((item.document, item.around, item.position)), texts.get(item.row)
        )
        for item in evidence
    ]


def date_title(item: Evidence) -> str:
    """Return the title of a document, with a year that only its file or folder is named after."""
    path = PurePath(item.document)
    names = (path.stem, *path.parts[-2:-1])
    year = next((found[0] for name in names if (found := YEAR_ANYWHERE.findall(name))), "")
    return f"{item.title} ({year})" if year and year not in item.title else item.title


def entitle(item: Evidence) -> str:
    """Return the title of a passage in the reader's input: document title, year and headings."""
    headings = [heading for heading in item.headings if heading != item.title]
    return ": ".join((date_title(item), *headings[-_HEADINGS:]))


def find_windows(evidence: Sequence[Evidence]) -> Iterator[Window]:
    """Yield the runs of sentences to read: each with its neighbours, overlapping runs joined."""
    positions: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for item in evidence:
        positions.setdefault((item.document, item.around), []).append(item.position)
    for passage, inside in positions.items():
        first = last = -1
        for position in sorted(inside):
            begin = max(position - NEIGHBOURS, 0)
            if begin > last or last < 0:
                if last > 0:
                    yield passage, first, last
                first = begin
            last = min(position + NEIGHBOURS + 1, len(passage[1]))
        yield passage, first, last


def _add_reading(item: Evidence, reading: Reading | None, text: str | None) -> Evidence:
    """Return a sentence with what was read of it, or of another `text` in its place."""
    if reading is None:
        return item
    span = reading.span if reading.certainty >= CERTAIN else None
    if span is not None and text is not None:
        described = text.rfind("(", 0, span[1]) > text.rfind("): ", 0, span[1])
        span = None if described else _find_only(text[slice(*span)], item.readable)
    signals = replace(item.signals, read=reading.logit, described=text is not None)
    return replace(item, signals=signals, span=span)


def _find_only(part: str, text: str) -> tuple[int, int] | None:
    """Return the place of a part that stands in a text once."""
    start = text.find(part)
    return (start, start + len(part)) if text.count(part) == 1 else None


def load_reader() -> Reader:
    """Load the reader, once for a process.

    Raises `ModelUnavailableError` if the weights are damaged or changed.
    """
    return open_reader(WEIGHTS)


@cache
def open_reader(weights: Path) -> Reader:
    """Open a weights file, which was trained on the word embeddings of multilingual-e5-small."""
    words = load_words(MULTILINGUAL_MODEL)
    return Reader(load_network(weights, SHA256.get(weights), words, threads=1))
