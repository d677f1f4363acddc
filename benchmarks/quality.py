"""Answers and refusals on SQuAD-format files, with the settings that ship."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from index import Encoder
from rag.evaluation import Case, Scores, evaluate_cases, score, write_articles
from rag.library import Library
from rag.settings import load_settings


def measure_quality(file: Path, encoder: Encoder) -> tuple[Scores, Scores]:
    """Return the figures with all articles indexed, and those with every other one missing.

    In the second, questions of missing articles count as unanswerable.
    """
    data = json.loads(file.read_text("utf-8"))["data"]
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        articles = Path(folder, "articles")
        articles.mkdir()
        cases = list(write_articles(data, articles))
        whole = _ask(cases, [articles], Path(folder, "whole"), encoder)
        kept = sorted(articles.iterdir())[::2]
        prefixes = tuple(f"{path.as_posix()}/" for path in kept)
        halved = [
            case
            if case.gold is None or case.gold[0].startswith(prefixes)
            else replace(case, answers=(), gold=None)
            for case in cases
        ]
        return whole, _ask(halved, kept, Path(folder, "half"), encoder)


def _ask(cases: Sequence[Case], paths: Sequence[Path], store: Path, encoder: Encoder) -> Scores:
    with closing(Library(load_settings(store=store), load=lambda name: encoder)) as library:
        library.update(paths)
        return score(evaluate_cases(cases, library))


def print_quality(files: Sequence[Path], encoder: Encoder) -> None:
    """Print a row per file."""
    names = ("hit@1", "hit@5", "answered", "precision", "recall", "right refusals", "wrong")
    print(f"{'':24}" + "".join(f"{name:>16}" for name in names))
    for file in files:
        whole, half = measure_quality(file, encoder)
        row = (
            whole.hits[1],
            whole.hits[5],
            whole.answered,
            whole.citation_precision,
            whole.citation_recall,
            half.right_refusals,
            half.wrong_refusals,
        )
        figures = "".join(f"{'-' if value is None else f'{value:.3f}':>16}" for value in row)
        print(f"{file.stem[:23]:24}{figures}", flush=True)
