"""Whether what was found answers a question at all: a logistic model over the best of it.

`benchmarks/fit_ranking.py` fitted it on questions that the reader was not trained on, each asked
with the passage that answers and without: what is left then is on the topic, and no answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rag.questions.parse import Question
from rag.retrieval.ranking import FEATURES as SENTENCE_FEATURES
from rag.retrieval.ranking import describe_evidence
from rag.types import Evidence

_BEST = 3  # sentences that are looked at together
_SHARED = (
    "dense", "lexical", "passage_dense", "passage_lexical", "title", "covered", "window_covered",
    "passage_covered", "names_missed", "kind_met", "kind_missed", "heading_dense",
    "heading_covered",
)  # fmt: skip
FEATURES = (
    "read", "read_second", "read_mean", "logit", "logit_second", *_SHARED,
    "most_dense", "most_covered", "terms", "list", "procedure", "comparison",
)  # fmt: skip


def describe_best(question: Question, evidence: Sequence[Evidence]) -> list[float]:
    """Return the features of what was found, in the order of `FEATURES`.

    Those of a single sentence are of the one with the highest score.
    """
    stated = [item for item in evidence if item.role == "statement"] or list(evidence)
    best = sorted(stated, key=lambda item: -item.score)[:_BEST]
    reads = sorted((item.signals.read for item in stated), reverse=True)[:_BEST]
    logits = sorted((item.signals.logit for item in stated), reverse=True)[:2]
    (told,) = describe_evidence(question, best[:1])
    of_best = dict(zip(SENTENCE_FEATURES, told, strict=True))
    return [
        reads[0],
        reads[min(1, len(reads) - 1)],
        sum(reads) / len(reads),
        logits[0],
        logits[-1],
        *(float(of_best[name]) for name in _SHARED),
        max(item.signals.dense for item in stated),
        max(item.signals.passage_covered for item in stated),
        math.log1p(len(question.terms)),
        float(question.form == "list"),
        float(question.form == "procedure"),
        float(question.form == "comparison"),
    ]
