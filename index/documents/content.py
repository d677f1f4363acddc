"""`Content`, the result of every loader, and a builder for loaders that make their own text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from index.messages import Message
from index.page_text import Scan, TextRun
from index.types import Block, BlockKind, Part, PartKind

MAX_TITLE = 200  # characters
_MOST_REMARKS = 10


def shorten_title(title: str) -> str:
    """Return a title cut to `MAX_TITLE` characters, because every answer shows it."""
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1].rstrip()}\u2026"


class ContentError(Exception):
    """A loader cannot parse a file. `remedy` says what the user can do.

    `needs` is the extra without which it cannot, if there is one.
    """

    def __init__(self, problem: str, remedy: str, needs: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        self.needs = needs
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in another file: attached to an e-mail, or in an archive.

    `name` may have folders. `read` returns the file's bytes, or raises `ContentError`. `topic` is
    the subject of the e-mail; None in an archive.
    """

    name: str
    read: Callable[[], bytes]
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a file and its blocks; also its parts and title if the format has them.

    `empty_remedy` tells the user what to do if the text is empty. `members` are read as
    documents of their own. The last four are those of `Document`.
    """

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    parts: tuple[Part, ...] = ()
    runs: tuple[TextRun, ...] = ()
    empty_remedy: str = "fill or remove it"
    members: tuple[Member, ...] = ()
    scans: tuple[Scan, ...] = ()
    remark: str = ""
    needs: str = ""
    messages: tuple[Message, ...] = ()


@dataclass(slots=True)
class ContentBuilder:
    """Joins blocks of text with blank lines and records their spans."""

    pieces: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    length: int = 0
    remarks: list[str] = field(default_factory=list)
    needs: str = ""
    members: list[Member] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def add(
        self,
        text: str,
        kind: BlockKind = "paragraph",
        level: int = 0,
        row: int = 0,
        depth: int = 0,
        ordered: bool = False,
    ) -> None:
        """Append a block; the parameters are fields of `Block`. Blank text is ignored."""
        text = text.strip()
        if not text:
            return
        if self.pieces:
            # Rows of one table are joined with a newline, all other blocks with a blank line.
            together = kind == "row" and self.blocks[-1].kind in ("row", "header")
            self._append("\n" if together else "\n\n")
        start = self.length
        self._append(text)
        self.blocks.append(Block(start, self.length, kind, level, row, depth, ordered))

    def note(self, remark: str, needs: str = "") -> None:
        """Record what could not be read; `needs` is the extra that could read it."""
        self.remarks.append(" ".join(remark.split()))
        self.needs = self.needs or needs

    def remark(self) -> str:
        """Return one line about what could not be read; empty if all was."""
        more = len(self.remarks) - _MOST_REMARKS
        return "; ".join(self.remarks[:_MOST_REMARKS] + [f"{more} more"] * (more > 0))

    def begin(self, kind: PartKind, number: int, name: str = "") -> None:
        """Begin a new page, slide or sheet."""
        self._end_part()
        self.parts.append(Part(kind, number, self.length, self.length, name))

    def _end_part(self) -> None:
        if self.parts:
            self.parts[-1] = replace(self.parts[-1], end=self.length)

    def _append(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def build(
        self, title: str = "", parts: Sequence[Part] = (), runs: Sequence[TextRun] = ()
    ) -> Content:
        """Return the content. Without a `title` it is the first heading of level 1."""
        self._end_part()
        text = "".join(self.pieces)
        found = tuple(part for part in (*self.parts, *parts) if part.end > part.start)
        return Content(
            text,
            tuple(self.blocks),
            title or first_heading(text, self.blocks),
            found,
            tuple(runs),
            members=tuple(self.members),
            remark=self.remark(),
            needs=self.needs,
            messages=tuple(self.messages),
        )


def first_heading(text: str, blocks: Sequence[Block]) -> str:
    """Return the text of the first top-level heading, or an empty string."""
    for block in blocks:
        if block.kind == "heading" and block.level <= 1:
            return " ".join(text[block.start : block.end].split())
    return ""
