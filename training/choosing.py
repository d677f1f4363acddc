"""Chooses questions of each file, and makes the windows that are shown with each of them."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Mapping

from index import WordEmbeddings
from training.examples import Collection
from training.held_out import is_held_out
from training.negatives import find_negatives
from training.windows import Window, make_group

NEGATIVES = 12  # found per question; training uses one of them, or two for texts without a title
_MEASURED = 40  # held-out questions per file that are evaluated during the training
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


def choose_questions(
    collections: Iterable[tuple[str, Collection]],
    words: WordEmbeddings,
    shares: Mapping[str, int],
    seed: int,
) -> tuple[list[list[Window]], dict[str, list[list[Window]]]]:
    """Return the groups of windows of all files for training, and by file those held out."""
    groups: list[list[Window]] = []
    kept: dict[str, list[list[Window]]] = {}
    for name, collection in collections:
        label = name.split(".squad")[0]
        trained, kept[label] = make_groups(words, collection, shares.get(label), seed)
        groups += trained
        log.info("%s: %d questions, %d held out", label, len(trained), len(kept[label]))
    return groups, kept


def make_groups(
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
