"""Train a reader: `python -m training [--multilingual] DATA OUTPUT [WEIGHTS]`.

`docs/reader.md` describes the data.

DATA is a folder with files of questions, folders of documentation, and folders of documents with
questions about them (`training/retrieved.py`). WEIGHTS is the `weights.onnx` or the checkpoint
`reader.pt` of an earlier training; with it, training continues from these weights, with another
choice of questions. With `--multilingual`, the reader is the one for multilingual-e5-small. A
training that was stopped is continued by the same command: OUTPUT has its state.
"""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path

import torch

from index import BUNDLED_MODEL, MULTILINGUAL_MODEL, WordEmbeddings, load_words
from rag.reader.model import WEIGHTS
from training.backbone import load_backbone
from training.choosing import MULTILINGUAL_SHARES, SHARES, choose_questions, make_groups
from training.examples import Collection, read_folder
from training.export import export_reader
from training.headings import read_docs
from training.held_out import write_held_out
from training.reader import Reader, measure_groups, train
from training.retrieved import QUESTIONS, read_groups
from training.scale import match_scale
from training.warm_start import load_weights
from training.windows import Window

SEED = 7
# Files whose held-out questions tell how the logits of two readers compare.
_ENGLISH = ("squad-nqg-test", "squad-routerlens", "nq-oracle", "omosqa-en")

log = logging.getLogger("training")


def main(data: Path, output: Path, weights: Path | None, *, multilingual: bool) -> None:
    """Read the data, find negatives, train, evaluate on held-out questions, export the weights."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    seed = SEED if weights is None else SEED + 1
    torch.manual_seed(seed)
    output.mkdir(parents=True, exist_ok=True)
    words = load_words(MULTILINGUAL_MODEL if multilingual else BUNDLED_MODEL)
    shares = MULTILINGUAL_SHARES if multilingual else SHARES
    folders = sorted(each for each in data.iterdir() if each.is_dir())
    asked = [each for each in folders if (each / QUESTIONS).exists()]
    docs = [each for each in folders if each not in asked]
    read = [*read_folder(data), *((each.name, read_docs(each)) for each in docs)]
    groups, kept = choose_questions(read, words, shares, seed)
    for each in asked:
        groups += read_groups(each, words, random.Random(seed))
    write_held_out(reduce(add, (held[1] for held in read)), output / "held-out.squad.json")
    reader = Reader(load_backbone(multilingual=multilingual), words)
    if weights is not None:
        load_weights(reader, weights)
    state = output / "training.state"
    rate = 1.5e-4 if weights is None else 6e-5
    for step in train(reader, groups, rate=rate, seed=seed, state=state):
        torch.save(reader.state_dict(), output / "reader.pt")
        _report(reader, kept, step)
    if multilingual:
        _match_scale(reader, [c for name, c in read if name.startswith(_ENGLISH)], words)
    export_reader(reader, output / "weights.onnx")


def _match_scale(reader: Reader, collections: Sequence[Collection], words: WordEmbeddings) -> None:
    """Put the logits on the scale of the English reader, by held-out questions in English."""
    english = Reader(load_backbone(multilingual=False), load_words(BUNDLED_MODEL))
    load_weights(english, WEIGHTS)
    own, others = (
        [g for each in collections for g in make_groups(pieces, each, 0, SEED)[1]]
        for pieces in (words, english.words)
    )
    match_scale(reader, own, english, others)


def _report(reader: Reader, kept: Mapping[str, Sequence[Sequence[Window]]], step: int) -> None:
    """Log for each file the share of held-out questions whose best sentence is right."""
    shares = {name: measure_groups(reader, groups) for name, groups in kept.items() if groups}
    log.info("after %d steps: %s", step, ", ".join(f"{n} {s:.3f}" for n, s in shares.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m training")
    parser.add_argument("--multilingual", action="store_true")
    parser.add_argument("data", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("weights", type=Path, nargs="?")
    given = parser.parse_args()
    main(given.data, given.output, given.weights, multilingual=given.multilingual)
