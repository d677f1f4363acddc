"""Effect of the 8-bit embedding model on the ranking, compared with sentence-transformers.

For both engines, prints hit@1 and hit@5 of sentences ranked by cosine alone and of the full
ranking. Also prints the cosine similarity between both engines' vectors of the same texts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.ablation import SHIPPED, measure_ablation
from index import BUNDLED_MODEL, Encoder, find_bundled_model
from index.encoders.sentence_transformers import load_sentence_encoder

_DENSE = "dense sentences"


def print_precision(files: Sequence[Path], encoder: Encoder) -> None:
    """Print hit@1 and hit@5 with both engines, and the cosines between their vectors."""
    own = load_sentence_encoder(BUNDLED_MODEL, find_bundled_model(), encoder.identity.sha256)
    for file in files:
        quick, true = (measure_ablation(file, engine) for engine in (encoder, own))
        for name in (_DENSE, SHIPPED):
            (a, b), (c, d) = quick[name], true[name]
            print(f"{file.stem}, {name}: {a:.3f}, {b:.3f}; sentence-transformers {c:.3f}, {d:.3f}")
        data = json.loads(file.read_text("utf-8"))["data"]
        texts = [part["context"] for article in data for part in article["paragraphs"]][:200]
        near = np.sum(encoder.encode_questions(texts) * own.encode_questions(texts), axis=1)
        print(f"{file.stem}: minimum cosine {near.min():.4f}, mean cosine {near.mean():.4f}")
