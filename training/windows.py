"""Examples -> token sequences: a question, and a few sentences in a row that may answer it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from rag.reader.encoding import Tokens, encode_window
from training.examples import Collection, Example
from training.negatives import Place

_MAX_NEIGHBOURS = 2
_MAX_CHARACTERS = 420  # of the sentences around the one in the middle; about 100 word pieces
_TITLE_SHARE = 0.8  # of the windows that are shown with their title: many documents have none


@dataclass(frozen=True, slots=True)
class Window:
    """A sequence, which of its sentences answers (or -1), and the answer's tokens (or None)."""

    tokens: Tokens
    answer: int
    span: tuple[int, int] | None


def make_group(
    tokenizer: Tokenizer,
    collection: Collection,
    example: Example,
    negatives: Sequence[Place],
    chance: random.Random,
) -> list[Window]:
    """Return the windows of one question: the one that answers first, then those that do not."""
    gold = (example.text, example.paragraph, example.sentence)
    group = [_make_window(tokenizer, collection, example, gold, chance)]
    taken = {gold[:2]}
    for place in negatives:
        if place[:2] not in taken or len(collection.texts[place[0]].paragraphs) > 1:
            if place[:2] == gold[:2] and abs(place[2] - gold[2]) <= _MAX_NEIGHBOURS:
                continue  # it may be in the window already
            taken.add(place[:2])
            group.append(_make_window(tokenizer, collection, example, place, chance))
    return group


def _make_window(
    tokenizer: Tokenizer,
    collection: Collection,
    example: Example,
    place: Place,
    chance: random.Random,
) -> Window:
    text = collection.texts[place[0]]
    sentences = text.paragraphs[place[1]]
    first = last = place[2]
    room = _MAX_CHARACTERS - len(sentences[first])
    for _ in range(chance.randint(1, 2 * _MAX_NEIGHBOURS)):
        backwards = chance.random() < 0.5
        other = first - 1 if backwards else last + 1
        if 0 <= other < len(sentences) and room >= len(sentences[other]):
            room -= len(sentences[other])
            first, last = min(first, other), max(last, other)
    title = text.title if chance.random() < _TITLE_SHARE else ""
    tokens = encode_window(tokenizer, example.question, title, sentences[first : last + 1])
    gold = (example.text, example.paragraph)
    inside = place[:2] == gold and first <= example.sentence <= last
    answer = example.sentence - first if inside else -1
    span = None
    if inside and example.span and answer < len(tokens.sentences):
        begin, end = tokens.sentences[answer]
        within = [
            i
            for i in range(begin, end)
            if tokens.offsets[i][0] < example.span[1] and tokens.offsets[i][1] > example.span[0]
        ]
        span = (within[0], within[-1]) if within else None
    return Window(tokens, answer if answer < len(tokens.sentences) else -1, span)
