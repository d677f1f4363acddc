"""A question and consecutive sentences -> the token sequence for the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

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
    tokenizer: Tokenizer,
    question: str,
    title: str,
    sentences: Sequence[str],
    limit: int = MAX_TOKENS,
) -> Tokens:
    """Return the sequence for a question and consecutive sentences, of at most `limit` tokens."""
    begin, stop = (tokenizer.token_to_id(name) or 0 for name in ("[CLS]", "[SEP]"))
    parts = [tokenizer.encode(text, add_special_tokens=False) for text in (question, title)]
    ids = [begin, *parts[0].ids[:_MAX_QUESTION], stop]
    types = [0] * len(ids)
    ids += parts[1].ids[:_MAX_TITLE]
    offsets = [(0, 0)] * len(ids)
    spans: list[tuple[int, int]] = []
    for sentence in sentences:
        encoded = tokenizer.encode(sentence, add_special_tokens=False)
        room = limit - 1 - len(ids)
        if not encoded.ids or room < min(len(encoded.ids), 8):
            break
        spans.append((len(ids), len(ids) + min(len(encoded.ids), room)))
        ids += encoded.ids[:room]
        offsets += encoded.offsets[:room]
    ids.append(stop)
    offsets.append((0, 0))
    types += [1] * (len(ids) - len(types))
    return Tokens(tuple(ids), tuple(types), tuple(offsets), tuple(spans))
