"""What a document is, without a model that writes: its opening, parts, dates and names, quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index import DocumentRecord, Snapshot, StoredSentence
from rag.answers.citations import check_citations, cite_evidence
from rag.answers.summaries import choose_central
from rag.questions.vocabulary import CAPITALISED, FUNCTION_WORDS
from rag.retrieval.evidence import make_evidence
from rag.retrieval.short_answers import find_spans
from rag.types import NO_SIGNALS, Citation

QUESTIONS = 5
"""The number of questions that an overview is shown with, see `rag.suggestions`."""

_READ = 2_000  # sentences of a document, from its beginning
_PARTS, _DATES, _NAMES = 12, 8, 8  # shown at most
_SHORTEST, _LONGEST = 30, 400  # characters of a sentence that says what a document is
_LANGUAGES = ("en", "de", "fr", "es")  # in which names are recognised
_NO_NAME = re.compile(r"\b(?:and|und|et|y|of|the)\b|['\u2019]s\b")  # several names, or an owner
# A bare number counts as a year only after one of these words.
_YEAR = re.compile(r"\d{4}")
_BEFORE_YEAR = re.compile(
    r"\b(?:in|since|until|by|year|of|im|seit|bis|jahr|en|depuis|desde|hasta|año|année)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A part of a cited sentence, such as a date. `text` is shown, the citation has its source."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Overview:
    """What a document says of itself. Every citation has been compared with the document.

    `about` are its first sentence and its most central one, `parts` its headings, `dates` and
    `names` those in its text, the names most frequent first. The citations are numbered from 1 over
    all of them.
    """

    document: str
    title: str
    about: tuple[Quote, ...] = ()
    parts: tuple[Quote, ...] = ()
    dates: tuple[Quote, ...] = ()
    names: tuple[Quote, ...] = ()

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All quotes, in the order of their citations' numbers."""
        return (*self.about, *self.parts, *self.dates, *self.names)


def make_overview(snapshot: Snapshot, record: DocumentRecord) -> Overview:
    """Return the overview of a document of a snapshot. Raises `StoreBrokenError`."""
    rows = snapshot.sentences_of(record.path)[:_READ]
    sentences = [snapshot.sentence(row) for row in rows]
    found = (
        [*_find_about(snapshot, record, sentences)],
        [*_find_parts(record, sentences)],
        [*_find_dates(sentences)],
        [*_find_names(record, sentences)],
    )
    citations = cite_evidence(
        make_evidence(sentence, NO_SIGNALS) for group in found for _, sentence in group
    )
    check_citations(citations, snapshot.document)
    numbered = iter(citations)
    groups = [tuple(Quote(text, next(numbered)) for text, _ in group) for group in found]
    return Overview(record.path, record.title, *groups)


Found = Iterator[tuple[str, StoredSentence]]
"""Texts to show, each with the sentence that it is from."""


def _find_about(
    snapshot: Snapshot, record: DocumentRecord, sentences: Sequence[StoredSentence]
) -> Found:
    """Yield the first sentence of the running text, and the document's most central sentence."""
    if not sentences:
        return
    structure, first = snapshot.structure_around(sentences[0].row)
    central = {evidence.row for evidence in choose_central(snapshot, record, 1)}
    begun = False
    for sentence in sentences:
        says = sentence.role == "statement" and _SHORTEST <= len(sentence.readable) <= _LONGEST
        if says and structure.block(sentence.row - first).kind == "paragraph":
            if not begun or sentence.row in central:
                yield _flatten(sentence.readable), sentence
            begun = True


def _find_parts(record: DocumentRecord, sentences: Iterable[StoredSentence]) -> Found:
    """Yield the headings of the two highest levels that have more than one heading."""
    headings = [s for s in sentences if s.role == "heading" and " | " not in s.readable]
    headings = [s for s in headings if _flatten(s.readable) != record.title]
    depths = sorted({len(s.headings) for s in headings})[:2]
    chosen = [s for s in headings if len(s.headings) in depths]
    if len(chosen) > _PARTS:
        top = [s for s in headings if len(s.headings) == depths[0]]
        chosen = top if len(top) > 1 else chosen
    for sentence in chosen[:_PARTS]:
        yield _flatten(sentence.readable), sentence


def _find_dates(sentences: Iterable[StoredSentence]) -> Found:
    seen: set[str] = set()
    for sentence in sentences:
        text = sentence.readable
        for start, end in find_spans("date", text):
            date = _flatten(text[start:end])
            bare = _YEAR.fullmatch(date) and not _BEFORE_YEAR.search(text[:start])
            if any(map(str.isdigit, date)) and not bare and date.casefold() not in seen:
                seen.add(date.casefold())
                yield date, sentence
                if len(seen) == _DATES:
                    return


def _find_names(record: DocumentRecord, sentences: Sequence[StoredSentence]) -> Found:
    """Yield the most frequent names of several words, each with the first sentence that has it."""
    if record.language not in _LANGUAGES:
        return
    first: dict[str, StoredSentence] = {}
    counts: dict[str, int] = {}
    ours = FUNCTION_WORDS[record.language]
    headings = {_flatten(s.readable).casefold() for s in sentences if s.role == "heading"}
    for sentence in sentences:
        text = sentence.readable if sentence.role == "statement" else ""
        for start, end in find_spans("person", text, record.language):
            name = _flatten(text[start:end]).rstrip(".")
            words = name.split()
            odd = len(words) > 4 or _NO_NAME.search(name) or name.isupper()
            odd = odd or any(word.casefold() in ours for word in words)
            if len(words) > 1 and not odd and name.casefold() not in headings:
                first.setdefault(name, sentence)
                counts[name] = counts.get(name, 0) + 1
    # Where all nouns have a capital, one occurrence is no sign of a name.
    least = 2 if record.language in CAPITALISED else 1
    names = [name for name, count in counts.items() if count >= least]
    for name in sorted(names, key=counts.__getitem__, reverse=True)[:_NAMES]:
        yield name, first[name]


def _flatten(text: str) -> str:
    return " ".join(text.split()).strip("*_ ")
