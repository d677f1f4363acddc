"""The entailment model: whether sentences support a claim, read by the reader's network.

It was trained for this project from the reader's weights. `docs/claims.md` describes the data, how
to repeat the training, and the results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from index import load_words
from rag.claims.clauses import Clause
from rag.claims.types import Source
from rag.reader import Network, encode_window, load_network

# Of the weights that ship; `training/claims/` makes others, and then this is to be renewed.
_SHA256 = "4f5ed4da120051e4aa01777cda26aa12c34312acb25bbc5b8a92fa19cf98825f"
WEIGHTS = Path(__file__).with_name("weights.onnx")
_MAX_TOKENS = 192
MOST_SOURCES = 4
"""Sources that are read beside a claim."""


@dataclass(frozen=True, slots=True)
class Entailment:
    """The logits for a claim: that it is not supported, and that it is contradicted if so.

    `clauses` holds the first for each clause.
    """

    unsupported: float
    contradicted: float
    clauses: tuple[float, ...]


class EntailmentModel:
    """Reads claims beside sentences. Safe to use from many threads."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def read(self, claim: str, clauses: Sequence[Clause], sources: Sequence[Source]) -> Entailment:
        """Return the logits of a claim and its clauses beside up to `MOST_SOURCES` sources."""
        title, sentences = _lay_out(sources)
        tokens = encode_window(self._network.words, claim, title, sentences, _MAX_TOKENS)
        outputs = self._network.run(tokens)
        count = tokens.types.index(1) - 2  # without [CLS] and [SEP]
        _, offsets = self._network.words.read(claim)
        mine = outputs[1 : count + 1]
        per_clause = []
        for clause in clauses:
            rows = [
                row
                for row, (start, end) in enumerate(offsets[:count])
                if start < clause.end and end > clause.start
            ]
            # Of a long claim only the beginning is read.
            per_clause.append(_combine(mine[rows]) if rows else _combine(mine))
        return Entailment(_combine(mine), float(outputs[0, 2]), tuple(per_clause))


def _combine(outputs: np.ndarray) -> float:
    return float(outputs[:, 0].mean() + outputs[:, 1].max())


def _lay_out(sources: Sequence[Source]) -> tuple[str, list[str]]:
    """Return the title, and the sentences with those before them, each once."""
    sentences = [text for source in sources for text in (source.before, source.sentence) if text]
    return sources[0].title if sources else "", list(dict.fromkeys(sentences))


@cache
def load_entailment_model() -> EntailmentModel:
    """Load the model, once for a process.

    Raises `ModelUnavailableError` if the bundled weights are damaged or changed.
    """
    return EntailmentModel(load_network(WEIGHTS, _SHA256, load_words()))
