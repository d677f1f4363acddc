"""How likely a sentence is to answer a question: a logistic model over what is known of both."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from index import split_terms
from rag.questions import Question
from rag.spans import novel_spans
from rag.types import Evidence

# Fitted by `benchmarks/fit_ranking.py` on 1,904 questions of 11 articles of SQuAD 1.1's training
# part (Rajpurkar et al., 2016; CC BY-SA 4.0), each asked with its article indexed and without.
WEIGHTS = {
    "dense": 8.18,
    "lexical": 9.15,
    "passage_dense": -1.36,
    "passage_lexical": -5.26,
    "title": -2.87,
    "covered": -1.09,
    "window_covered": 1.23,
    "passage_covered": 3.61,
    "kind_met": -0.02,
    "kind_missed": -1.73,
    "points_back": 0.09,
    "news": -2.23,
    "length": 3.58,
    "behind": -9.78,
}
BIAS = -7.95
FEATURES = tuple(WEIGHTS)

_POINTS_BACK = re.compile(
    r"(?:It|He|She|They|This|These|Those|That|Its|His|Her|Their|Such|There|The (?:former|latter)"
    r"|Among|Both|Also|In addition|Instead|However|But|And|So|Thus|Therefore)\b"
)


def describe_evidence(question: Question, evidence: Sequence[Evidence]) -> npt.NDArray[np.float64]:
    """Return the features of each sentence, shape (evidence, features)."""
    best = max((item.signals.fused for item in evidence), default=0.0)
    return np.array([_describe(question, item, best) for item in evidence], np.float64).reshape(
        -1, len(FEATURES)
    )


def _describe(question: Question, item: Evidence, best: float) -> list[float]:
    text = item.readable
    signals = item.signals
    terms = set(split_terms(text))
    asked = set(question.terms)
    expects = question.kind != "other"
    met = expects and bool(novel_spans(question, text))
    # Few sentences that give a reason have a word that says so: its absence means little.
    missed = expects and not met and question.kind != "reason"
    return [
        signals.dense,
        signals.lexical,
        signals.passage_dense,
        signals.passage_lexical,
        signals.title,
        signals.covered,
        signals.window_covered,
        signals.passage_covered,
        float(met),
        float(missed),
        float(bool(_POINTS_BACK.match(text))),
        sum(term not in asked for term in terms) / max(len(terms), 1),
        math.log1p(len(text.split())) / 4,
        best - signals.fused,
    ]


def rank_evidence(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence with its likelihoods as scores, best first.

    Headings and questions announce an answer; they are none, and come last.
    """
    logits = describe_evidence(question, evidence) @ np.array([*WEIGHTS.values()]) + BIAS
    likelihoods = 1 / (1 + np.exp(-logits))
    rated = [
        replace(item, score=float(likelihood) if item.role == "statement" else 0.0)
        for likelihood, item in zip(likelihoods, evidence, strict=True)
    ]
    return sorted(rated, key=lambda item: (-item.score, -item.signals.fused))
