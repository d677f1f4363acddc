"""Train a reader: `python -m training [--multilingual] DATA OUTPUT [WEIGHTS]`.

`docs/reader.md` describes the data.

DATA is a folder with files of questions, folders of documentation, and folders of documents with
questions about them (`training/retrieved.py`). WEIGHTS is the `weights.onnx` or the checkpoint
`reader.pt` of an earlier training; with it, training continues from these weights, with another
choice of questions. With `--multilingual`, the
reader is the one for multilingual-e5-small.
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
from training.examples import Collection, read_folder
from training.export import export_reader
from training.headings import read_docs
from training.held_out import is_held_out, write_held_out
from training.negatives import find_negatives
from training.reader import Reader, measure_groups, train
from training.retrieved import QUESTIONS, read_groups
from training.scale import match_scale
from training.warm_start import load_weights
from training.windows import Window, make_group

SEED = 7
NEGATIVES = 12  # found per question; training uses one of them, or two for texts without a title
_MEASURED = 40  # held-out questions per file that are evaluated during the training
# Files whose held-out questions tell how the logits of two readers compare.
_ENGLISH = ("squad-nqg-test", "squad-routerlens", "nq-oracle", "omosqa-en")
_SHOWN = 6  # negatives for each held-out question
# Maximum number of training questions per file; all questions of files that are not listed. With
# these numbers, questions about handbooks and offices weigh as much as those about encyclopedias.
SHARES: Mapping[str, int] = {
    "afriqa-en.train": 150,
    "afriqa-fr.train": 100,
    "fairytaleqa.train": 800,
    "feedbackqa.train": 2600,
    "heq-val.train": 0,
    "medquad.train": 700,
    "norquad.train": 50,
    "nq-oracle.train": 900,
    "nq-swap.train": 200,
    "qamr.train": 150,
    "selqa-dev.train": 400,
    "squad-flan.train": 200,
    "squad-kou.train": 350,
    "squad-nqg-test.train": 800,
    "squad-routerlens.train": 300,
}
MULTILINGUAL_SHARES: Mapping[str, int] = {
    "afriqa-en.train": 250,
    "fairytaleqa.train": 400,
    "feedbackqa.train": 600,
    "german-laws": 700,
    "heq-val.train": 300,
    "medquad.train": 150,
    "norquad.train": 1500,
    "nq-oracle.train": 1500,
    "nq-swap.train": 150,
    "omoscross-de-en": 300,
    "omoscross-de-fr": 300,
    "omoscross-en-de": 300,
    "omoscross-en-fr": 300,
    "omoscross-fr-de": 300,
    "omoscross-fr-en": 300,
    "open-source-guides": 1000,
    "piaf": 5000,
    "qamr.train": 150,
    "selqa-dev.train": 200,
    "squad-flan.train": 1000,
    "squad-kou.train": 3000,
    "squad-nqg-test.train": 4000,
    "squad-routerlens.train": 2000,
}

log = logging.getLogger("training")


def main(data: Path, output: Path, weights: Path | None, *, multilingual: bool) -> None:
    """Read the data, find negatives, train, evaluate on held-out questions, export the weights."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    seed = SEED if weights is None else SEED + 1
    torch.manual_seed(seed)
    output.mkdir(parents=True, exist_ok=True)
    words = load_words(MULTILINGUAL_MODEL if multilingual else BUNDLED_MODEL)
    shares = MULTILINGUAL_SHARES if multilingual else SHARES
    groups: list[list[Window]] = []
    kept: dict[str, list[list[Window]]] = {}
    folders = sorted(each for each in data.iterdir() if each.is_dir())
    asked = [each for each in folders if (each / QUESTIONS).exists()]
    docs = [each for each in folders if each not in asked]
    read = [*read_folder(data), *((each.name, read_docs(each)) for each in docs)]
    for name, collection in read:
        label = name.split(".squad")[0]
        trained, held_out = _make_groups(words, collection, shares.get(label), seed)
        groups += trained
        kept[label] = held_out
        log.info("%s: %d questions, %d held out", label, len(trained), len(held_out))
    for each in asked:
        groups += read_groups(each, words, random.Random(seed))
    write_held_out(reduce(add, (held[1] for held in read)), output / "held-out.squad.json")
    reader = Reader(load_backbone(multilingual=multilingual), words)
    if weights is not None:
        load_weights(reader, weights)
    for step in train(reader, groups, rate=1.5e-4 if weights is None else 6e-5, seed=seed):
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
        [g for each in collections for g in _make_groups(pieces, each, 0, SEED)[1]]
        for pieces in (words, english.words)
    )
    match_scale(reader, own, english, others)


def _make_groups(
    words: WordEmbeddings, collection: Collection, share: int | None, seed: int
) -> tuple[list[list[Window]], list[list[Window]]]:
    """Return the groups of windows of a file: for training, and held out for evaluation.

    `share` is the maximum number of training questions, None for all.
    """
    chance = random.Random(seed)
    examples = list(collection.examples)
    chance.shuffle(examples)
    held_out = [each for each in examples if is_held_out(each.text)][:_MEASURED]
    trained = [each for each in examples if not is_held_out(each.text)][:share]
    wanted = Collection(collection.texts, (*trained, *held_out))
    negatives = find_negatives(wanted, NEGATIVES)
    groups: tuple[list[list[Window]], list[list[Window]]] = ([], [])
    for number, (example, places) in enumerate(zip(wanted.examples, negatives, strict=True)):
        measured = number >= len(trained)
        alone = not collection.texts[example.text].title
        count = _SHOWN if measured else 2 if alone or not example.sentences else 1
        shown = chance.sample(places, min(len(places), count))
        group = make_group(words, collection, example, shown, chance)
        if len(group) > 1 or not example.sentences:
            groups[measured].append(group)
    return groups


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
