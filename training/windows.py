"""Converts examples to windows: token sequences of a question and a few consecutive sentences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from index import WordEmbeddings
from rag.reader.encoding import Tokens, encode_window
from training.examples import Collection, Example
from training.negatives import Place

_MAX_NEIGHBOURS = 2
_MAX_CHARACTERS = 420  # of all sentences in a window; about 100 word pieces
_MAX_TOKENS = 160  # of a window; long code and tables are cut, because they would slow training
_TITLE_SHARE = 0.8  # of the windows include the title, because many documents have no title


@dataclass(frozen=True, slots=True)
class Window:
    """A token sequence with its labels.

    `right` are the indices of the answering sentences. If `certain` is false, the answer is in one
    or more of them, but it is unknown in which. `span` is the first and last token of the short
    answer, or None.
    """

    tokens: Tokens
    right: frozenset[int]
    certain: bool
    span: tuple[int, int] | None


def make_group(
    words: WordEmbeddings,
    collection: Collection,
    example: Example,
    negatives: Sequence[Place],
    chance: random.Random,
) -> list[Window]:
    """Return the windows of one question: first an answering window, then the negatives.

    A question without an answer has only negatives.
    """
    group = []
    if example.sentences:
        centre = chance.choice(example.sentences)
        gold = (example.text, example.paragraph, centre)
        group.append(_make_window(words, collection, example, gold, chance))
    right = {(example.text, example.paragraph, number) for number in example.sentences}
    taken = {place[:2] for place in right}
    for place in negatives:
        if place[:2] not in taken or len(collection.texts[place[0]].paragraphs[place[1]]) > 8:
            near = range(place[2] - _MAX_NEIGHBOURS, place[2] + _MAX_NEIGHBOURS + 1)
            if any((*place[:2], number) in right for number in near):
                continue  # it may be in a window that answers
            taken.add(place[:2])
            group.append(_make_window(words, collection, example, place, chance))
    return group


def _make_window(
    words: WordEmbeddings,
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
    title = text.headed[place[1]] if text.headed else text.title
    title = title if chance.random() < _TITLE_SHARE else ""
    shown = sentences[first : last + 1]
    tokens = encode_window(words, example.question, title, shown, _MAX_TOKENS)
    right: frozenset[int] = frozenset()
    if place[:2] == (example.text, example.paragraph):
        numbers = range(len(tokens.sentences))
        right = frozenset(number for number in numbers if first + number in example.sentences)
    span = None
    if example.span and right and first + min(right) == example.sentences[0]:
        begin, end = tokens.sentences[min(right)]
        within = [
            i
            for i in range(begin, end)
            if tokens.offsets[i][0] < example.span[1] and tokens.offsets[i][1] > example.span[0]
        ]
        span = (within[0], within[-1]) if within else None
    return Window(tokens, right, example.level == "sentence", span)
