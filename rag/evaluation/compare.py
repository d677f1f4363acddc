"""Compares two evaluations of the same questions, with a significance test.

The test is a paired randomisation test (Noreen, 1989; recommended for retrieval by Smucker, Allan
and Carterette, CIKM 2007). Its null hypothesis is that both runs are equally good, so that the two
results of each question can be swapped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rag.errors import EvaluationError
from rag.evaluation.run import Outcome

_ROUNDS = 10_000
_METRICS: dict[str, Callable[[Outcome], float | None]] = {
    "hit@1": lambda o: float(o.rank == 1) if o.answerable else None,
    "hit@5": lambda o: float(o.rank is not None and o.rank <= 5) if o.answerable else None,
    "mrr": lambda o: (1 / o.rank if o.rank else 0.0) if o.answerable else None,
    "answered": lambda o: float(o.answered) if o.answerable else None,
    "citation_recall": lambda o: float(any(o.cited)) if o.answerable else None,
    "right_refusals": lambda o: None if o.answerable else float(o.refused),
    "wrong_refusals": lambda o: float(o.refused) if o.answerable else None,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of two runs over the same questions.

    `p` is the probability of a difference at least as large if both runs are equally good.
    `better` and `worse` are the numbers of questions for which the second run's value is higher
    and lower.
    """

    metric: str
    before: float
    after: float
    better: int
    worse: int
    p: float

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as JSON values."""
        return asdict(self)


def compare_runs(before: Sequence[Outcome], after: Sequence[Outcome]) -> list[Difference]:
    """Compare two runs by each metric. Raises `EvaluationError` if the questions differ."""
    if [o.question for o in before] != [o.question for o in after]:
        raise EvaluationError(
            "the two runs have different questions", "evaluate both with the same file"
        )
    differences = []
    for name, metric in _METRICS.items():
        pairs = [
            (old, new)
            for a, b in zip(before, after, strict=True)
            if (old := metric(a)) is not None and (new := metric(b)) is not None
        ]
        if pairs:
            differences.append(_compare(name, np.array(pairs)))
    return differences


def _compare(name: str, pairs: np.ndarray[Any, np.dtype[np.float64]]) -> Difference:
    change = pairs[:, 1] - pairs[:, 0]
    moved = change[change != 0]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (_ROUNDS, len(moved)))
    by_chance = np.abs((signs * moved).sum(axis=1)) >= abs(moved.sum()) - 1e-9
    return Difference(
        metric=name,
        before=float(pairs[:, 0].mean()),
        after=float(pairs[:, 1].mean()),
        better=int((change > 0).sum()),
        worse=int((change < 0).sum()),
        p=float((by_chance.sum() + 1) / (_ROUNDS + 1)),
    )
