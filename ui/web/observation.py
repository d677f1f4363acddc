"""Counts, times and logs every question to the window. The log never has a question's text."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import closing
from time import perf_counter

from rag.errors import BusyError
from rag.types import Answer, Delta
from ui.state.question_log import QuestionLog
from ui.web.metrics import Metrics

log = logging.getLogger("footnote.questions")


class Observer:
    """Streams answers, and records their outcomes in the metrics and the log.

    `questions` is where they are recorded for the page about the window's operation.
    """

    def __init__(self, metrics: Metrics, questions: QuestionLog | None = None) -> None:
        self._metrics = metrics
        self._questions = questions

    def observe(
        self, question: str, answering: Generator[Delta, None, None]
    ) -> Generator[Delta, None, None]:
        """Yield the deltas of an `Assistant.stream`, and record the outcome and the time."""
        answer: Answer | None = None
        outcome, citations, start = "stopped", 0, perf_counter()
        try:
            with closing(answering) as deltas:
                for delta in deltas:
                    if delta.answer is not None:
                        answer = delta.answer
                        outcome = "refused" if delta.answer.refused else "answered"
                        citations = len(delta.answer.citations)
                    yield delta
        except BusyError:
            outcome = "busy"
            raise
        except Exception:
            outcome = "failed"
            raise
        finally:
            seconds = perf_counter() - start
            self._metrics.questions.labels(outcome).inc()
            self._metrics.seconds.observe(seconds)
            fields = {"outcome": outcome, "citations": citations, "seconds": round(seconds, 3)}
            log.info("question", extra={"fields": fields})
            if self._questions is not None:
                self._questions.add(question, answer, outcome, seconds)
