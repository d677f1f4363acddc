"""Reorders the likeliest sentences with a cross-encoder that the user configures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from index import ModelUnavailableError, find_model, require_process
from rag.types import Evidence

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

RERANKED = 10  # sentences that are reordered


class Reranker:
    """A sentence-transformers `CrossEncoder`. Thread-safe."""

    def __init__(self, model: CrossEncoder) -> None:
        self._model = model
        self._process = os.getpid()

    def rerank(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Return the evidence with its first `RERANKED` statements in the model's order.

        The outputs of an unknown model are not likelihoods, so the existing scores are kept and
        assigned in the new order: the model's first sentence gets the highest score, and so on. The
        decision to refuse therefore does not depend on the model.
        """
        chosen = [item for item in evidence if item.score > 0][:RERANKED]
        if not chosen:
            return list(evidence)
        require_process(self._process, "the reranker")
        pairs = [(question, " ".join(item.readable.split())) for item in chosen]
        scores = np.asarray(self._model.predict(pairs, show_progress_bar=False))
        order = np.argsort(-scores.reshape(len(chosen), -1)[:, 0], kind="stable")
        ranked = [
            replace(chosen[int(number)], score=item.score)
            for number, item in zip(order, chosen, strict=True)
        ]
        return [*ranked, *(item for item in evidence if item not in chosen)]


def load_reranker(name: str) -> Reranker:
    """Load a cross-encoder by name or folder. Raises `ModelUnavailableError`."""
    remedy = "set RAG_RERANKER to the name or folder of a sentence-transformers CrossEncoder"
    try:
        folder = find_model(name)
        from sentence_transformers import CrossEncoder

        model = CrossEncoder(str(folder))
    except Exception as error:
        raise ModelUnavailableError(
            f"the reranker {name} cannot be loaded or fetched ({type(error).__name__})", remedy
        ) from error
    if model.num_labels != 1:
        raise ModelUnavailableError(
            f"the reranker {name} gives {model.num_labels} scores for a pair, not one", remedy
        )
    return Reranker(model)
