"""The reader's outputs for each token -> a `Reading` of each sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.reader.encoding import Tokens

ABOUT, INSIDE, BEGINS, ENDS = range(4)  # the outputs for a token
MAX_SPAN = 24  # maximum tokens of a short answer

Outputs = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """The reader's result for a sentence.

    `logit` is the uncalibrated logit that the sentence answers the question. `span` is the
    likeliest short answer in it, in characters. `certainty` is the log-probability of that span
    among all spans of the sequence.
    """

    logit: float
    span: tuple[int, int]
    certainty: float


def read_outputs(outputs: Outputs, tokens: Tokens) -> list[Reading]:
    """Return one reading per sentence of a sequence. `outputs` has shape (tokens, 4)."""
    begins, ends = (_normalise(outputs[:, head], tokens) for head in (BEGINS, ENDS))
    readings = []
    for start, stop in tokens.sentences:
        logit = float(outputs[start:stop, ABOUT].mean() + outputs[start:stop, INSIDE].max())
        first, last, certainty = _best_span(begins[start:stop], ends[start:stop])
        span = tokens.offsets[start + first][0], tokens.offsets[start + last][1]
        readings.append(Reading(logit, span, certainty))
    return readings


def _normalise(logits: Outputs, tokens: Tokens) -> Outputs:
    """Return log-probabilities over the tokens after the question."""
    shut = np.array(tokens.types) == 0
    masked = np.where(shut, -np.inf, logits)
    highest = masked.max()
    return np.asarray(masked - highest - np.log(np.exp(masked - highest).sum()), np.float32)


def _best_span(begins: Outputs, ends: Outputs) -> tuple[int, int, float]:
    scores = begins[:, None] + ends[None, :]
    length = np.arange(len(ends))[None, :] - np.arange(len(begins))[:, None]
    scores = np.where((length >= 0) & (length < MAX_SPAN), scores, -np.inf)
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    return int(first), int(last), float(scores[first, last])
