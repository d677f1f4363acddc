"""Prints a document as it was read, for people: `rag show`."""

from __future__ import annotations

import sys
import textwrap
from itertools import pairwise

from rag.library.showing import PlacedBlock, ShownDocument
from ui.terminal import write

_CLOSE = (("header", "row"), ("item",))  # kinds without a blank line between them


def print_document(shown: ShownDocument) -> None:
    """Print the title, then each block below its page, slide or sheet.

    Headings begin with ``#``, items with ``-`` and table rows with ``|``. Code is indented.
    """
    write(f"{shown.title} ({shown.document})")
    if shown.answered:
        write(f"In reply to: {shown.answered}")
    if shown.remark:
        write(f"rag: {shown.remark}", sys.stderr)
    confidences = dict(shown.confidences)
    for before, block in pairwise([None, *shown.blocks]):
        if block is None:
            continue
        section = _section(block)
        if before is None or section != _section(before):
            write(f"\n--- {section} ---\n" if section else "")
            if block.place.page in confidences:
                write(f"(recognised, confidence {confidences[block.place.page]:.0%})\n")
        elif not _belong_together(before, block):
            write()
        write(_mark(block))
    if not shown.blocks:
        write("It holds no text.")


def _section(placed: PlacedBlock) -> str:
    place = placed.place
    named = (("page", place.page), ("slide", place.slide), ("sheet", place.sheet))
    return ", ".join(f"{name} {value}" for name, value in named if value is not None)


def _belong_together(before: PlacedBlock, after: PlacedBlock) -> bool:
    return any(before.block.kind in kinds and after.block.kind in kinds for kinds in _CLOSE)


def _mark(placed: PlacedBlock) -> str:
    block, text = placed.block, placed.text
    if block.kind == "heading":
        return f"{'#' * max(block.level, 1)} {text}"
    if block.kind in ("header", "row"):
        return f"| {text}"
    if block.kind == "item":
        return f"{'  ' * (block.depth - 1)}- {text}"
    return textwrap.indent(text, "    ") if block.kind == "code" else text
