"""The values that the stages of indexing pass to each other. This module does no I/O.

Every `start` and `end` is an offset in characters (Unicode code points) into the text of one
document. Spans are half open: `text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.messages import Message
from index.page_text import Scan, TextRun

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

BlockKind = Literal["heading", "paragraph", "item", "header", "row", "code", "caption"]
UnitKind = Literal["list", "table", "code"]
PartKind = Literal["page", "slide", "sheet"]
Role = Literal["statement", "heading", "question"]
ROLES: tuple[Role, ...] = ("statement", "heading", "question")
Level = Literal["sentences", "passages"]
LEVELS: tuple[Level, ...] = ("sentences", "passages")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document such as a heading, a paragraph or a table row.

    No sentence crosses the boundary of a block. A block of kind "item" is the first block of a
    list item; the item's other blocks have the same `depth` and another kind. A "header" is the
    row of a table that names its columns.
    """

    start: int
    end: int
    kind: BlockKind = "paragraph"
    level: int = 0  # of a heading: 1 to 6; otherwise 0
    row: int = 0  # row of a sheet, or number of a record or notebook cell, from 1; otherwise 0
    depth: int = 0  # number of lists that contain the block; 0 outside of lists
    ordered: bool = False  # whether the innermost list is numbered


@dataclass(frozen=True, slots=True)
class Part:
    """A page, slide or sheet of a document. `number` counts from 1. Sheets also have a `name`."""

    kind: PartKind
    number: int
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person finds a sentence in a document. A field its format does not have is None."""

    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    row: int | None = None
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    r"""A parsed document.

    `path` is the path as the user gave it. `text` is the output of the format's loader; for .txt
    and .md it is the decoded file with newlines normalised to ``\\n``. `runs` map the text of a PDF
    or picture to characters of its pages, and `scans` are the pages that were recognised. `remark`
    says what could not be read, or not well; `needs` is the extra that could read it. `language` is
    an ISO 639-1 code. `titles` are those in the file's properties and text, best first; `opening`
    is how the text begins. `messages` are the e-mail messages in it, which may be answered by
    others.
    """

    path: str
    title: str
    format: str
    text: str
    blocks: tuple[Block, ...]
    parts: tuple[Part, ...] = ()
    runs: tuple[TextRun, ...] = ()
    language: str = "en"
    titles: tuple[str, ...] = ()
    opening: str = ""
    scans: tuple[Scan, ...] = ()
    remark: str = ""
    needs: str = ""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A block of a document with its text and place. `headings` are above it, outermost first."""

    block: Block
    text: str
    place: Place
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """The span of a sentence in its document's text, without white space at its ends."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A list, a table or a block of code: sentences `first` to `last` of a document, inclusive.

    `items` are the sentences that begin an item or row. `lead` is the sentence directly before
    the unit that announces it. `header` is the sentence that names a table's columns.
    """

    kind: UnitKind
    first: int
    last: int
    items: tuple[int, ...] = ()
    lead: int | None = None
    header: int | None = None

    @property
    def opening(self) -> int:
        """The sentence that it begins with when it is shown: the one that announces it, if any."""
        return self.first if self.lead is None else self.lead


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences of one document: numbers `first` to `last`, inclusive."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """The manifest's entry for an indexed document.

    `source` is the absolute path that identifies the file, or a web page's address. Of a member of
    an e-mail or archive, it is the source of that file, a slash and a path that is unique in it;
    `within` is then the source of that file. `sha256`, `size` and `stamp` are those of `file`.
    `segment` and `row` say where its text and vectors are stored. Times are ISO 8601, UTC. A file
    that still has the same `stamp` has not changed since it was indexed. `title` is chosen from
    `titles`, the file's name and `opening` when the snapshot is published, and is unique in it.
    `remark`, `needs` and `messages` are those of `Document`: when the extra is there,
    the file is read again. `answered` names the message that it replies to, if that one is indexed.
    """

    path: str
    source: str
    title: str
    format: str
    sha256: str
    size: int
    indexed_at: str
    segment: str
    row: int
    sentences: int
    passages: int
    stamp: str = ""
    language: str = "en"
    titles: tuple[str, ...] = ()
    opening: str = ""
    remark: str = ""
    needs: str = ""
    within: str = ""
    messages: tuple[Message, ...] = ()
    answered: str = ""

    @property
    def file(self) -> str:
        """The path or address of the file on disk: its own, or that of which it is a member."""
        return self.within or self.source

    @property
    def member(self) -> str:
        """The path of a member in its file; empty for other documents."""
        return self.source.removeprefix(f"{self.within}/") if self.within else ""


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence of a snapshot and its location.

    `readable` is its text without markup. `headings` are the headings above it, outermost first.
    `marker` is the number before it, if it begins an item of a numbered list: "2.".
    """

    row: int
    passage: int
    document: DocumentRecord
    start: int
    end: int
    text: str
    readable: str
    place: Place
    role: Role
    headings: tuple[str, ...] = ()
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that a search may return.

    `masks` has one mask per level and segment; None allows all rows. If `exact`, the search
    compares every allowed row with the query instead of using Chroma's graph.
    """

    masks: dict[Level, list[npt.NDArray[np.bool_] | None]]
    exact: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed, with the reason in one line.

    `source` and `within` are those of a `DocumentRecord`. `sha256` is the hash of the content if
    that caused the failure. Updates then skip the file until its content changes. `unsupported` is
    True if no format has the file's suffix. `needs` is the extra that could read the file: when it
    is there, updates no longer skip the file.
    """

    path: str
    reason: str
    source: str = ""
    sha256: str = ""
    unsupported: bool = False
    needs: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a long operation: `done` of `total` items of `stage`.

    The stage "read" counts the pages of one file.
    """

    stage: Literal["fetch", "read", "embed", "store", "ask"]
    done: int
    total: int
    detail: str = ""


OnProgress = Callable[[Progress], None]

OnWait = Callable[[str], None]
"""Called with the name of the process that holds the writer lock, before waiting for it."""
