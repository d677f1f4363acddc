"""Train the reader: `python -m training DATA OUTPUT [WEIGHTS]`.

`docs/reader.md` describes the data.

DATA is a folder with files of questions, folders of documentation, and folders of documents with
questions about them (`training/retrieved.py`). The first step trains on the files and the
documentation. WEIGHTS is the `weights.onnx` or the checkpoint `reader.pt` of an earlier step; with
it, training continues from these weights, on the folders with questions and on a part of the rest,
and the result is the mean of the weights before and after.
A training that was stopped is continued by the same command: OUTPUT has its state.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path

import torch

from index import MULTILINGUAL_MODEL, WordEmbeddings, load_words
from rag.reader.model import WEIGHTS
from training.backbone import load_backbone
from training.choosing import REPLAYED, SHARES, choose_questions, make_groups
from training.examples import Collection, read_folder
from training.export import export_reader
from training.headings import read_docs
from training.held_out import write_held_out
from training.reader import Reader, measure_groups, train
from training.retrieved import QUESTIONS, read_groups
from training.scale import match_scale
from training.warm_start import average_weights, load_weights
from training.windows import Window

SEED = 7
_RATE, _FURTHER_RATE = 1.2e-4, 8e-5
# Files whose held-out questions tell how the logits of two readers compare.
_ENGLISH = ("squad-nqg-test", "squad-routerlens", "nq-oracle", "omosqa-en")

log = logging.getLogger("training")


def main(data: Path, output: Path, weights: Path | None = None) -> None:
    """Read the data, find negatives, train, evaluate on held-out questions, export the weights."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    seed = SEED if weights is None else SEED + 1
    torch.manual_seed(seed)
    output.mkdir(parents=True, exist_ok=True)
    words = load_words(MULTILINGUAL_MODEL)
    shares = SHARES if weights is None else REPLAYED
    folders = sorted(each for each in data.iterdir() if each.is_dir())
    asked = [each for each in folders if (each / QUESTIONS).exists()]
    docs = [each for each in folders if each not in asked]
    read = [*read_folder(data), *((each.name, read_docs(each)) for each in docs)]
    groups, kept = choose_questions(read, words, shares, seed)
    for each in asked if weights is not None else ():
        groups += read_groups(each, words)
    write_held_out(reduce(add, (held[1] for held in read)), output / "held-out.squad.json")
    reader = Reader(load_backbone(), words)
    if weights is not None:
        load_weights(reader, weights)
    state = output / "training.state"
    rate = _RATE if weights is None else _FURTHER_RATE
    for step in train(reader, groups, rate=rate, seed=seed, state=state):
        torch.save(reader.state_dict(), output / "reader.pt")
        _report(reader, kept, step)
    if weights is not None:
        before = Reader(load_backbone(), words)
        load_weights(before, weights)
        average_weights(reader, before)
        torch.save(reader.state_dict(), output / "reader.pt")
    _match_scale(reader, [c for name, c in read if name.startswith(_ENGLISH)], words)
    export_reader(reader, output / "weights.onnx")


def _match_scale(reader: Reader, collections: Sequence[Collection], words: WordEmbeddings) -> None:
    """Put the logits on the scale of the shipped reader, by held-out questions in English."""
    shipped = Reader(load_backbone(), words)
    load_weights(shipped, WEIGHTS)
    groups = [g for each in collections for g in make_groups(words, each, 0, SEED)[1]]
    match_scale(reader, groups, shipped)


def _report(reader: Reader, kept: Mapping[str, Sequence[Sequence[Window]]], step: int) -> None:
    """Log for each file the share of held-out questions whose best sentence is right."""
    shares = {name: measure_groups(reader, groups) for name, groups in kept.items() if groups}
    log.info("after %d steps: %s", step, ", ".join(f"{n} {s:.3f}" for n, s in shares.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m training")
    parser.add_argument("data", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("weights", type=Path, nargs="?")
    given = parser.parse_args()
    main(given.data, given.output, given.weights)
