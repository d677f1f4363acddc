"""Estimates for indexes too large to measure: `python -m benchmarks.simulate [--cores N] ...`.

Each estimate multiplies a measured cost per sentence or passage (`benchmarks/results.md`, 100,000
to 1,000,000 sentences) by their number. The waiting times of questions on a limited number of
shards are simulated.
"""

from __future__ import annotations

import argparse
import heapq
import random
from dataclasses import dataclass
from statistics import quantiles

SENTENCES_PER_PASSAGE = 5.3  # measured: 975,809 sentences in 183,439 passages
DIMENSION = 384


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs measured on two cores, per sentence unless a comment says otherwise."""

    embed_seconds: float = 1.7e-3  # sentences and passages, int8, two cores
    store_seconds: float = 0.2e-3  # tables, postings, graph of the passages; mostly one core
    text_bytes: float = 166  # documents.jsonl and tables
    postings_bytes: float = 330
    vector_bytes: float = 4 * DIMENSION * (1 + 1 / SENTENCES_PER_PASSAGE)
    graph_bytes: float = 1_870 / SENTENCES_PER_PASSAGE  # of the passages, on disk
    serve_bytes: float = 1_990  # memory, between 100,000 and 1,000,000 sentences
    search_seconds: float = 17e-3  # per question: dense and lexical search, loading; small index
    search_growth: float = 16.0e-9  # additional seconds per question and sentence of a shard
    read_seconds: float = 17e-3  # per question: the reader; does not depend on the size
    push_seconds: float = 0.28e-3  # copying to a Chroma server


@dataclass(frozen=True, slots=True)
class Plan:
    """Estimated costs of an index, in bytes and hours."""

    sentences: float
    shards: int
    embed_hours: float
    store_hours: float
    push_hours: float
    disk: float
    memory_a_shard: float
    memory: float


def plan(sentences: float, shard: float, cores: int, costs: Costs) -> Plan:
    """Return the costs for a number of sentences, on one machine of `cores` cores per shard."""
    shards = max(1, round(sentences / shard))
    return Plan(
        sentences,
        shards,
        embed_hours=sentences * costs.embed_seconds * 2 / cores / shards / 3600,
        store_hours=sentences * costs.store_seconds / shards / 3600,
        push_hours=sentences * costs.push_seconds / shards / 3600,
        disk=sentences
        * (costs.text_bytes + costs.postings_bytes + costs.vector_bytes + costs.graph_bytes),
        memory_a_shard=costs.serve_bytes * sentences / shards,
        memory=costs.serve_bytes * sentences,
    )


def simulate(
    rate: float, shards: int, cores: int, costs: Costs, shard: float, questions: int = 5_000
) -> tuple[float, float]:
    """Return the median and the p95 of the answer times, in seconds.

    Questions arrive at `rate` per second (a Poisson process). Each question is searched on all
    shards in parallel, and continues when the slowest shard is done. A shard searches one question
    per core at a time. Each time varies randomly by ±50 %. Then a core of one more machine runs the
    reader.
    """
    chance = random.Random(0)
    searching = [[0.0] * cores for _ in range(shards)]
    reading = [0.0] * cores
    search = costs.search_seconds + costs.search_growth * shard
    clock, spent = 0.0, []
    for _ in range(questions):
        clock += chance.expovariate(rate)
        found = max(_work(free, clock, search, chance) for free in searching)
        spent.append(_work(reading, found, costs.read_seconds, chance) - clock)
    cuts = quantiles(spent, n=20)
    return cuts[9], cuts[18]


def _work(free: list[float], start: float, seconds: float, chance: random.Random) -> float:
    """Assign work to the core that is free first; return the time when the work is done."""
    done = max(start, heapq.heappop(free)) + seconds * chance.uniform(0.5, 1.5)
    heapq.heappush(free, done)
    return done


def main() -> None:
    """Print the estimated costs and answer times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", type=int, default=16, help="of each machine")
    parser.add_argument("--shard", type=float, default=10e6, help="sentences on one machine")
    parser.add_argument("--rate", type=float, default=50, help="questions a second")
    options = parser.parse_args()
    costs = Costs()
    print(f"shards of {options.shard:.3g} sentences on {options.cores} cores each")
    print("sentences  shards  embed h  store h  push h  disk GB  memory GB (a shard)  p50 s  p95 s")
    for sentences in (1e6, 10e6, 100e6, 1e9):
        shard = min(options.shard, sentences)
        made = plan(sentences, shard, options.cores, costs)
        half, most = simulate(options.rate, made.shards, options.cores, costs, shard)
        print(
            f"{sentences:9.0e}  {made.shards:6}  {made.embed_hours:7.1f}  {made.store_hours:7.1f}"
            f"  {made.push_hours:6.1f}  {made.disk / 1e9:7.0f}"
            f"  {made.memory / 1e9:9.0f} ({made.memory_a_shard / 1e9:5.1f})"
            f"  {half:11.3f}  {most:5.3f}"
        )


if __name__ == "__main__":
    main()
