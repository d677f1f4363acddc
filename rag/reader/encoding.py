"""A question and consecutive sentences -> the token sequence for the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index import WordEmbeddings

MAX_TOKENS = 256
_MAX_QUESTION = 64
_MAX_TITLE = 32


@dataclass(frozen=True, slots=True)
class Tokens:
    """One sequence: ``[CLS] question [SEP] title sentences… [SEP]``.

    `ids`, `types` and `offsets` have one value per token. An offset is the start and end of a token
    in its own sentence, in characters. `sentences` has for each sentence its first token and the
    one after its last. Sentences that do not fit are omitted.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    sentences: tuple[tuple[int, int], ...]


def encode_window(
    words: WordEmbeddings,
    question: str,
    title: str,
    sentences: Sequence[str],
    limit: int = MAX_TOKENS,
) -> Tokens:
    """Return the sequence for a question and consecutive sentences, of at most `limit` tokens."""
    asked, entitled = (words.read(text)[0] for text in (question, title))
    ids = [words.begin, *asked[:_MAX_QUESTION], words.stop]
    types = [0] * len(ids)
    ids += entitled[:_MAX_TITLE]
    offsets = [(0, 0)] * len(ids)
    spans: list[tuple[int, int]] = []
    for sentence in sentences:
        pieces, places = words.read(sentence)
        room = limit - 1 - len(ids)
        if not pieces or room < min(len(pieces), 8):
            break
        spans.append((len(ids), len(ids) + min(len(pieces), room)))
        ids += pieces[:room]
        offsets += places[:room]
    ids.append(words.stop)
    offsets.append((0, 0))
    types += [1] * (len(ids) - len(types))
    return Tokens(tuple(ids), tuple(types), tuple(offsets), tuple(spans))
