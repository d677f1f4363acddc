"""How likely a sentence is to answer a question: a logistic model over what is known of both."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index import distinct_terms, split_terms
from rag.questions.parse import Question
from rag.reader import date_title
from rag.retrieval.short_answers import SPAN_KINDS, novel_spans, states_definition
from rag.retrieval.values import find_years
from rag.types import UNREAD, Evidence

# The mean of two fits, which answer better together than either does (docs/reader.md). The first is
# older: questions typed into a search engine, and SQuAD's training part. The second is a logistic
# regression on the sentences found for 1,440 questions about 19 sets of documents, as people ask
# them, and for 807 of `benchmarks/fit_ranking.py`. The reader was trained on none of them. Few ask
# for a definition; that weight is set by hand.
WEIGHTS = {
    "read": 0.42,
    "read_behind": -0.18,
    "unread": 1.54,
    "dense": 2.77,
    "lexical": 1.52,
    "passage_dense": 1.86,
    "passage_lexical": -1.1,
    "title": -1.87,
    "covered": -0.34,
    "window_covered": 0.38,
    "passage_covered": 2.84,
    "names_missed": -0.3,
    "kind_met": 0.03,
    "kind_missed": -0.82,
    "defines": 0.99,
    "points_back": -0.13,
    "news": -0.11,
    "length": 0.17,
    "behind": -5.27,
    "dense_behind": 0.0,
    "passage_dense_behind": 0.0,
}
BIAS = -4.36
FEATURES = tuple(WEIGHTS)
# With multilingual-e5-small: how far a sentence and its passage are by meaning behind the nearest
# ones counts too, as words tell less in other languages than English.
MULTILINGUAL_WEIGHTS = {**WEIGHTS, "dense_behind": -5.0, "passage_dense_behind": -5.0}
# What a sentence that points back ("It also …") has at least of the likelihood of the one before:
# the subject that it is about stands there. On questions held out, .4 to .7 did the same.
_CARRIED = 0.6
# What a table's row gains for the share of the question that it covers beyond the least, and what
# the gain loses if other rows hold the same. Chosen on 400 questions, half of them unanswerable; on
# 2,188 more, .6 to 1.5 times as much of both did the same.
_ROW_COVERED = 6.5
_ROW_LEAST = 0.45
_ROW_EQUAL = 0.5
_READ_SURELY = 2.0  # the reader's logit of a sentence of running text that answers
# What sentences gain in their logit if they are in another language than the question, because they
# cannot share its words: then their likelihoods are as much below the share that is right as those
# of the same language, on OMoS-QA's training part (docs/reader.md).
_FOREIGN = 1.7
_SHARED = 0.5  # of a question's words in a passage: more shows that the languages are the same
_PHRASE_MISSED = 0.3  # what is left of the likelihood of a sentence without the quoted words

_POINTS_BACK = {
    language: re.compile(rf"(?:{words})\b")
    for language, words in {
        "en": (
            r"It|He|She|They|This|These|Those|That|Its|His|Her|Their|Such|There"
            r"|The (?:former|latter)|Among|Both|Also|In addition|Instead|However|But|And|So|Thus"
            r"|Therefore"
        ),
        "de": (
            r"Er|Sie|Es|Dies(?:e[mnrs]?)?|Jene[mnrs]?|Seine?[mnrs]?|Ihre?[mnrs]?|Solche[mnrs]?"
            r"|Letztere[mnrs]?|Erstere[mnrs]?|Beide[mnrs]?|Darunter|Dabei|Dazu|Dadurch|Damit|Dort"
            r"|Auch|Außerdem|Zudem|Stattdessen|Jedoch|Aber|Und|So|Daher|Deshalb"
        ),
        "fr": (
            r"Ils?|Elles?|Ce(?:t|tte|s|ci|la)?|C|Celui-ci|Celle-ci|Son|Sa|Ses|Leurs?|Tels?"
            r"|Telles?|Parmi eux|Les deux|Aussi|De plus|En outre|Cependant|Mais|Et|Ainsi|Donc"
        ),
        "es": (
            r"Él|Ellas?|Ellos|Est[aeo]s?|Es[aeo]s?|Aquell[ao]s?|Sus?|Tal(?:es)?|Entre ellos|Ambos"
            r"|Ambas|También|Además|En cambio|Sin embargo|Pero|Y|Así|Por lo tanto|Por eso"
        ),
    }.items()
}


def mark_foreign(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence, marked where it is in a language in which the question is not asked.

    The language of a short question is a guess, so a language is not foreign if a passage in it
    has many of the question's words.
    """
    covered: dict[str, float] = {question.language: 1.0}
    for item in evidence:
        most = covered.get(item.language, 0.0)
        covered[item.language] = max(most, item.signals.passage_covered)
    return [
        replace(item, signals=replace(item.signals, foreign=True))
        if covered[item.language] < _SHARED
        else item
        for item in evidence
    ]


def describe_evidence(question: Question, evidence: Sequence[Evidence]) -> npt.NDArray[np.float64]:
    """Return the features of each sentence, shape (evidence, features)."""
    nearest = _Nearest(
        *(
            max((getattr(item.signals, name) for item in evidence), default=0.0)
            for name in ("fused", "read", "dense", "passage_dense")
        )
    )
    asked = {
        language: frozenset(question.terms_in(language))
        for language in {item.language for item in evidence}
    }
    return np.array(
        [_describe(question, item, asked[item.language], nearest) for item in evidence],
        np.float64,
    ).reshape(-1, len(FEATURES))


@dataclass(frozen=True, slots=True)
class _Nearest:
    """The highest of some signals among all evidence."""

    fused: float
    read: float
    dense: float
    passage_dense: float


def _describe(
    question: Question, item: Evidence, asked: frozenset[str], nearest: _Nearest
) -> list[float]:
    text = item.readable
    signals = item.signals
    terms = distinct_terms(text, item.language)
    expects = question.kind in SPAN_KINDS
    met = expects and bool(novel_spans(question, text))
    defines = question.kind == "definition" and states_definition(question, text)
    # Few sentences that give a reason have a word that says so: its absence means little.
    missed = expects and not met and question.kind != "reason"
    return [
        signals.read,
        nearest.read - signals.read,
        float(signals.read == UNREAD),
        signals.dense,
        signals.lexical,
        signals.passage_dense,
        signals.passage_lexical,
        signals.title,
        signals.covered,
        signals.window_covered,
        signals.passage_covered,
        miss_names(question, item),
        float(met),
        float(missed),
        float(defines),
        float(_points_back(item)),
        len(terms - asked) / max(len(terms), 1),
        math.log1p(len(text.split())) / 4,
        nearest.fused - signals.fused,
        nearest.dense - signals.dense,
        nearest.passage_dense - signals.passage_dense,
    ]


def _points_back(item: Evidence) -> bool:
    pattern = _POINTS_BACK.get(item.language)
    return bool(pattern and pattern.match(item.readable))


def miss_names(question: Question, item: Evidence) -> float:
    """Return the share of the question's names and numbers that passage and title lack.

    A passage in a foreign language may write a name differently; there only numbers are looked for.
    """
    whole = not item.signals.foreign
    named = [name for name in question.names if whole or any(c.isdigit() for c in name)]
    if not named:
        return 0.0
    texts = (date_title(item), *item.around)
    held = frozenset[str]().union(*(distinct_terms(text, item.language) for text in texts))
    names = split_terms(" ".join(named), item.language)
    return sum(name not in held for name in names) / len(names)


def rank_evidence(
    question: Question, evidence: Sequence[Evidence], *, multilingual: bool = False
) -> list[Evidence]:
    """Return the evidence with its likelihoods as scores, best first.

    `multilingual` says that it was embedded with multilingual-e5-small.
    Headings and questions announce an answer; they are none, and come last.
    """
    weights = MULTILINGUAL_WEIGHTS if multilingual else WEIGHTS
    logits = describe_evidence(question, evidence) @ np.array([*weights.values()]) + BIAS
    years = find_years(question.text)
    least = max(_ROW_LEAST, _cover_by_text(evidence))
    logits += [_weigh_row(question, years, least, item) for item in evidence]
    logits += [_FOREIGN * item.signals.foreign for item in evidence]
    likelihoods = 1 / (1 + np.exp(-logits))
    rated = [
        replace(
            item,
            score=float(likelihood) * _keep(question, item),
            signals=replace(item.signals, logit=float(logit)),
        )
        for likelihood, logit, item in zip(likelihoods, logits, evidence, strict=True)
    ]
    scores = {(item.document, item.around, item.position): item.score for item in rated}
    carried = [
        replace(item, score=max(item.score, _CARRIED * _find_score(scores, item)))
        if item.score and _points_back(item)
        else item
        for item in rated
    ]
    return sorted(carried, key=lambda item: (-item.score, -item.signals.fused))


def _cover_by_text(evidence: Iterable[Evidence]) -> float:
    """Return the largest share of the question that a sentence holds which is read as an answer.

    Where text answers in the question's words, a row that holds them as well is no better.
    """
    read = (item.signals for item in evidence if not item.signals.row_equal)
    return max((s.covered for s in read if s.read >= _READ_SURELY), default=0.0)


def _weigh_row(question: Question, years: frozenset[str], least: float, item: Evidence) -> float:
    """Return what a table's row gains in its logit because it holds the question's values.

    It gains for the share of the question that it covers beyond `least`.
    """
    signals = item.signals
    if not signals.row_equal or _lacks_number(question, years, item):
        return 0.0
    gain = _ROW_COVERED * (signals.row_covered - least)
    return max(gain - _ROW_EQUAL * math.log(signals.row_equal), 0.0)


def _lacks_number(question: Question, years: frozenset[str], item: Evidence) -> bool:
    """Whether a row, its headings and title lack a number of the question, or all of its years."""
    texts = (item.readable, date_title(item), *item.headings)
    held = frozenset[str]().union(*(distinct_terms(text, item.language) for text in texts))
    numbers = [t for t in split_terms(" ".join(question.names), item.language) if t.isdigit()]
    return any(n not in held for n in numbers if n not in years) or (
        bool(years) and years.isdisjoint(held)
    )


def _find_score(scores: dict[tuple[str, tuple[str, ...], int], float], item: Evidence) -> float:
    """Return the likelihood of the sentence right before this one."""
    return scores.get((item.document, item.around, item.position - 1), 0.0)


def _keep(question: Question, item: Evidence) -> float:
    """Return the share of its likelihood that a sentence keeps."""
    if item.role != "statement":
        return 0.0
    text = " ".join(item.readable.split()).casefold()
    return 1.0 if all(phrase in text for phrase in question.phrases) else _PHRASE_MISSED
