"""Fit the ranking and the refusals: `python -m benchmarks.fit_ranking DATA`; see `docs/reader.md`.

DATA is the folder that the reader was trained on. The texts that were held out of training are
indexed together, and the same number of questions from each file is asked. A logistic regression
that predicts which sentences answer is fitted and printed, for `rag/retrieval/ranking.py`. Then
each question is scored twice: with all evidence, and without the passage that answers. What remains
is on the topic, but does not answer. Both scores give the thresholds for refusals.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index import open_snapshot, update_index
from index.encoders.load import load_encoder
from rag.questions.parse import Question, parse_question
from rag.reader import load_reader, read_evidence
from rag.retrieval.hybrid import CANDIDATES, HybridRetriever
from rag.retrieval.ranking import FEATURES, describe_evidence, rank_evidence
from rag.types import Evidence
from training.examples import Example, Text, read_folder
from training.held_out import is_held_out

Table = npt.NDArray[np.float64]

_ASKED = 110  # questions of a file
_SKIPPED = ("heq", "norquad", "qamr", "afriqa-fr", "nq-swap", "omosqa-de", "omosqa-fr")
_WRONG = (0.04, 0.06, 0.08, 0.1)  # shares of wrong refusals for which thresholds are printed


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its evidence. `inside` says which evidence is in the passage that answers.

    `right` says which sentences are known to answer: of each passage only the likeliest one.
    """

    file: str
    asked: Question
    evidence: list[Evidence]
    inside: list[bool]
    right: list[bool]
    answerable: bool


def main(data: Path) -> None:
    """Ask the questions, fit the model, and print it."""
    cases = list(ask(data))
    tables = [describe_evidence(case.asked, case.evidence) for case in cases]
    kept = [
        [i for i, (r, s) in enumerate(zip(case.right, case.inside, strict=True)) if r or not s]
        for case in cases
    ]
    features = np.concatenate([table[rows] for table, rows in zip(tables, kept, strict=True)])
    labels = np.concatenate(
        [np.array(case.right)[rows] for case, rows in zip(cases, kept, strict=True)]
    )
    weights, bias = fit(features, labels)
    print("ranking")
    print("WEIGHTS =", {n: round(float(w), 2) for n, w in zip(FEATURES, weights, strict=True)})
    print("BIAS =", round(bias, 2))
    for name in sorted({case.file for case in cases}):
        mine = [
            (c, t) for c, t in zip(cases, tables, strict=True) if c.file == name and any(c.right)
        ]
        first = [c.inside[int(np.argmax(t @ weights))] for c, t in mine]
        print(f"  {name}: {len(mine)} questions, right passage first {np.mean(first):.3f}")
    measure_refusals(cases, weights, bias)


def ask(data: Path) -> Iterator[Case]:
    """Yield what is found for the questions on texts that were held out."""
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        files, store = Path(folder, "files"), Path(folder, "store")
        asked: list[tuple[str, Path, Text, Example]] = []
        for name, collection in read_folder(data):
            label = name.split(".squad")[0]
            if label.startswith(_SKIPPED):
                continue
            examples = [each for each in collection.examples if is_held_out(each.text)]
            random.Random(7).shuffle(examples)
            for example in examples[:_ASKED]:
                text = collection.texts[example.text]
                file = files / label / f"{example.text}.md"
                file.parent.mkdir(parents=True, exist_ok=True)
                told = "\n\n".join(" ".join(sentences) for sentences in text.paragraphs)
                file.write_text(f"# {text.title}\n\n{told}\n", "utf-8")
                asked.append((label, file, text, example))
        update_index(store, [files], load=lambda name: encoder)
        with closing(open_snapshot(store)) as snapshot:
            retriever = HybridRetriever(snapshot, encoder)
            for label, file, text, example in asked:
                question = parse_question(example.question)
                found = retriever.find_evidence(question, CANDIDATES, None)
                ranked = rank_evidence(question, read_evidence(load_reader(), question.text, found))
                yield _judge(label, question, file, text, example, ranked)


def _judge(
    label: str, question: Question, file: Path, text: Text, example: Example, ranked: list[Evidence]
) -> Case:
    paragraph = text.paragraphs[example.paragraph]
    if example.level == "passage":
        answers = [paragraph[number] for number in example.sentences]
    else:
        answers = list(paragraph)
    whole = _words(" ".join(answers))
    gold = {_words(paragraph[number]) for number in example.sentences}
    inside = [
        item.document.endswith(f"{file.parent.name}/{file.name}") and _words(item.readable) in whole
        for item in ranked
    ]
    if example.level == "passage":
        logits = [i.signals.read if s else -np.inf for i, s in zip(ranked, inside, strict=True)]
        best = int(np.argmax(logits)) if any(inside) else -1
        right = [number == best for number in range(len(ranked))]
    else:
        right = [
            s and any(_words(item.readable) in g or g in _words(item.readable) for g in gold)
            for item, s in zip(ranked, inside, strict=True)
        ]
    return Case(label, question, ranked, inside, right, bool(example.sentences))


def measure_refusals(cases: Sequence[Case], weights: Table, bias: float) -> None:
    """Print the AUC of the best likelihood, and the error rates at some thresholds."""
    best, answered = [], []
    for case in cases:
        likely = score_sentences(case, weights, bias)
        beside = np.where(np.array(case.inside), 0.0, likely)
        if any(case.right):
            best.append(likely.max())
            answered.append(True)
        if not all(case.inside):
            best.append(beside.max())
            answered.append(False)
    scores, labels = np.array(best), np.array(answered)
    print("AUC:", round(float(roc_auc_score(labels, scores)), 3))
    for share in _WRONG:
        threshold = float(np.quantile(scores[labels], share))
        refused = float((scores[~labels] < threshold).mean())
        print(f"threshold {threshold:.3f}: wrong {share}, right {refused:.3f}")


def score_sentences(case: Case, weights: Table, bias: float) -> Table:
    """Return the likelihood of each item of evidence; 0 for headings and questions."""
    logits = describe_evidence(case.asked, case.evidence) @ weights + bias
    stated = np.array([item.role == "statement" for item in case.evidence])
    return np.where(stated, 1 / (1 + np.exp(-logits)), 0.0)


def fit(table: Table, labels: npt.NDArray[np.bool_]) -> tuple[Table, float]:
    """Return the weights and bias of a logistic regression, for features that are not scaled."""
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=3000, C=0.3).fit((table - mean) / deviation, labels)
    weights = model.coef_[0] / deviation
    return weights, float(model.intercept_[0] - weights @ mean)


def _words(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
