"""The values that travel between question and answer. All are frozen; none does I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from index import DEFAULT_LANGUAGE, Place, Role
from rag.difference import Difference
from rag.usage import Usage

UNREAD = -8.0  # logit of a sentence that the reader was not shown: unlikely to answer


class _Json:
    """Conversion to and from JSON text, for a class that has JSON values."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON values."""
        raise NotImplementedError

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Make a value from the result of `to_dict`."""
        raise NotImplementedError

    def to_json(self) -> str:
        """Return the values as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Make a value from the result of `to_json`."""
        return cls.from_dict(json.loads(text))


@dataclass(frozen=True, slots=True)
class Signals:
    """The scores of a sentence for a question. Except for the logits, each is about 0 to 1.

    `fused` is the score that it was found with, a weighted sum of the next five.
    `dense` and `lexical` are its likeness to the question by meaning (cosine) and by words (share
    of the BM25 score in reach), `passage_…` that of the passage around it. `title` is the share
    of the question's words, weighted by rarity, that the document's title holds; `covered`,
    `window_covered` and `passage_covered` are that of its content words in the sentence, in it
    and the one before, and in passage and title. `read` is what the reader makes of it: the
    logit, not calibrated, that it answers. `heading_dense` is the likeness by meaning of the
    nearest heading above it. Of a table's row that holds values of the question, `row_covered`,
    `row_equal` and `row_complete` are the fields of `rag.retrieval.rows.RowMatch`; of other
    sentences `row_equal` is 0. `foreign` says that its language is not that of the question, so it
    shares hardly any words with it. `holds_all` says that it holds all words of a question for a
    list (`rag.retrieval.holding`); `described` that it is a row and was read with what documents
    say of its columns (`rag.retrieval.described`). `logit` is the result of the ranking; headings
    have one, too.
    """

    fused: float
    dense: float
    lexical: float
    passage_dense: float
    passage_lexical: float
    title: float = 0.0
    covered: float = 0.0
    window_covered: float = 0.0
    passage_covered: float = 0.0
    read: float = UNREAD
    heading_dense: float = 0.0
    row_covered: float = 0.0
    row_equal: int = 0
    row_complete: bool = False
    foreign: bool = False
    holds_all: bool = False
    described: bool = False
    logit: float = UNREAD


NO_SIGNALS = Signals(0.0, 0.0, 0.0, 0.0, 0.0)
"""The signals of a sentence that no search found."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence found for a question.

    `sentence` is ``text[start:end]`` of the document; `readable` is the same without markup, and
    `around` the readable sentences of the passage around it, in which it has a `position`. `score`
    is the likelihood, 0 to 1, that the sentence answers the question; `span` the likeliest short
    answer in `readable`, if one stands out. `row` is the sentence's number in the snapshot,
    `headings` are those that it stands under, outermost first. `part` is the number of the part of
    the question that it was found for. `marker` is the number of a numbered list's item: "2.".
    """

    document: str
    title: str
    start: int
    end: int
    sentence: str
    place: Place
    score: float
    readable: str
    around: tuple[str, ...]
    position: int
    role: Role
    signals: Signals
    language: str = DEFAULT_LANGUAGE
    span: tuple[int, int] | None = None
    row: int = -1
    headings: tuple[str, ...] = ()
    part: int = 0
    marker: str = ""

    @property
    def passage(self) -> str:
        """The readable text of the passage."""
        return " ".join(self.around)

    @property
    def page(self) -> int | None:
        """The page that the sentence begins on, of a document that has pages."""
        return self.place.page


@dataclass(frozen=True, slots=True)
class Citation(_Json):
    """The source of a statement in an answer. ``text[start:end] == sentence`` has been checked.

    `page`, `slide`, `sheet` and `row`, or `heading` say where people find it, as far as the
    document's format does. A row is that of a sheet, a record, or a notebook's cell, from 1.
    """

    number: int
    document: str
    title: str
    start: int
    end: int
    sentence: str
    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    row: int | None = None
    heading: str | None = None

    @property
    def place(self) -> str:
        """Where people find the sentence, in words; empty where the format does not say."""
        if self.page is not None:
            return f"page {self.page}"
        if self.slide is not None:
            return f"slide {self.slide}"
        row = f"row {self.row}" if self.row is not None else ""
        if self.sheet is not None:
            return ", ".join(filter(None, (f"sheet {self.sheet}", row)))
        shown = self.heading and self.heading != self.title
        return row or (f"“{self.heading}”" if shown else "")

    def to_dict(self) -> dict[str, Any]:
        """Return the citation as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Make a citation from the result of `to_dict`."""
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class CheckedSpan:
    """A clause of what a chat model wrote, ``text[start:end]``, and what the documents say of it.

    `outcome` is "supported", "contradicted" or "not told".
    """

    start: int
    end: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Answer(_Json):
    """An answer, in which ``[n]`` refers to the citation with that number.

    `emphasis` holds the spans of `text` that are likely the short answer. `closest` holds, for a
    refusal, the sentences that came nearest; they are not an answer. Of what a chat model wrote,
    `unsupported` holds the spans that no source supports, ``[?]`` behind each. `notice` says what
    else a reader should know of how the answer came about; `usage` is None for quotations.
    `confidence`, 0 to 1, is how likely one of the sentences quoted answers the question; None for
    refusals, for what a chat model wrote, and for what is no answer to a question. `checked` has
    each clause of a chat model's answer with what the documents say of it. `written` is what a chat
    model wrote, where quotations took its place because no document supports it. `differences`
    says which of the documents quoted contradict each other. `quoted_from` is where in `text`
    quotations begin that follow a chat model's own sentences: what these lack of the quoted answer.
    It is None if there are none. `searches` are the questions that a chat model split this one
    into, and that were searched for; empty if no model did so.
    """

    question: str
    text: str
    refused: bool
    model: str
    citations: tuple[Citation, ...] = ()
    emphasis: tuple[tuple[int, int], ...] = ()
    closest: tuple[Citation, ...] = ()
    unsupported: tuple[tuple[int, int], ...] = ()
    notice: str = ""
    usage: Usage | None = None
    confidence: float | None = None
    checked: tuple[CheckedSpan, ...] = ()
    written: str = ""
    differences: tuple[Difference, ...] = ()
    quoted_from: int | None = None
    searches: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as the JSON object that `rag ask --json` prints."""
        return {
            "question": self.question,
            "answer": self.text,
            "refused": self.refused,
            "model": self.model,
            "citations": [citation.to_dict() for citation in self.citations],
            "emphasis": [list(span) for span in self.emphasis],
            "closest": [citation.to_dict() for citation in self.closest],
            "unsupported": [list(span) for span in self.unsupported],
            "notice": self.notice,
            "usage": asdict(self.usage) if self.usage else None,
            "confidence": self.confidence,
            "checked": [asdict(span) for span in self.checked],
            "written": self.written,
            "differences": [asdict(difference) for difference in self.differences],
            "quoted_from": self.quoted_from,
            "searches": list(self.searches),
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Make an answer from the result of `to_dict`."""
        return cls(
            question=fields["question"],
            text=fields["answer"],
            refused=fields["refused"],
            model=fields["model"],
            citations=tuple(map(Citation.from_dict, fields["citations"])),
            emphasis=tuple((start, end) for start, end in fields.get("emphasis", ())),
            closest=tuple(map(Citation.from_dict, fields.get("closest", ()))),
            unsupported=tuple((start, end) for start, end in fields.get("unsupported", ())),
            notice=fields.get("notice", ""),
            usage=Usage(**fields["usage"]) if fields.get("usage") else None,
            confidence=fields.get("confidence"),
            checked=tuple(CheckedSpan(**span) for span in fields.get("checked", ())),
            written=fields.get("written", ""),
            differences=tuple(map(Difference.from_dict, fields.get("differences", ()))),
            quoted_from=fields.get("quoted_from"),
            searches=tuple(fields.get("searches", ())),
        )


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed answer. The last piece contains the whole, checked answer.

    The texts of all deltas joined are the answer's text; those before one that is a `restart` do
    not count. `progress` says which part of a long text is being read, and how many there are.
    """

    text: str = ""
    answer: Answer | None = None
    restart: bool = False
    progress: tuple[int, int] | None = None

    def __add__(self, other: Delta) -> Delta:
        """Join two pieces. LangChain adds up a stream this way when the caller does not stream."""
        if other == Delta():
            return self
        text = other.text if other.restart else self.text + other.text
        restart = self.restart or other.restart
        return Delta(text, other.answer or self.answer, restart, other.progress)

    def require_answer(self) -> Answer:
        """Return the whole answer, which the last piece of a stream contains."""
        if self.answer is None:
            raise AssertionError("the answer has no end")
        return self.answer


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation, the question that was searched for, and the answer."""

    question: str
    standalone: str
    answer: Answer
