"""Learning curves: `python -m training.curve DATA OUTPUT SIZE[,LAYERS[,SEED]] ...`.

Trains one reader per setting on SIZE questions, and appends what it knows of the held-out
questions to OUTPUT as a line of JSON. A smaller size takes a part of the questions of a larger one,
so curves tell whether more data would help. LAYERS may be 1 to 12, so they also tell what layers
bring. DATA is a folder with files of questions, as in `training/__main__.py`.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from index import MULTILINGUAL_MODEL, load_words
from training.backbone import LAYERS, load_backbone
from training.choosing import SHARES, choose_questions
from training.examples import read_folder
from training.reader import Reader, measure_groups, train

_SEED = 7  # of the choice of questions; the seed of a setting changes all else
_RATE = 1.5e-4

log = logging.getLogger("training")


def main(data: Path, output: Path, settings: Sequence[str]) -> None:
    """Train and measure a reader for each setting."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    words = load_words(MULTILINGUAL_MODEL)
    groups, kept = choose_questions(read_folder(data), words, SHARES, _SEED)
    random.Random(_SEED).shuffle(groups)
    for setting in settings:
        size, layers, seed = [*map(int, setting.split(",")), *(LAYERS, _SEED)[setting.count(",") :]]
        if size > len(groups):
            raise SystemExit(f"{setting}: there are only {len(groups)} questions")
        torch.manual_seed(seed)
        reader = Reader(load_backbone(layers), words)
        for _ in train(reader, groups[:size], rate=_RATE, seed=seed):
            pass
        shares = {name: measure_groups(reader, each) for name, each in kept.items() if each}
        counts = {name: sum(any(w.right for w in g) for g in kept[name]) for name in shares}
        _write(output, shares, counts, size=size, layers=layers, seed=seed)


def _write(
    output: Path, shares: Mapping[str, float], counts: Mapping[str, int], **setting: int
) -> None:
    """Append a setting, and the share of held-out questions whose best sentence answers."""
    asked = sum(counts.values())
    right = sum(shares[name] * counts[name] for name in shares) / asked
    line = {
        **setting,
        "right": round(right, 4),
        "questions": asked,
        "standard_error": round(math.sqrt(right * (1 - right) / asked), 4),
        "files": {name: round(share, 3) for name, share in shares.items()},
    }
    with output.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    log.info("%s", line)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m training.curve")
    parser.add_argument("data", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("settings", nargs="+")
    given = parser.parse_args()
    main(given.data, given.output, given.settings)
