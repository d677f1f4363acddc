"""Sentences -> Passages: whole sentences within a token budget, no sentence in two passages.

Passages do not overlap: retrieval scores every sentence by itself as well as by its passage, so
a thought that straddles two passages is still found, and nothing is embedded twice.

Where a passage ends follows from the sentences near its end alone (content-defined chunking,
Muthitacharoen et al., "A Low-bandwidth Network File System", 2001). So after an edit the packing
soon falls into step with what it was before, and the passages behind it need no new vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from index.types import Block, Passage, Sentence

TOKEN_BUDGET = 180
_SHORTEST = 1 / 2  # of the budget: a passage ends somewhere between this and all of it
_HEADING_BREAK = 1 / 3  # likewise: a passage at least this long ends before a heading


def pack_passages(
    sentences: Sequence[Sentence],
    texts: Sequence[str],
    tokens: Sequence[int],
    blocks: Sequence[Block],
    budget: int = TOKEN_BUDGET,
) -> tuple[Passage, ...]:
    """Pack the sentences of one document into passages.

    `texts` holds each sentence's text, `tokens` its length in tokens. A sentence longer than
    `budget` is a passage by itself. A heading starts a new passage once the present one has some
    substance; else a passage rather ends with a paragraph than within one.
    """
    headings = {block.start for block in blocks if block.kind == "heading"}
    openings = {block.start for block in blocks}
    passages: list[Passage] = []
    first = 0
    while first < len(sentences):
        stop, whole = _reach(first, sentences, tokens, headings, budget)
        if not whole:
            stop = _choose_end(first, stop, sentences, texts, tokens, headings, openings, budget)
        passages.append(Passage(first, stop - 1))
        first = stop
    return tuple(passages)


def _reach(
    first: int,
    sentences: Sequence[Sentence],
    tokens: Sequence[int],
    headings: set[int],
    budget: int,
) -> tuple[int, bool]:
    """Return how far a passage may go, and whether it ends there in any case."""
    used = 0
    for number in range(first, len(sentences)):
        if number > first and used + tokens[number] > budget:
            return number, False
        if sentences[number].start in headings and used >= _HEADING_BREAK * budget:
            return number, True
        used += tokens[number]
    return len(sentences), True


def _choose_end(
    first: int,
    limit: int,
    sentences: Sequence[Sentence],
    texts: Sequence[str],
    tokens: Sequence[int],
    headings: set[int],
    openings: set[int],
    budget: int,
) -> int:
    """Return the number of the sentence that is to open the next passage."""
    ends: list[tuple[bool, bytes, int]] = []
    used = 0
    for number in range(first + 1, limit + 1):
        used += tokens[number - 1]
        # A heading left at the end of a passage belongs to what follows it.
        if used < _SHORTEST * budget or sentences[number - 1].start in headings:
            continue
        within_paragraph = sentences[number].start not in openings
        ends.append((within_paragraph, _hash(texts[number]), number))
    return min(ends)[2] if ends else limit


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
