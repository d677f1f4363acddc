"""The answerer that quotes: it picks the one to three sentences that answer, or refuses."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from index import split_terms
from prompts import read_prompt
from rag.citations import cite_evidence, order_for_reading
from rag.duplicates import fold_duplicates, group_copies
from rag.questions import Question, read_question
from rag.settings import EXTRACTIVE
from rag.spans import choose_span
from rag.types import Answer, Delta, Evidence
from rag.words import Kind

MAX_SENTENCES = 3
# Below, the best sentence is too unlikely to answer. Less will do where the reader recognises an
# answer in any of the sentences; where it does not, likely ones tend to be on the topic only. Of
# 595 typed questions kept out of training, 6 % are refused though their document is there, and 78 %
# where it is missing; with one threshold for both it would be 6 % and 77 %.
REFUSAL_THRESHOLD = 0.115
RECOGNISED_THRESHOLD = 0.04
_RECOGNISED = 0.0  # the reader's logit, of any sentence
_ENOUGH = 0.95  # likelihood at which the sentences chosen so far are taken to hold the answer
_WORTH_ADDING = 0.2  # of the best sentence's likelihood, for a further sentence
_CONFIRMS = 0.7  # likewise, for a sentence of another document that says it too
_EVIDENCE_COUNT = 12
_EXACT_KINDS = ("number", "date")  # of answers that are the same or are not
# A document's own footnote marks must not be read as ours.
_OWN_MARK = re.compile(r"\[(\d+)\]")


class ExtractiveAnswerer:
    """Answers by quoting. It cannot invent; what it must get right is what to quote, and when."""

    model = EXTRACTIVE
    evidence_count = _EVIDENCE_COUNT

    def stream(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Delta]:
        """Yield the answer word by word, then once more whole."""
        yield from stream_answer(self.answer(question, evidence))

    def answer(self, question: str, evidence: Sequence[Evidence]) -> Answer:
        """Return the answer that the evidence gives, or a refusal."""
        asked = read_question(question)
        chosen = choose_sentences(evidence, asked.kind)
        if not chosen:
            return Answer(
                question=asked.text,
                text=read_prompt("refusal", asked.language),
                refused=True,
                model=self.model,
                closest=cite_evidence(fold_duplicates(evidence)[:MAX_SENTENCES]),
            )
        return _write_answer(asked, chosen)


def stream_answer(answer: Answer) -> Iterator[Delta]:
    """Yield an answer word by word, then once more whole."""
    for word in re.findall(r"\S+\s*", answer.text):
        yield Delta(word)
    yield Delta(answer=answer)


def choose_sentences(evidence: Sequence[Evidence], kind: Kind = "other") -> list[Evidence]:
    """Choose the sentences that answer, most likely document first, each document in order.

    Sentences are added, most likely first, until it is likely enough that one of them answers (one
    is seldom a whole list); beyond that only what another document says as well. Nothing is chosen
    when even the best sentence is unlikely.
    """
    enough = 1.0 if kind == "list" else _ENOUGH
    best = max((item.score for item in evidence), default=0.0)
    recognised = any(item.signals.read > _RECOGNISED for item in evidence)
    if best < (RECOGNISED_THRESHOLD if recognised else REFUSAL_THRESHOLD):
        return []
    chosen: list[Evidence] = []
    missed = 1.0
    for item in fold_duplicates(sorted(evidence, key=lambda item: -item.score)):
        if len(chosen) == MAX_SENTENCES:
            break
        elsewhere = all(item.document != other.document for other in chosen)
        confirms = elsewhere and item.score >= _CONFIRMS * best
        adds = 1 - missed < enough and item.score >= _WORTH_ADDING * best
        if confirms or adds:
            chosen.append(item)
            missed *= 1 - item.score
    return order_for_reading(chosen)


def _write_answer(question: Question, chosen: Sequence[Evidence]) -> Answer:
    groups = group_copies(chosen)
    citations = cite_evidence(item for group in groups for item in group)
    numbers = iter(citations)
    sentences = [_OWN_MARK.sub(r"(\1)", " ".join(group[0].readable.split())) for group in groups]
    spans = [
        _find_answer(question, group[0], sentence)
        for group, sentence in zip(groups, sentences, strict=True)
    ]
    told = [
        (group[0].document, sentence[slice(*span)])
        for group, sentence, span in zip(groups, sentences, spans, strict=True)
        if span is not None
    ]
    differ = question.kind in _EXACT_KINDS and do_differ(told)
    text = f"{read_prompt('differ', question.language)} " if differ else ""
    emphasis: list[tuple[int, int]] = []
    for group, sentence, span in zip(groups, sentences, spans, strict=True):
        if span is not None:
            emphasis.append((len(text) + span[0], len(text) + span[1]))
        marks = "".join(f" [{next(numbers).number}]" for _ in group)
        text += f"{sentence}{marks} "
    return Answer(
        question=question.text,
        text=text.rstrip(),
        refused=False,
        model=EXTRACTIVE,
        citations=citations,
        emphasis=tuple(emphasis),
        confidence=round(1 - math.prod(1 - item.score for item in chosen), 3),
    )


def _find_answer(question: Question, item: Evidence, shown: str) -> tuple[int, int] | None:
    """Return the short answer in a sentence as it is shown: the reader's, or one of the right form.

    Whether something is so, no words of a sentence say by themselves.
    """
    if question.kind == "yes/no":
        return None
    if item.span is not None:
        answer = " ".join(item.readable[slice(*item.span)].split())
        start = shown.find(answer)
        if answer and start >= 0:
            return start, start + len(answer)
    return choose_span(question, shown)


def do_differ(told: Sequence[tuple[str, str]]) -> bool:
    """Whether two documents give different short answers, as pairs of document and answer.

    One that is part of the other, "2022" of "May 2022", is not another answer.
    """
    terms = [(document, set(split_terms(span))) for document, span in told]
    return any(
        one != other and not (these <= those or those <= these)
        for (one, these), (other, those) in combinations(terms, 2)
    )
