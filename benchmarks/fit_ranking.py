"""Fit the likelihoods of `rag/retrieval/ranking.py`: `python -m benchmarks.fit_ranking FILE`.

FILE is in SQuAD format: the questions that `python -m training` kept out of the reader's training,
`held-out.squad.json`. Each is asked with its article indexed and without, and a logistic regression
learns which of the sentences found holds the answer. Prints what goes into
`rag/retrieval/ranking.py`, and for a choice of thresholds the share of refusals with the article
(wrong) and without it (right).
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from index import open_snapshot, update_index
from index.encoders.load import load_encoder
from rag.evaluation.run import write_articles
from rag.questions.parse import parse_question
from rag.reader import load_reader
from rag.retrieval.hybrid import CANDIDATES, HybridRetriever
from rag.retrieval.ranking import FEATURES, describe_evidence
from rag.retrieval.read_evidence import read_evidence

Table = npt.NDArray[np.float64]


def main(file: Path) -> None:
    """Gather features, fit, print."""
    with_article, without, labels = gather_features(file)
    weights, bias = fit([*with_article, *without], labels)
    print("WEIGHTS =", {n: round(float(w), 2) for n, w in zip(FEATURES, weights, strict=True)})
    print("BIAS =", round(bias, 2))
    wrong, right = (
        np.array([max(1 / (1 + np.exp(-(table @ weights + bias)))) for table in part if len(table)])
        for part in (with_article, without)
    )
    for share in (0.03, 0.05, 0.06, 0.08, 0.1):
        threshold = np.quantile(wrong, share)
        refused = (right < threshold).mean()
        print(f"threshold {threshold:.3f}: wrong {share:.3f}, right {refused:.3f}")


def gather_features(file: Path) -> tuple[list[Table], list[Table], list[bool]]:
    """Return the features with and without the articles, and which sentences of both answer."""
    tables: tuple[list[Table], list[Table]] = ([], [])
    answers: tuple[list[bool], list[bool]] = ([], [])
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        articles, store = Path(folder, "articles"), Path(folder, "store")
        articles.mkdir()
        cases = list(write_articles(json.loads(file.read_text("utf-8"))["data"], articles))
        update_index(store, [articles], load=lambda name: encoder)
        with closing(open_snapshot(store)) as snapshot:
            retriever = HybridRetriever(snapshot, encoder)
            paths = [record.path for record in snapshot.documents]
            for case in cases:
                if case.gold is None:
                    continue
                asked = parse_question(case.question)
                others = [path for path in paths if path != case.gold[0]]
                for documents, table, answer in zip((None, others), tables, answers, strict=True):
                    found = retriever.find_evidence(asked, CANDIDATES, documents)
                    evidence = read_evidence(load_reader(), asked.text, found)
                    table.append(describe_evidence(asked, evidence))
                    answer += [case.is_evidence(item) for item in evidence]
    return *tables, [*answers[0], *answers[1]]


def fit(tables: Sequence[Table], labels: Sequence[bool]) -> tuple[Table, float]:
    """Return the weights and bias of a logistic regression, for features as they are."""
    table = np.concatenate(tables)
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=2000).fit((table - mean) / deviation, labels)
    weights = model.coef_[0] / deviation
    return weights, float(model.intercept_[0] - weights @ mean)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
