"""Prometheus metrics: questions, their outcomes and times, the age of the index, the queue."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from rag.errors import FootnoteError
from rag.library.library import Library

_BUCKETS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)  # seconds


class Metrics:
    """The metrics of one window, in a registry of its own. They contain no text.

    `count_queue` returns the number of requests that wait in Gradio's queue.
    """

    def __init__(self, library: Library, count_queue: Callable[[], int]) -> None:
        self._library = library
        self._count_queue = count_queue
        self.registry = CollectorRegistry()
        self.questions = Counter(
            "footnote_questions",
            "Questions by outcome: answered, refused, failed, stopped or busy",
            ["outcome"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "footnote_answer_seconds",
            "Time from the start of a question to the end of its answer",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(self)

    def write(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    def collect(self) -> Iterable[Metric]:
        """Yield the gauges. `generate_latest` calls this method, so they are always current."""
        gate = self._library.gate
        yield GaugeMetricFamily("footnote_questions_running", "Being answered now", gate.running)
        waiting = gate.waiting + self._count_queue()
        yield GaugeMetricFamily("footnote_questions_waiting", "Waiting in a queue", waiting)
        try:
            with self._library.snapshot() as snapshot:
                manifest = snapshot.manifest
        except FootnoteError:
            return
        age = time.time() - datetime.fromisoformat(manifest.created).timestamp()
        yield GaugeMetricFamily("footnote_snapshot_age_seconds", "Time since publication", age)
        count = len(manifest.documents)
        yield GaugeMetricFamily("footnote_snapshot_documents", "Documents in the index", count)
        sentences = sum(record.sentences for record in manifest.documents)
        yield GaugeMetricFamily("footnote_snapshot_sentences", "Sentences in the index", sentences)
        failed = len(manifest.failures)
        yield GaugeMetricFamily("footnote_snapshot_failures", "Files not indexed", failed)
