"""Quality of answers and refusals on files in SQuAD format, with the default settings."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index import Encoder
from rag.evaluation.run import Outcome, Scores, evaluate_cases, score, write_articles
from rag.library.library import Library
from rag.settings import load_settings
from ui.views.conversation import FAIRLY_SURE, SURE

_ROUNDS = 5  # each round removes another fifth of the paragraphs of each article

Article = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quality:
    """Scores with all documents indexed, and with needed documents removed.

    `whole`: all articles are indexed. `half`: every second article is missing; its questions count
    as unanswerable. `removed`: only the paragraph with the answer is missing; None if the articles
    have only one paragraph. `trust`: for the answers in `half`, by the confidence that the window
    shows ("high", "good", "fair"), the number of answers and the share that is right.
    """

    whole: Scores
    half: Scores
    removed: Scores | None
    trust: dict[str, tuple[int, float]]


def measure_quality(file: Path, encoder: Encoder) -> Quality:
    """Return the scores of a file."""
    data: list[Article] = json.loads(file.read_text("utf-8"))["data"]
    whole = score(_ask(data, encoder))
    half = _ask(data, encoder, missing=range(1, len(data), 2))
    removed: list[Outcome] = []
    if all(len(article["paragraphs"]) > 1 for article in data):
        for kept, asked in _take_out(data):
            removed += _ask(kept + asked, encoder, missing=range(len(kept), len(kept + asked)))
    unanswerable = [outcome for outcome in removed if not outcome.answerable]
    return Quality(
        whole, score(half), score(unanswerable) if removed else None, _measure_trust(half)
    )


def _measure_trust(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, float]]:
    found: dict[str, list[bool]] = {"high": [], "good": [], "fair": []}
    for outcome in outcomes:
        if outcome.confidence is not None:
            sure, fairly = outcome.confidence >= SURE, outcome.confidence >= FAIRLY_SURE
            found["high" if sure else "good" if fairly else "fair"].append(outcome.answered)
    return {name: (len(right), sum(right) / max(len(right), 1)) for name, right in found.items()}


def _take_out(data: Sequence[Article]) -> Iterator[tuple[list[Article], list[Article]]]:
    """Yield for each round the articles with the kept paragraphs, and with the removed ones.

    Only the removed paragraphs have questions.
    """
    for number in range(_ROUNDS):
        kept, asked = [], []
        for article in data:
            parts = article["paragraphs"]
            out = [part for i, part in enumerate(parts) if i % _ROUNDS == number]
            left = [part | {"qas": []} for i, part in enumerate(parts) if i % _ROUNDS != number]
            kept.append(article | {"paragraphs": left})
            asked.append(article | {"paragraphs": out})
        yield kept, asked


def _ask(data: Sequence[Article], encoder: Encoder, missing: Collection[int] = ()) -> list[Outcome]:
    """Ask the questions of all articles. Articles with an index in `missing` are not indexed."""
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        articles = Path(folder, "articles")
        articles.mkdir()
        cases = list(write_articles(data, articles))
        paths = sorted(articles.iterdir())
        out = tuple(f"{paths[number].as_posix()}/" for number in missing)
        cases = [
            replace(case, answers=(), gold=None)
            if case.gold and case.gold[0].startswith(out)
            else case
            for case in cases
        ]
        indexed = [path for number, path in enumerate(paths) if number not in missing]
        settings = load_settings(store=Path(folder, "store"))
        with closing(Library(settings, load=lambda name: encoder)) as library:
            library.update(indexed)
            return evaluate_cases(cases, library)


def print_quality(files: Sequence[Path], encoder: Encoder) -> None:
    """Print one column per file."""
    found = [measure_quality(file, encoder) for file in files]
    rows = {
        "questions": [q.whole.questions for q in found],
        **{f"evidence in the first {k}": [q.whole.hits[k] for q in found] for k in (1, 3, 5, 10)},
        "MRR": [q.whole.mrr for q in found],
        "passage of rank 1 has evidence": [q.whole.passage for q in found],
        "answered": [q.whole.answered for q in found],
        "characters of an answer": [q.whole.answer_length for q in found],
        "citation precision": [q.whole.citation_precision for q in found],
        "citation recall": [q.whole.citation_recall for q in found],
        "refused, article missing": [q.half.right_refusals for q in found],
        "refused, article indexed": [q.half.wrong_refusals for q in found],
        "refused, paragraph missing": [q.removed and q.removed.right_refusals for q in found],
        **{
            f"share right, {name} confidence": [q.trust[name][1] for q in found]
            for name in ("high", "good", "fair")
        },
        **{
            f"answers, {name} confidence": [q.trust[name][0] for q in found]
            for name in ("high", "good", "fair")
        },
        "median seconds": [q.whole.seconds for q in found],
    }
    print(f"{'':32}" + "".join(f"{file.stem[:20]:>22}" for file in files))
    for name, values in rows.items():
        print(f"{name:32}" + "".join(f"{_show(value):>22}" for value in values), flush=True)


def _show(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value > 1 else f"{value:.3f}"
