"""Evaluates answers to questions whose correct answers are known."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any

from index import OnProgress, Progress
from rag.assistant import Assistant
from rag.errors import EvaluationError
from rag.library.library import Library
from rag.types import Answer, Citation, Evidence

_DEPTHS = (1, 3, 5, 10)
_FOUND = 20  # sentences searched for `passage`; ranks beyond the last depth do not count


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its accepted answers and its evidence.

    If `answers`, `evidence` and `gold` are all empty, the documents do not answer the question. A
    sentence is evidence if it contains one of the texts in `evidence` or is part of one. With
    `gold`, a pair of document and character offset, it is evidence if it contains that offset.
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
    """The metrics of an evaluation; None if no question counts for a metric.

    `hit@k`: an evidence sentence is among the first k results. `passage`: evidence is in the
    passage of the first result. `mrr`: mean reciprocal rank of the first evidence within the first
    10 results. `answered`: the answer contains an accepted string. `answer_length`: mean number of
    characters of an answer. `citation_precision`: share of the cited sentences that are evidence.
    `citation_recall`: share of the answerable questions with such a citation. Refusals are right
    for questions without an answer and wrong for the others. `seconds`: median time per answer.
    """

    questions: int
    hits: dict[int, float | None]
    passage: float | None
    mrr: float | None
    answered: float | None
    answer_length: float | None
    citation_precision: float | None
    citation_recall: float | None
    right_refusals: float | None
    wrong_refusals: float | None
    seconds: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        fields = asdict(self)
        hits = {f"hit@{depth}": value for depth, value in fields.pop("hits").items()}
        passage = {"passage@1": fields.pop("passage")}
        return {"questions": fields.pop("questions"), **hits, **passage, **fields}


def load_cases(file: Path) -> list[Case]:
    """Load questions from a JSON Lines file. Raises `EvaluationError`, which names the line."""
    cases, disliked = [], 0
    for number, line in enumerate(_load_text(file).splitlines(), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            if fields.get("good") is False:  # feedback: the answer was rated as not helpful
                disliked += 1
                continue
            cases.append(
                Case(fields["question"], tuple(fields["answer"]), tuple(fields["evidence"]))
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvaluationError(
                f"line {number} of {file} is not a question ({type(error).__name__})",
                "each line needs `question`, `answer` and `evidence`",
            ) from error
    if not cases and disliked:
        raise EvaluationError(
            f"{file} holds only answers that were not helpful ({disliked}), "
            "which do not tell what a right answer is",
            "rate some answers as helpful, or write `answer` and `evidence` yourself "
            "and take `good` out",
        )
    if not cases:
        raise EvaluationError(f"{file} holds no questions", "add some")
    return cases


def _load_text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise EvaluationError(f"{file} cannot be read ({reason})", "check the path") from error


def evaluate_file(
    file: Path, library: Library, on_progress: OnProgress = lambda progress: None
) -> list[Outcome]:
    """Ask the questions of a file and judge the answers.

    Questions of a JSON Lines file are answered from the library. A file in SQuAD format contains
    its own articles. They are indexed in a temporary store, one document per article, and the
    library's index is not changed. Raises `EvaluationError`, and the errors of `Assistant.ask`.
    """
    text = _load_text(file)
    try:
        squad = json.loads(text)
    except ValueError:
        squad = None
    if not (isinstance(squad, dict) and "data" in squad):
        return evaluate_cases(load_cases(file), library, on_progress)
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
    """Write each article of a file in SQuAD format as a document; yield its questions."""
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
class Outcome:
    """The result of one question.

    `rank` is the rank of the first evidence found, from 1. `passage` is True if the passage of the
    first result contains evidence that was also found. `cited` is True for each citation that is
    evidence. `answered` is True if the answer contains an accepted string.
    """

    question: str
    answerable: bool
    accepted: tuple[str, ...]
    rank: int | None
    passage: bool
    refused: bool
    answered: bool
    answer: str
    citations: tuple[str, ...]
    cited: tuple[bool, ...]
    seconds: float
    confidence: float | None = None


def write_outcomes(outcomes: Iterable[Outcome], file: Path) -> None:
    """Write one line of JSON per question. Raises `EvaluationError`."""
    lines = (json.dumps(asdict(outcome), ensure_ascii=False) for outcome in outcomes)
    try:
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    except OSError as error:
        raise EvaluationError(
            f"{file} cannot be written ({error.strerror})", "choose another file"
        ) from error


def load_outcomes(file: Path) -> list[Outcome]:
    """Load the file that `write_outcomes` wrote. Raises `EvaluationError`."""
    try:
        return [_decode(json.loads(line)) for line in _load_text(file).splitlines()]
    except (ValueError, TypeError, AttributeError) as error:
        raise EvaluationError(
            f"{file} holds no details of an evaluation", "make it with `rag eval --details`"
        ) from error


def _decode(fields: dict[str, Any]) -> Outcome:
    tuples = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return Outcome(**(fields | tuples))


def evaluate_cases(
    cases: Iterable[Case], library: Library, on_progress: OnProgress = lambda progress: None
) -> list[Outcome]:
    """Ask each question in a conversation of its own, and judge the answers."""
    cases = list(cases)
    outcomes = []
    for done, case in enumerate(cases):
        on_progress(Progress("ask", done, len(cases)))
        assistant = Assistant(library=library)
        found = assistant.search(case.question, _FOUND)
        ranks = [rank for rank, item in enumerate(found, 1) if case.is_evidence(item)]
        passage = any(_same_passage(found[0], found[rank - 1]) for rank in ranks)
        start = perf_counter()
        answer = assistant.ask(case.question)
        seconds = perf_counter() - start
        rank = next((rank for rank in ranks if rank <= max(_DEPTHS)), None)
        outcomes.append(_judge(case, rank, passage, answer, seconds))
    on_progress(Progress("ask", len(cases), len(cases)))
    return outcomes


def _same_passage(one: Evidence, other: Evidence) -> bool:
    return (one.document, one.around) == (other.document, other.around)


def _judge(case: Case, rank: int | None, passage: bool, answer: Answer, seconds: float) -> Outcome:
    text = _squeeze(answer.text)
    return Outcome(
        question=case.question,
        answerable=case.answerable,
        accepted=case.answers,
        rank=rank,
        passage=passage,
        refused=answer.refused,
        answered=not answer.refused and any(_squeeze(a) in text for a in case.answers),
        answer=answer.text,
        citations=tuple(citation.sentence for citation in answer.citations),
        cited=tuple(case.is_evidence(citation) for citation in answer.citations),
        seconds=round(seconds, 4),
        confidence=answer.confidence,
    )


def score(outcomes: Sequence[Outcome]) -> Scores:
    """Return the metrics of an evaluation."""
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    others = [outcome for outcome in outcomes if not outcome.answerable]
    return Scores(
        questions=len(outcomes),
        hits={
            depth: _mean(o.rank is not None and o.rank <= depth for o in answerable)
            for depth in _DEPTHS
        },
        passage=_mean(o.passage for o in answerable),
        mrr=_mean(1 / o.rank if o.rank else 0.0 for o in answerable),
        answered=_mean(o.answered for o in answerable),
        answer_length=_mean(len(o.answer) for o in answerable if not o.refused),
        citation_precision=_mean(right for o in answerable for right in o.cited),
        citation_recall=_mean(any(o.cited) for o in answerable),
        right_refusals=_mean(o.refused for o in others),
        wrong_refusals=_mean(o.refused for o in answerable),
        seconds=median(o.seconds for o in outcomes) if outcomes else None,
    )


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()


def _mean(values: Iterable[float | bool]) -> float | None:
    gathered = [float(value) for value in values]
    return fmean(gathered) if gathered else None
