"""Fit the refusals in running text: `python -m benchmarks.fit_refusals FILE ...`.

FILEs are in SQuAD format, plain or `.xz`, and of the reader's training data (`docs/reader.md`), not
of those that are measured on. Every second article of each file is missing, so its questions cannot
be answered. A logistic regression that tells these from the others is fitted and printed, for
`rag/answers/answerability.py`, with the shares of wrong and right refusals in ten-fold
cross-validation.
"""

from __future__ import annotations

import json
import lzma
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from rag.answers.answerability import PLAIN_WEIGHTS, REFUSAL_THRESHOLD, describe_best
from rag.evaluation.run import Case, write_articles
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.hybrid import HybridRetriever
from rag.settings import load_settings

_QUESTIONS = 440  # of a file
_COUNT = 100  # sentences found for a question
_WRONG = (0.02, 0.03, 0.04, 0.06)  # shares of wrong refusals for which the right ones are printed
_SEED = 7


def main(files: list[Path]) -> None:
    """Ask the questions of all files, fit the model, and print it."""
    asked = [pair for file in files for pair in _ask(file)]
    features = np.array([row for row, _ in asked], np.float64)
    told = np.array([answerable for _, answerable in asked])
    model = LogisticRegression(C=0.3, max_iter=5000)
    likelihoods = cross_val_predict(model, features, told, cv=10, method="predict_proba")[:, 1]
    model.fit(features, told)
    weights = dict(zip(PLAIN_WEIGHTS, model.coef_[0].round(2).tolist(), strict=True))
    print(f"{len(told)} questions, {told.sum()} that can be answered: {weights}")
    print(f"bias {model.intercept_[0]:.2f}, area {roc_auc_score(told, likelihoods):.3f}")
    for wrong in _WRONG:
        least = float(np.quantile(likelihoods[told], wrong))
        shift = np.log(REFUSAL_THRESHOLD / (1 - REFUSAL_THRESHOLD)) - np.log(least / (1 - least))
        right = float(np.mean(likelihoods[~told] < least))
        bias = float(model.intercept_[0]) + shift
        print(f"wrong refusals {wrong:.2f}: right ones {right:.3f} with bias {bias:.2f}")


def _ask(file: Path) -> Iterator[tuple[list[float], bool]]:
    """Yield the features of each question, and whether its article is there."""
    chance = random.Random(_SEED)
    articles = _read(file)
    chance.shuffle(articles)
    with tempfile.TemporaryDirectory(prefix="footnote-fit-") as folder:
        documents = Path(folder, "articles")
        documents.mkdir()
        cases = _choose([*write_articles(articles[:_QUESTIONS], documents)], chance)
        there = sorted(documents.iterdir())[::2]
        with closing(Library(load_settings(store=Path(folder, "store")))) as library:
            library.update(there)
            with library.snapshot() as snapshot:
                retriever = HybridRetriever(snapshot, library.models.encoder(snapshot))
                for case in cases:
                    question = parse_question(case.question)
                    found = retriever.retrieve(question, _COUNT)
                    stated = [item for item in found if item.role == "statement"]
                    features = describe_best(question, stated)
                    answerable = case.gold is not None and Path(case.gold[0]).parent in there
                    yield [features[name] for name in PLAIN_WEIGHTS], answerable


def _read(file: Path) -> list[dict[str, Any]]:
    content = file.read_bytes()
    data: list[dict[str, Any]] = json.loads(
        lzma.decompress(content) if file.suffix == ".xz" else content
    )["data"]
    return data


def _choose(cases: list[Case], chance: random.Random) -> list[Case]:
    """Return as many questions with an answer of each article."""
    by_article: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.gold is not None:
            by_article[case.gold[0]].append(case)
    each = max(_QUESTIONS // len(by_article), 1)
    return [case for own in by_article.values() for case in chance.sample(own, min(each, len(own)))]


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
