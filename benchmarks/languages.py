"""Other languages than English: `python -m benchmarks.languages FOLDER [--articles N]`.

FOLDER has `xquad.LANGUAGE.json` in SQuAD format, parallel in all languages, and
`omosqa.LANGUAGE.json`, whose answers are whole sentences. XQuAD's questions are asked of all
articles in the same language, and those of the English file of the articles in each other language.
OMoS-QA's questions are each asked of their own page.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from index import AUTO_MODEL
from rag.assistant import Assistant
from rag.evaluation.run import Case, evaluate_cases, score, write_articles
from rag.library.library import Library
from rag.settings import load_settings

Article = dict[str, Any]

_DEPTH = 5  # sentences searched


@dataclass(frozen=True, slots=True)
class Result:
    """Shares of the questions; None if there are none of this kind.

    `first` and `within`: a right sentence is at rank 1, or among the first five.
    """

    questions: int
    first: float | None
    within: float | None
    answered: float | None
    right_refusals: float | None
    wrong_refusals: float | None


def measure_articles(
    articles: Sequence[Article], asked: Sequence[Article] | None = None, model: str = AUTO_MODEL
) -> Result:
    """Ask all questions of all articles; `asked` are the same ones in another language."""
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        documents = Path(folder, "articles")
        documents.mkdir()
        cases = list(write_articles(articles, documents))
        if asked is not None:
            questions = [
                entry["question"]
                for article in asked
                for paragraph in article["paragraphs"]
                for entry in paragraph["qas"]
            ]
            pairs = zip(cases, questions, strict=True)
            cases = [replace(case, question=question) for case, question in pairs]
        with closing(_open(Path(folder, "store"), model)) as library:
            library.update([documents])
            found = score(evaluate_cases(cases, library))
    return Result(
        found.questions,
        found.hits[1],
        found.hits[5],
        found.answered if asked is None else None,
        found.right_refusals,
        found.wrong_refusals,
    )


def measure_pages(pages: Sequence[Article], model: str = AUTO_MODEL) -> Result:
    """Ask each question of its own page."""
    ranks: list[int | None] = []
    refusals: dict[bool, list[bool]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        documents = Path(folder, "pages")
        documents.mkdir()
        cases: list[tuple[str, Case]] = []
        for number, page in enumerate(pages):
            file = documents / f"{number:04d}.txt"
            paragraphs = page["paragraphs"]
            file.write_text("\n\n".join(each["context"] for each in paragraphs), "utf-8")
            for entry in (entry for each in paragraphs for entry in each["qas"]):
                right = tuple(answer["text"] for answer in entry["answers"])
                cases.append((file.as_posix(), Case(entry["question"], (), right)))
        with closing(_open(Path(folder, "store"), model)) as library:
            library.update([documents])
            for path, case in cases:
                assistant = Assistant(library=library)
                refused = assistant.ask(case.question, documents=[path]).refused
                refusals[case.answerable].append(refused)
                if case.answerable:
                    found = assistant.search(case.question, _DEPTH, documents=[path])
                    right_ones = (n for n, item in enumerate(found) if case.is_evidence(item))
                    ranks.append(next(right_ones, None))
    return Result(
        len(cases),
        fmean(rank == 0 for rank in ranks),
        fmean(rank is not None for rank in ranks),
        None,
        fmean(refusals[False]) if refusals[False] else None,
        fmean(refusals[True]),
    )


def _open(store: Path, model: str) -> Library:
    return Library(load_settings(store=store, embedding_model=model))


def main() -> None:
    """Print a line for each file, and for each file with the English questions."""
    parser = argparse.ArgumentParser("python -m benchmarks.languages")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, help="of each file; all if omitted")
    parser.add_argument("--model", default=AUTO_MODEL)
    given = parser.parse_args()
    read = {
        file.name.removesuffix(".json"): json.loads(file.read_text("utf-8"))["data"]
        for kind in ("xquad", "omosqa")
        for file in sorted(given.folder.glob(f"{kind}.*.json"))
    }
    print(f"{'':24}questions  rank 1  first 5  answered  refused: rightly, wrongly", flush=True)
    for name, articles in read.items():
        chosen = articles[: given.articles]
        if name.startswith("omosqa"):
            _print(name, measure_pages(chosen, given.model))
            continue
        _print(name, measure_articles(chosen, model=given.model))
        english = read.get("xquad.en")
        if english and name != "xquad.en":
            asked = english[: given.articles]
            _print(f"{name}, asked in English", measure_articles(chosen, asked, given.model))


def _print(name: str, result: Result) -> None:
    shares = (
        result.first,
        result.within,
        result.answered,
        result.right_refusals,
        result.wrong_refusals,
    )
    shown = ("    -" if share is None else f"{share:5.3f}" for share in shares)
    print(f"{name:30}{result.questions:5}   " + "   ".join(shown), flush=True)


if __name__ == "__main__":
    main()
