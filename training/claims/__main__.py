"""Train the check of claims: `python -m training.claims DATA OUTPUT [WEIGHTS]`.

DATA is the folder of `docs/claims.md`. The first step starts from all-MiniLM-L6-v2. A second step
starts from WEIGHTS, the result of the first; it sees other rewritten sentences, and no SNLI.
"""

from __future__ import annotations

import json
import logging
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from index import WordEmbeddings, load_words
from training.backbone import load_minilm
from training.claims.examples import ClaimExample
from training.claims.mixture import make_mixture
from training.claims.model import make_item, predict, train
from training.export import export_reader
from training.reader import Reader
from training.warm_start import load_weights

SEED = 7
_SECOND = 11_000  # examples of the second step
_TITLED = 0.5  # of the examples are shown with their title

log = logging.getLogger("training.claims")


def main(data: Path, output: Path, weights: Path | None = None) -> None:
    """Make the examples, train, measure on held-out examples, export the weights."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(SEED)
    chance = random.Random(SEED if weights is None else SEED + 1)
    output.mkdir(parents=True, exist_ok=True)
    words = load_words()
    examples, kept = make_mixture(data, chance)
    if weights is not None:
        examples = [each for each in examples if each.kind != "snli"][:_SECOND]
    log.info("%d examples, held out %s", len(examples), {k: len(v) for k, v in kept.items()})
    reader = Reader(load_minilm(), words)
    if weights is not None:
        load_weights(reader, weights)
    items = [make_item(words, e, titled=chance.random() < _TITLED) for e in examples]
    train(reader, items, rate=1.5e-4 if weights is None else 7e-5)
    torch.save(reader.state_dict(), output / "claims.pt")
    _write_held_out(kept, output / "held-out.jsonl")
    _report(reader, words, kept)
    export_reader(reader, output / "weights.onnx")


def _report(
    reader: Reader, words: WordEmbeddings, kept: Mapping[str, Sequence[ClaimExample]]
) -> None:
    """Log for each kind how many claims are right at a likelihood of one half."""
    for kind, examples in kept.items():
        logits = predict(reader, [make_item(words, e, titled=bool(e.title)) for e in examples])
        shares = []
        for supported in (True, False):
            mine = [
                (logit < 0) == supported
                for logit, e in zip(logits, examples, strict=True)
                if (e.label == "supported") == supported
            ]
            shares.append(f"{sum(mine)} of {len(mine)}")
        log.info("%s: passed %s, caught %s", kind, *shares)


def _write_held_out(kept: Mapping[str, Sequence[ClaimExample]], file: Path) -> None:
    """Write the held-out examples in the form that `benchmarks.claims` reads."""
    rows = [
        {"source": e.sentences, "claim": e.claim, "supported": e.label == "supported", "kind": kind}
        for kind, examples in kept.items()
        for e in examples
    ]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main(*(Path(each) for each in sys.argv[1:]))
