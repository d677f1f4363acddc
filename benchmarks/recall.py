"""Recall@50 and query time of Chroma's HNSW graph, compared with exact search.

Each setting of the graph is measured. The vectors are embeddings of one to four consecutive
sentences from the evaluation articles, or from the seeds. The queries are the questions about the
articles.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.scale import SEEDS, SHARED, read_questions
from index import Encoder, Vectors

BREADTHS = (25, 50, 100, 200, 400)
NEIGHBOURS = (8, 16, 32)
FOUND = 50
_RUNS = (1, 2, 3, 4)


def read_runs() -> list[str]:
    """Return the texts to embed: one to four consecutive sentences, without duplicates."""
    contexts = [
        part["context"]
        for file in sorted(SHARED.glob("*.json"))
        for article in json.loads(file.read_text("utf-8"))["data"]
        for part in article["paragraphs"]
    ] or [seed.read_text("utf-8") for seed in SEEDS]
    texts = []
    for context in contexts:
        sentences = context.split(". ")
        for length in _RUNS:
            texts += [
                ". ".join(sentences[i : i + length]) for i in range(len(sentences) - length + 1)
            ]
    return list(dict.fromkeys(texts))


def measure_recall(encoder: Encoder) -> list[dict[str, float]]:
    """Return a row for each pair of settings: recall, ms per query, ms per added vector."""
    vectors = encoder.encode_questions(read_runs())
    asked = encoder.encode_questions(read_questions())
    exact = [set(np.argsort(-(vectors @ vector))[:FOUND].tolist()) for vector in asked]
    rows = []
    for neighbours in NEIGHBOURS:
        for breadth in BREADTHS:
            found = _try(vectors, asked, exact, neighbours, breadth)
            rows.append({"neighbours": neighbours, "ef": breadth, **found, "rows": len(vectors)})
    return rows


def _try(
    vectors: Vectors, asked: Vectors, exact: Sequence[set[int]], neighbours: int, breadth: int
) -> dict[str, float]:
    import chromadb
    from chromadb.config import Settings

    settings = {"space": "cosine", "ef_search": breadth, "max_neighbors": neighbours}
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        client = chromadb.PersistentClient(folder, Settings(anonymized_telemetry=False))
        collection: Any = client.create_collection(
            "runs",
            configuration={"hnsw": settings | {"ef_construction": 100}},
            embedding_function=None,
        )
        start = perf_counter()
        step = client.get_max_batch_size()
        for at in range(0, len(vectors), step):
            block = vectors[at : at + step]
            collection.add(ids=[str(at + i) for i in range(len(block))], embeddings=block)
        collection.query(query_embeddings=asked[:1], n_results=FOUND, include=["distances"])
        made = perf_counter() - start
        recalls, spent = [], []
        for vector, true in zip(asked, exact, strict=True):
            start = perf_counter()
            result = collection.query(
                query_embeddings=vector[None], n_results=FOUND, include=["distances"]
            )
            spent.append(perf_counter() - start)
            recalls.append(len(true & {int(row) for row in result["ids"][0]}) / len(true))
        client.close()
    return {
        "recall@50": float(np.mean(recalls)),
        "query ms": 1000 * median(spent),
        "add ms": 1000 * made / len(vectors),
    }


def print_recall(encoder: Encoder) -> list[dict[str, float]]:
    """Print a row for each pair of settings."""
    rows = measure_recall(encoder)
    print(f"Chroma's graph of {rows[0]['rows']:,} real vectors against exact search:")
    for row in rows:
        print(
            f"  {row['neighbours']:3} neighbours, ef_search {row['ef']:3}: "
            f"recall@50 {row['recall@50']:.4f}, {row['query ms']:.2f} ms a query, "
            f"{row['add ms']:.3f} ms to add a vector",
            flush=True,
        )
    return rows
