"""Train the reader: `python -m training DATA OUTPUT [WEIGHTS]`; see `docs/reader.md`.

DATA is a folder of files of questions, and of folders of documentation. With WEIGHTS, a file that
an earlier training wrote, the training goes on from there.
"""

from __future__ import annotations

import logging
import random
import sys
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path

import torch
from tokenizers import Tokenizer

from index.encoders.model_files import find_bundled_model
from training.examples import Collection, read_folder
from training.export import export_reader
from training.headings import read_docs
from training.held_out import is_held_out, write_held_out
from training.negatives import find_negatives
from training.reader import Reader, measure_groups, train
from training.warm_start import load_weights
from training.windows import Window, make_group

SEED = 7
NEGATIVES = 12  # found; of these one is shown, or two where there is no text around
_MEASURED = 40  # held-out questions of a file that the reader is measured on as it learns
_SHOWN = 6  # windows without an answer beside each of them
# Questions taken of each file; of others, all. What is asked of handbooks and offices is to weigh
# as much as what is asked of encyclopedias, and no file more than it teaches.
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

log = logging.getLogger("training")


def main(data: Path, output: Path, weights: Path | None = None) -> None:
    """Read, find negatives, train, measure on what was held out, export."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(SEED)
    output.mkdir(parents=True, exist_ok=True)
    folder = find_bundled_model()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    groups: list[list[Window]] = []
    kept: dict[str, list[list[Window]]] = {}
    docs = sorted(each for each in data.iterdir() if each.is_dir())
    read = [*read_folder(data), *((each.name, read_docs(each)) for each in docs)]
    for name, collection in read:
        label = name.split(".squad")[0]
        trained, held_out = _make_groups(tokenizer, collection, SHARES.get(label))
        groups += trained
        kept[label] = held_out
        log.info("%s: %d questions, %d held out", label, len(trained), len(held_out))
    write_held_out(reduce(add, (held[1] for held in read)), output / "held-out.squad.json")
    reader = Reader(str(folder))
    if weights is not None:
        load_weights(reader, weights)
    for step in train(reader, groups, rate=1.5e-4 if weights is None else 6e-5):
        torch.save(reader.state_dict(), output / "reader.pt")
        _report(reader, kept, step)
    export_reader(reader, output / "weights.onnx")


def _make_groups(
    tokenizer: Tokenizer, collection: Collection, share: int | None
) -> tuple[list[list[Window]], list[list[Window]]]:
    """Return the windows of a file's questions: of those to train on, and of those held out."""
    chance = random.Random(SEED)
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
        group = make_group(tokenizer, collection, example, shown, chance)
        if len(group) > 1 or not example.sentences:
            groups[measured].append(group)
    return groups


def _report(reader: Reader, kept: Mapping[str, Sequence[Sequence[Window]]], step: int) -> None:
    """Log for which share of the held-out questions of each file a right sentence is the best."""
    shares = {name: measure_groups(reader, groups) for name, groups in kept.items() if groups}
    log.info("after %d steps: %s", step, ", ".join(f"{n} {s:.3f}" for n, s in shares.items()))


if __name__ == "__main__":
    main(*(Path(each) for each in sys.argv[1:]))
