"""Sentences -> Passages: whole sentences within a token budget; each sentence in one passage.

Passages do not overlap, so nothing is embedded twice. Text that continues over the end of a
passage is still found, because retrieval scores each sentence by itself as well as its passage.

The end of a passage depends only on the sentences near it (content-defined chunking,
Muthitacharoen et al., "A Low-bandwidth Network File System", 2001). So soon after an edited
place, passages end where they ended before the edit, and need no new vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from index.types import Block, Passage, Sentence

TOKEN_BUDGET = 180
_SHORTEST = 1 / 2  # fraction of the budget: the shortest length at which a passage may end
_HEADING_BREAK = 1 / 3  # fraction of the budget: a passage this long or longer ends at a heading


def pack_passages(
    sentences: Sequence[Sentence],
    texts: Sequence[str],
    tokens: Sequence[int],
    blocks: Sequence[Block],
    budget: int = TOKEN_BUDGET,
) -> tuple[Passage, ...]:
    """Pack the sentences of one document into passages.

    `texts` holds each sentence's text, `tokens` its length in tokens. A sentence longer than
    `budget` is a passage by itself. A heading starts a new passage if the current one has at least
    a third of the budget. Otherwise a passage ends at the end of a paragraph where possible.
    """
    headings = {block.start for block in blocks if block.kind == "heading"}
    openings = {block.start for block in blocks}
    passages: list[Passage] = []
    first = 0
    while first < len(sentences):
        stop, whole = _find_limit(first, sentences, tokens, headings, budget)
        if not whole:
            stop = _choose_end(first, stop, sentences, texts, tokens, headings, openings, budget)
        passages.append(Passage(first, stop - 1))
        first = stop
    return tuple(passages)


def _find_limit(
    first: int,
    sentences: Sequence[Sentence],
    tokens: Sequence[int],
    headings: set[int],
    budget: int,
) -> tuple[int, bool]:
    """Return where a passage that begins at `first` has to end, and whether it must end there.

    The number is that of the first sentence behind the passage. True means that the passage ends
    there because of a heading or the document's end; False means that the budget is used up, and
    the passage may also end earlier.
    """
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
    """Return the number of the first sentence of the next passage, at most `limit`.

    Prefers ends of paragraphs; among several the hash of the next sentence decides.
    """
    ends: list[tuple[bool, bytes, int]] = []
    used = 0
    for number in range(first + 1, limit + 1):
        used += tokens[number - 1]
        # A heading must not be the last sentence of a passage: it belongs to the text after it.
        if used < _SHORTEST * budget or sentences[number - 1].start in headings:
            continue
        within_paragraph = sentences[number].start not in openings
        ends.append((within_paragraph, _hash(texts[number]), number))
    return min(ends)[2] if ends else limit


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
