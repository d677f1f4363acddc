"""Fit the likelihoods of `rag/ranking.py`: `python -m benchmarks.fit_ranking FILE`.

FILE is in SQuAD format; the shipped weights come from 11 articles of the training part of SQuAD
1.1 (Rajpurkar et al., 2016, arXiv:1606.05250; CC BY-SA 4.0), every other question. Each question
is asked with its article indexed and without, and a logistic regression learns which of the
first 12 sentences holds the answer. Prints what goes into `rag/ranking.py`, and for a choice of
thresholds the share of refusals with the article (wrong) and without it (right).
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from index import open_snapshot, update_index
from index.embedding import load_encoder
from rag.evaluation import write_articles
from rag.questions import read_question
from rag.ranking import FEATURES, describe_evidence
from rag.retrieval import HybridRetriever

CANDIDATES = 12


def main(file: Path) -> None:
    """Gather features, fit, print."""
    rows, labels, with_article, without = [], [], [], []
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder, "articles")
        articles.mkdir()
        cases = [*write_articles(json.loads(file.read_text("utf-8"))["data"], articles)][::2]
        store = Path(folder, "store")
        update_index(store, [articles], load=lambda name: encoder)
        with closing(open_snapshot(store)) as snapshot:
            retriever = HybridRetriever(snapshot, encoder)
            paths = [record.path for record in snapshot.documents]
            for case in cases:
                if case.gold is None:
                    continue
                asked = read_question(case.question)
                others = [path for path in paths if path != case.gold[0]]
                for documents, gathered in ((None, with_article), (others, without)):
                    evidence = retriever.find_evidence(asked, CANDIDATES, documents)
                    features = describe_evidence(asked, evidence)
                    gathered.append(features)
                    rows.append(features)
                    labels += [case.is_evidence(item) for item in evidence]
    table = np.concatenate(rows)
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=2000).fit((table - mean) / deviation, labels)
    weights = model.coef_[0] / deviation
    bias = float(model.intercept_[0] - weights @ mean)
    print("WEIGHTS =", {n: round(float(w), 2) for n, w in zip(FEATURES, weights, strict=True)})
    print("BIAS =", round(bias, 2))

    def best(gathered: list[np.ndarray]) -> np.ndarray:
        return np.array([max(1 / (1 + np.exp(-(f @ weights + bias)))) for f in gathered if len(f)])

    for threshold in (0.05, 0.06, 0.07, 0.08, 0.09, 0.11):
        wrong, right = (best(part) < threshold for part in (with_article, without))
        print(f"threshold {threshold}: wrong {wrong.mean():.3f}, right {right.mean():.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
