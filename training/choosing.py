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
# Maximum number of training questions per file; all questions of files that are not listed.
SHARES: Mapping[str, int] = {
    "afriqa-en.train": 800,
    "docs-18f-guides": 500,
    "docs-18f-handbook": 500,
    "docs-digitalgov": 700,
    "docs-pypa": 400,
    "fairytaleqa.train": 1800,
    "feedbackqa.train": 3800,
    "german-laws": 700,
    "heq-val.train": 500,
    "medquad.train": 1000,
    "norquad.train": 1800,
    "nq-swap.train": 300,
    "omoscross-de-en": 250,
    "omoscross-de-fr": 250,
    "omoscross-en-de": 250,
    "omoscross-en-fr": 250,
    "omoscross-fr-de": 250,
    "omoscross-fr-en": 250,
    "open-source-guides": 1000,
    "piaf": 4000,
    "qamr.train": 500,
    "qed": 4000,
    "selqa-dev.train": 700,
    "squad-flan.train": 1000,
    "squad-kou.train": 6000,
    "squad-nqg-test.train": 8000,
    "squad-routerlens.train": 3500,
}
# The same for a further step, so that the reader does not forget them.
REPLAYED: Mapping[str, int] = {name: most // 10 for name, most in SHARES.items()}


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
