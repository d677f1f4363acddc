"""How likely it is that one of the sentences quoted answers: an answer's confidence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rag.answers.answerability import estimate_answerability
from rag.answers.units import AnswerUnit
from rag.questions.parse import Question
from rag.types import Evidence

# A logistic regression on the answers to 1,435 questions about 40 sets of handbooks, manuals, laws,
# minutes, tables and reports. Its penalty draws the weights to those of an earlier fit on 2,231
# other questions, not to 0. benchmarks/results.md compares its estimates with what was right on
# other questions.
WEIGHTS = {
    "chosen": 0.12,
    "answerable": 0.27,
    "lead": 0.45,
    "length": 0.07,
    "single": -0.2,
    "read": 0.06,
    "covered": -0.02,
}
BIAS = -0.53
_LARGEST_LEAD = 4.0
_LEAST = 1e-4  # of likelihoods


def estimate_confidence(
    question: Question,
    found: Sequence[Evidence],
    units: Sequence[AnswerUnit],
    chosen: Sequence[AnswerUnit],
) -> float:
    """Return the likelihood, 0 to 1, that one of the sentences of the `chosen` units answers.

    `found` are the ranked sentences that answer or not, `units` are made of them, best first, and
    one or more of these are chosen. The likelihood of sentences alone is too high for lists and
    manuals, where many sentences look right; a large lead over the second unit speaks for it.
    """
    stated = [item for item in found if item.role == "statement"]
    best = max(stated, key=lambda item: item.score)
    lead = _LARGEST_LEAD
    if len(units) > 1:
        lead = min(_logit(units[0].score) - _logit(units[1].score), _LARGEST_LEAD)
    features = {
        "chosen": _logit(1 - math.prod(1 - unit.score for unit in chosen)),
        "answerable": _logit(estimate_answerability(question, found)),
        "lead": lead,
        "length": math.log(sum(len(unit.sentences) for unit in chosen)),
        "single": float(len(chosen[0].sentences) == 1),
        "read": max(item.signals.read for item in stated),
        "covered": best.signals.passage_covered,
    }
    logit = BIAS + sum(WEIGHTS[name] * value for name, value in features.items())
    return 1 / (1 + math.exp(-logit))


def _logit(likelihood: float) -> float:
    within = min(max(likelihood, _LEAST), 1 - _LEAST)
    return math.log(within / (1 - within))
