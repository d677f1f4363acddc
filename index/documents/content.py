"""What every loader yields, and the builder that those share whose text is their own."""

from __future__ import annotations

from dataclasses import dataclass, field

from index.types import Block, BlockKind, Page


class ContentError(Exception):
    """A loader's word that it cannot read a file: `problem`, and what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a file, the blocks in it, its pages and title where the format has them."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    pages: tuple[Page, ...] = ()
    empty_remedy: str = "fill or remove it"


@dataclass(slots=True)
class ContentBuilder:
    """Joins blocks of text with blank lines and keeps their spans."""

    parts: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, kind: BlockKind = "paragraph", level: int = 0) -> None:
        """Append a block; text without a visible character is left out."""
        text = text.strip()
        if not text:
            return
        if self.parts:
            # Rows of one table stay together; all else is set apart.
            together = kind == "row" and self.blocks[-1].kind == "row"
            self._append("\n" if together else "\n\n")
        start = self.length
        self._append(text)
        self.blocks.append(Block(start, self.length, kind, level))

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def build(self, title: str = "", pages: tuple[Page, ...] = ()) -> Content:
        """Return what was added; without a title, that of the first heading of level 1."""
        text = "".join(self.parts)
        return Content(text, tuple(self.blocks), title or first_heading(text, self.blocks), pages)


def first_heading(text: str, blocks: list[Block] | tuple[Block, ...]) -> str:
    """Return the text of the first top-level heading, or an empty string."""
    for block in blocks:
        if block.kind == "heading" and block.level <= 1:
            return " ".join(text[block.start : block.end].split())
    return ""
