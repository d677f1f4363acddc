"""Train the reader: `python -m training DATA OUTPUT`; see `docs/reader.md`."""

from __future__ import annotations

import logging
import random
import sys
from functools import reduce
from operator import add
from pathlib import Path

import torch
from tokenizers import Tokenizer

from index.encoders.model_files import find_bundled_model
from training.examples import read_folder
from training.export import export_reader
from training.held_out import is_held_out, write_held_out
from training.negatives import find_negatives
from training.reader import Reader, train
from training.windows import make_group

SEED = 7
NEGATIVES = 12  # found; of these one is shown, or two where there is no text around


def main(data: Path, output: Path) -> None:
    """Read, mine, train, export."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(SEED)
    output.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)
    collection = reduce(add, (held[1] for held in read_folder(data)))
    negatives = find_negatives(collection, NEGATIVES)
    folder = find_bundled_model()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    groups = []
    for example, places in zip(collection.examples, negatives, strict=True):
        if is_held_out(example.text):
            continue
        single = not collection.texts[example.text].title
        picked = chance.sample(places, min(len(places), 2 if single else 1))
        groups.append(make_group(tokenizer, collection, example, picked, chance))
    logging.info("%d texts, %d questions", len(collection.texts), len(groups))
    write_held_out(collection, output / "held-out.squad.json")
    reader = Reader(str(folder))
    for step in train(reader, groups):
        torch.save(reader.state_dict(), output / "reader.pt")
        logging.info("saved after %d steps", step)
    export_reader(reader, output / "weights.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
