"""Measures answers against questions whose answers are known."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from index import OnProgress, Progress
from rag.assistant import Assistant
from rag.errors import EvaluationError
from rag.library import Library
from rag.types import Answer, Citation, Evidence

_DEPTHS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what counts as its answer and as evidence for it; both empty: no answer.

    A sentence is evidence when it contains one of `evidence`, or lies in it; with `gold` given,
    a tuple of document and offset, when it is the sentence at that place.
    """

    question: str
    answers: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    gold: tuple[str, int] | None = None

    @property
    def answerable(self) -> bool:
        """Whether the documents answer the question."""
        return bool(self.answers or self.evidence or self.gold)

    def is_evidence(self, found: Evidence | Citation) -> bool:
        """Whether a sentence is evidence for the answer."""
        if self.gold is not None:
            document, offset = self.gold
            return found.document == document and found.start <= offset < found.end
        sentence = _squeeze(found.sentence)
        return any(part in sentence or sentence in part for part in map(_squeeze, self.evidence))


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of an evaluation; None where no question bears on a figure.

    `hit@k`: an evidence sentence is among the first k found; `mrr`: mean of 1 / its rank, within
    the first 10. `answered`: an accepted string is in the answer. Precision: share of the cited
    sentences that are evidence; recall: share of the answerable questions with such a citation.
    Refusals are right for questions without an answer, wrong for the others.
    """

    questions: int
    hits: dict[int, float | None]
    mrr: float | None
    answered: float | None
    answer_length: float | None
    citation_precision: float | None
    citation_recall: float | None
    right_refusals: float | None
    wrong_refusals: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        fields = asdict(self)
        hits = {f"hit@{depth}": value for depth, value in fields.pop("hits").items()}
        return {"questions": fields.pop("questions"), **hits, **fields}


def read_cases(file: Path) -> list[Case]:
    """Read questions in JSON lines. Raises `EvaluationError`, naming the line."""
    cases = []
    for number, line in enumerate(_read_text(file).splitlines(), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            cases.append(
                Case(fields["question"], tuple(fields["answer"]), tuple(fields["evidence"]))
            )
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(
                f"line {number} of {file} is no question ({type(error).__name__})",
                "each line needs `question`, `answer` and `evidence`",
            ) from error
    if not cases:
        raise EvaluationError(f"{file} holds no questions", "add some")
    return cases


def _read_text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise EvaluationError(f"{file} cannot be read ({reason})", "check the path") from error


def evaluate_file(
    file: Path, library: Library, on_progress: OnProgress = lambda progress: None
) -> Scores:
    """Ask the questions of a file and measure the answers.

    JSON lines are asked of the library. A file in SQuAD format brings its own articles; they are
    indexed for the occasion, one document each, and the library's index is left alone. Raises
    `EvaluationError`, and what asking raises.
    """
    text = _read_text(file)
    try:
        squad = json.loads(text)
    except ValueError:
        squad = None
    if not (isinstance(squad, dict) and "data" in squad):
        return evaluate_cases(read_cases(file), library, on_progress)
    with tempfile.TemporaryDirectory(prefix="footnote-eval-") as folder:
        articles = Path(folder, "articles")
        articles.mkdir()
        try:
            cases = list(write_articles(squad["data"], articles))
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise EvaluationError(
                f"{file} is not in SQuAD format ({type(error).__name__} in an article)",
                "see https://rajpurkar.github.io/SQuAD-explorer",
            ) from error
        settings = library.settings.model_copy(update={"store": Path(folder, "store")})
        with closing(Library(settings)) as own:
            own.update([articles], on_progress)
            return evaluate_cases(cases, own, on_progress)


def write_articles(data: Sequence[dict[str, Any]], folder: Path) -> Iterator[Case]:
    """Write each article of a SQuAD-format file as a document; yield its questions."""
    for number, article in enumerate(data):
        name = "".join(c if c.isalnum() else " " for c in article["title"])
        path = folder / f"{number:05d}" / f"{' '.join(name.split())[:80] or 'untitled'}.txt"
        path.parent.mkdir()
        text = ""
        for paragraph in article["paragraphs"]:
            context = paragraph["context"].replace("\r\n", "\n").replace("\r", "\n")
            for entry in paragraph["qas"]:
                answers = entry["answers"]
                gold = None
                if answers:
                    lead = len(answers[0]["text"]) - len(answers[0]["text"].lstrip())
                    gold = path.as_posix(), len(text) + answers[0]["answer_start"] + lead
                accepted = tuple(answer["text"].strip() for answer in answers)
                yield Case(entry["question"], accepted, gold=gold)
            text += f"{context}\n\n"
        path.write_text(text, "utf-8")


@dataclass(frozen=True, slots=True)
class _Outcome:
    case: Case
    rank: int | None
    answer: Answer


def evaluate_cases(
    cases: Iterable[Case], library: Library, on_progress: OnProgress = lambda progress: None
) -> Scores:
    """Ask questions, each by itself, and measure the answers."""
    cases = list(cases)
    outcomes = []
    for done, case in enumerate(cases):
        on_progress(Progress("ask", done, len(cases)))
        assistant = Assistant(library=library)
        found = assistant.search(case.question, max(_DEPTHS))
        ranks = (rank for rank, item in enumerate(found, 1) if case.is_evidence(item))
        outcomes.append(_Outcome(case, next(ranks, None), assistant.ask(case.question)))
    on_progress(Progress("ask", len(cases), len(cases)))
    return _score(outcomes)


def _score(outcomes: Sequence[_Outcome]) -> Scores:
    answerable = [outcome for outcome in outcomes if outcome.case.answerable]
    others = [outcome for outcome in outcomes if not outcome.case.answerable]
    cited = [
        [outcome.case.is_evidence(citation) for citation in outcome.answer.citations]
        for outcome in answerable
    ]
    return Scores(
        questions=len(outcomes),
        hits={
            depth: _mean(o.rank is not None and o.rank <= depth for o in answerable)
            for depth in _DEPTHS
        },
        mrr=_mean(1 / o.rank if o.rank else 0.0 for o in answerable),
        answered=_mean(_is_answered(o) for o in answerable),
        answer_length=_mean(len(o.answer.text) for o in answerable if not o.answer.refused),
        citation_precision=_mean(right for answer in cited for right in answer),
        citation_recall=_mean(any(answer) for answer in cited),
        right_refusals=_mean(o.answer.refused for o in others),
        wrong_refusals=_mean(o.answer.refused for o in answerable),
    )


def _is_answered(outcome: _Outcome) -> bool:
    if outcome.answer.refused:
        return False
    text = _squeeze(outcome.answer.text)
    return any(_squeeze(accepted) in text for accepted in outcome.case.answers)


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()


def _mean(values: Iterable[float | bool]) -> float | None:
    gathered = [float(value) for value in values]
    return fmean(gathered) if gathered else None
