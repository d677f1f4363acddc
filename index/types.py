"""The values that travel between the stages of indexing. No I/O here.

Every `start` and `end` is an offset in characters (Unicode code points) into the text of one
document, half open: `text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

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
    """A piece of a document that no sentence crosses: a heading, a paragraph, a table row.

    An "item" begins an item of a list; what else belongs to the item has the same `depth` and
    another kind. A "header" is a table's row that names its columns.
    """

    start: int
    end: int
    kind: BlockKind = "paragraph"
    level: int = 0  # of a heading, 1 to 6; else 0
    row: int = 0  # of a sheet or a file of records, counted from 1; else 0
    depth: int = 0  # how many lists it stands in; 0 outside of lists
    ordered: bool = False  # whether the list numbers its items


@dataclass(frozen=True, slots=True)
class Part:
    """A page, slide or sheet of a document; `number` counts from 1, sheets have a `name` too."""

    kind: PartKind
    number: int
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class TextRun:
    """Text that stands on a page: from `start` on, up to the next run, as on the page from `first`.

    `first` is the number of a character of the page as its reader counts them.
    """

    start: int
    page: int
    first: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where people find a sentence in a document, as far as its format says: None for the rest."""

    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    row: int | None = None
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    r"""A document as indexed.

    `path` is the path as it was given to the index, `text` what its loader made of the file
    (for .txt and .md the decoded file itself, newlines normalised to ``\\n``). `runs` say where on
    its pages the text of a PDF stands. `language` is an ISO 639-1 code.
    """

    path: str
    title: str
    format: str
    text: str
    blocks: tuple[Block, ...]
    parts: tuple[Part, ...] = ()
    runs: tuple[TextRun, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a document's text, white space trimmed at both ends."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A list, a table or a run of code: sentences `first` to `last` of a document, both included.

    `items` are the sentences that begin an item or row; `lead` is the sentence right before it
    that announces it, `header` the one that names a table's columns.
    """

    kind: UnitKind
    first: int
    last: int
    items: tuple[int, ...] = ()
    lead: int | None = None
    header: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences of one document: numbers `first` to `last`, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What the manifest knows of an indexed document.

    `source` is the absolute path that identifies the file, `sha256` that of its bytes,
    `segment` and `row` say where its text and vectors are stored. Times are ISO 8601, UTC. A file
    that still has the same `stamp` was not touched since.
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


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence of a snapshot with where it is.

    `readable` is its text without markup, `headings` are those that it stands under, outermost
    first.
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


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page of a document as a picture with a sentence marked, and how far down the mark begins.

    `mark` is a share of the page's height, 0 to 1; pages are numbered from 1.
    """

    png: bytes
    number: int
    mark: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows a search may return: a mask per level and segment, None where it is all."""

    masks: dict[Level, list[npt.NDArray[np.bool_] | None]]
    exact: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed, and why, in one line.

    `source` is its absolute path. `sha256` is that of its content if the content is to blame:
    the same bytes are not tried again.
    """

    path: str
    reason: str
    source: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an update will do, as paths. `moved` pairs the old path with the new one.

    `excluded` are files left out because they were removed from the index on purpose.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing needs to be done."""
        return not (self.added or self.changed or self.moved or self.removed)

    def without(self, failures: Iterable[Failure]) -> Plan:
        """Return the plan as it was carried out: files that could not be read left out."""
        failed = {failure.path for failure in failures}
        return replace(
            self,
            added=tuple(path for path in self.added if path not in failed),
            changed=tuple(path for path in self.changed if path not in failed),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What an update did: the plan carried out, what failed, how many passages were embedded.

    `advice` is a line that says how another embedding model would serve better, if one would.
    """

    plan: Plan
    failures: tuple[Failure, ...]
    snapshot: str
    documents: int
    sentences: int
    passages: int
    embedded: int
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work has come: `done` of `total` units of `stage`."""

    stage: Literal["embed", "store", "ask"]
    done: int
    total: int
    detail: str = ""


OnProgress = Callable[[Progress], None]

OnWait = Callable[[str], None]
"""Told for which other writer it is waited."""
