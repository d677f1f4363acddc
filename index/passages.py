"""Sentences -> Passages: whole sentences within a token budget, no sentence in two passages.

Passages do not overlap: retrieval scores every sentence by itself as well as by its passage, so
a thought that straddles two passages is still found, and nothing is embedded twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.types import Block, Passage, Sentence

TOKEN_BUDGET = 180
_HEADING_BREAK = TOKEN_BUDGET // 3  # a passage at least this long ends before a heading


def pack_passages(
    sentences: Sequence[Sentence],
    tokens: Sequence[int],
    blocks: Sequence[Block],
    budget: int = TOKEN_BUDGET,
) -> tuple[Passage, ...]:
    """Pack the sentences of one document into passages.

    `tokens` holds each sentence's length in tokens. A sentence longer than `budget` is a passage
    by itself. A heading starts a new passage once the present one has some substance.
    """
    headings = {block.start for block in blocks if block.kind == "heading"}
    passages: list[Passage] = []
    first, used = 0, 0
    for number, (sentence, length) in enumerate(zip(sentences, tokens, strict=True)):
        full = used + length > budget
        new_section = sentence.start in headings and used >= _HEADING_BREAK
        if number > first and (full or new_section):
            # A heading left at the end of a passage belongs to what follows it.
            last = number - 1
            while last > first and sentences[last].start in headings:
                last -= 1
            passages.append(Passage(first, last))
            first = last + 1
            used = sum(tokens[first:number])
        used += length
    if sentences:
        passages.append(Passage(first, len(sentences) - 1))
    return tuple(passages)
