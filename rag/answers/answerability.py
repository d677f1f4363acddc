"""How likely it is that the documents answer a question: the model behind refusals."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from rag.questions.parse import Question
from rag.retrieval.ranking import miss_names
from rag.retrieval.short_answers import novel_spans
from rag.types import Evidence

# A logistic regression on 1,331 questions that the reader was not trained on, about 14 sets of
# handbooks, manuals, laws, minutes and tables; every fourth has no answer there. Its penalty draws
# the weights to those of an earlier fit on 2,008 others, not to 0. The weights of reasons,
# comparisons, lists and procedures are set by hand, because hardly any of the questions without
# an answer ask for the first three, and many for a procedure. docs/reader.md tells what it brings.
WEIGHTS = {
    "logit": 0.26,
    "read": 0.2,
    "read_fifth": 0.19,
    "readers": 0.54,
    "covered": -0.01,
    "dense": -0.1,
    "names_missed": -0.71,
    "numbers": -0.05,
    "heading": 0.37,
    "novel": 0.21,
    "number": -1.02,
    "person": -0.15,
    "date": -0.04,
    "place": 0.47,
    "reason": 1.3,
    "list": 0.4,
    "procedure": -0.05,
    "comparison": 1.0,
    "row": 0.89,
}
BIAS = 1.45
# The same for running text without sections, lists and tables, such as articles of an encyclopedia.
# A question is about something that one text tells, so words that the text lacks speak against an
# answer. Fitted by `benchmarks/fit_refusals.py` on 837 questions of Natural Questions and SQuAD's
# training part, half of them with their text taken out; further features do not help. At the
# threshold 2.5 % of those that can be answered are refused, and 88 % of those that cannot.
PLAIN_WEIGHTS = {"logit": 1.39, "covered": 1.25, "dense": 1.38}
PLAIN_BIAS = 1.5
# What that model counts beside the other one in text that is not English. There words are inflected
# and joined more, so that fewer words of a question are found. docs/reader.md has the figures.
_PLAIN_ELSEWHERE = 0.5
_ENGLISH = "en"
_PLAIN = 0.8  # of the best sentences, which stand in no section, list or table
# Added if the best sentence is in another language than the question, where the features of words
# tell nothing. As many are then refused wrongly as of those in the same language (docs/reader.md).
FOREIGN = -0.5
REFUSAL_THRESHOLD = 0.34
"""Below this likelihood a question is refused."""

_KINDS = ("number", "person", "date", "place", "reason")
_FORMS = ("list", "procedure", "comparison")
_LEAST = -8.0  # of logits
_READ_AS_ANSWER = -2.0  # the reader's logit of a sentence that may answer
_READ_AS_CELL = 0.0  # likewise, of a table's row
_FIFTH = 4  # of the sentences that are read as the likeliest answers, from 0
_FEW = 30  # sentences
_USUAL_FIFTH = -3.0  # its logit, about the median of questions that can be answered
_MOST_READERS = 20  # sentences that may answer; more make no difference
_NAMED_IN = 5  # of the best sentences, in whose passages names are looked for
_PLAIN_AMONG = 5  # of the best sentences
_MOST_NUMBERS = 2


def estimate_answerability(question: Question, evidence: Sequence[Evidence]) -> float:
    """Return the likelihood, 0 to 1, that the documents answer a question; 0 without statements.

    `evidence` is what was found for the question, read and ranked. Likely sentences speak for an
    answer. Against it speak names that are not near the best sentences, and questions for a number
    or a person: these are asked of documents that tell only other things of the subject.
    Running text has a model of its own.
    """
    stated = sorted(
        (item for item in evidence if item.role == "statement"), key=lambda item: -item.score
    )
    if not stated:
        return 0.0
    best = stated[0]
    features = describe_best(question, stated)
    logit = BIAS + sum(weight * features[name] for name, weight in WEIGHTS.items())
    logit += FOREIGN * best.signals.foreign
    # A sentence in another language than the question shares no words with it.
    if _is_plain(stated[:_PLAIN_AMONG]) and not best.signals.foreign:
        plain = PLAIN_BIAS + sum(weight * features[name] for name, weight in PLAIN_WEIGHTS.items())
        share = 1.0 if best.language == _ENGLISH else _PLAIN_ELSEWHERE
        logit = share * plain + (1 - share) * logit
    return 1 / (1 + math.exp(-logit))


def can_answer(question: Question, evidence: Sequence[Evidence]) -> bool:
    """Whether the documents are likely enough to answer a question."""
    return estimate_answerability(question, evidence) >= REFUSAL_THRESHOLD


def _is_plain(best: Sequence[Evidence]) -> bool:
    """Whether nearly all of the best sentences, and the first, are running text below no heading.

    A PDF file does not tell its headings reliably, so its text does not count.
    """
    plain = [
        item.place.row is None
        and item.place.page is None
        and not item.marker
        and all(heading == item.title for heading in item.headings)
        for item in best
    ]
    return plain[0] and sum(plain) >= _PLAIN * len(plain)


def describe_best(question: Question, stated: Sequence[Evidence]) -> dict[str, float]:
    """Return the features; `stated` are statements, best first."""
    best = stated[0]
    read = sorted((item.signals.read for item in stated), reverse=True)
    readers = sum(logit > _READ_AS_ANSWER for logit in read)
    return {
        "logit": max(_LEAST, _logit(best.score)),
        "read": read[0],
        "read_fifth": _find_fifth(read),
        "readers": min(readers, _MOST_READERS) / 10,
        "covered": best.signals.passage_covered,
        "dense": best.signals.dense,
        "names_missed": min(miss_names(question, item) for item in stated[:_NAMED_IN]),
        "numbers": min(len(re.findall(r"\d+", question.text)), _MOST_NUMBERS),
        "heading": best.signals.heading_dense,
        "novel": float(bool(novel_spans(question, best.readable))),
        "row": float(
            _holds_question(best)
            or _stands_below_quoted(question, best)
            or any(map(_is_only_row, stated))
        ),
        **{kind: float(question.kind == kind) for kind in _KINDS},
        **{form: float(question.form == form) for form in _FORMS},
    }


def _find_fifth(read: Sequence[float]) -> float:
    """Return the fifth highest logit; of few sentences, no less than is usual.

    Few are found where there are no more. Five sentences of a short document seldom answer, so that
    says nothing against an answer.
    """
    fifth = read[_FIFTH] if len(read) > _FIFTH else _LEAST
    return max(fifth, _USUAL_FIFTH) if len(read) < _FEW else fifth


def _holds_question(item: Evidence) -> bool:
    """Whether this is a row of a table with all words of the question, in cells or column names."""
    return item.place.row is not None and item.signals.covered == 1


def _stands_below_quoted(question: Question, item: Evidence) -> bool:
    """Whether the question quotes a heading of the sentence: "What is said about “Fees”?"."""
    headings = {heading.casefold() for heading in item.headings}
    return bool(question.phrases) and headings.issuperset(question.phrases)


def _is_only_row(item: Evidence) -> bool:
    """Whether only this row of its table holds all values of the question, and may answer it.

    Rows of which no column is described by words of the question are left out. The reader takes too
    many of them for answers: a country's row for "Who is the president of …?".
    """
    signals = item.signals
    only = signals.row_equal == 1 and signals.row_complete and signals.described
    return only and signals.read >= _READ_AS_CELL


def _logit(likelihood: float) -> float:
    return math.log(max(likelihood, 1e-9) / max(1 - likelihood, 1e-9))
