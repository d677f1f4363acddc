"""Proposes questions that documents may answer: from their questions, lists, headings and names.

The questions are in the language of their document. `rag.suggestions` asks them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from index import DocumentRecord, Snapshot, StoredSentence, has_number
from prompts import read_prompt
from rag.questions.parse import find_content_words

_READ = 600  # sentences of a document, from its beginning
_EACH = 6  # proposals of a kind from a document
_LONGEST_HEADING = 60
_LANGUAGES = ("en", "de", "fr", "es")  # in which a question can be made of a heading
_DATA = frozenset({"code", "csv", "json", "xls", "xlsx", "xml"})
# A question to readers.
_ADDRESSED = re.compile(r"\b(?:did|will|have|are|were) you\b", re.IGNORECASE)
_LEAD = re.compile(r"^(?:\W|(?:[A-Z]|\d{1,3}(?:\.\d{1,3})*)[.):](?=\s))+")  # "Q: ", "3.1. "
_NUMBERED = re.compile(r"^[\d.]+\)?\s+|^[A-Z][.)]\s+|^[IVX]+\.\s+")
_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: (?:of |the |de |van |von )?[A-Z][\w’'-]+){1,3}")  # noqa: RUF001
_SPEAKS = re.compile(r"^[^.]{0,20}\b(?:said|says|told|called|warned|announced)\b")
_STARTS = re.compile(
    r"^(?:The|A|An|In|On|At|By|It|This|That|These|And|But|For|After|Before|What|Who|When|Where|Why"
    r"|How|Which|Was|Is|Did|Does) "
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question, and what its answer has to hold to be worth showing.

    The answer has to quote a sentence of `document` from `start` to `end`, if `end` is not 0, and
    hold `name`, if there is one.
    """

    question: str
    document: str = ""
    start: int = 0
    end: int = 0
    name: str = ""


def propose(snapshot: Snapshot, records: Iterable[DocumentRecord]) -> Iterator[Proposal]:
    """Yield the documents' own questions, then those about lists, headings and names.

    The first one of each document comes first, then the second of each, and so on.
    """
    asked, made = list[list[Proposal]](), list[list[Proposal]]()
    names, speakers = Counter[str](), Counter[str]()
    for record in records:
        rows = snapshot.sentences_of(record.path)[:_READ]
        sentences = [snapshot.sentence(row) for row in rows]
        asked.append(list(_find_questions(sentences))[:_EACH])
        made.append(_make_questions(snapshot, record, sentences))
        # The questions about names are English, and capitals in data are names of columns.
        if record.language == "en" and record.format not in _DATA:
            _count_names(sentences, names, speakers)
    for proposals in (*zip_longest(*asked), *zip_longest(*made)):
        yield from filter(None, proposals)
    for name, said in speakers.most_common(3):
        if said:
            yield Proposal(f"What did {name} say?")
    for name, _ in names.most_common(8):
        yield Proposal(f"What is known about {name}?", name=name)


def _make_questions(
    snapshot: Snapshot, record: DocumentRecord, sentences: Sequence[StoredSentence]
) -> list[Proposal]:
    """Return questions about the lists and the headings of a document, in turn."""
    if record.language not in _LANGUAGES or record.format in _DATA:
        return []
    lists = _find_lists(snapshot, record, sentences)
    headings = _find_headings(record, sentences)
    pairs = zip_longest(lists[:_EACH], headings[:_EACH])
    return [proposal for pair in pairs for proposal in pair if proposal]


def _find_questions(sentences: Sequence[StoredSentence]) -> Iterator[Proposal]:
    """Yield the document's own questions that a statement follows."""
    for sentence, following in pairwise(sentences):
        if sentence.role == "question" and following.role == "statement":
            question = _LEAD.sub("", " ".join(sentence.readable.split()))
            question = "¿" * sentence.readable.lstrip(" -*").startswith("¿") + question
            if len(question) > 8 and not _ADDRESSED.search(question):
                yield Proposal(question)


def _find_headings(record: DocumentRecord, sentences: Sequence[StoredSentence]) -> list[Proposal]:
    """Return a question about each heading that statements follow."""
    found = []
    for at, sentence in enumerate(sentences):
        heading = _clean_heading(sentence.readable)
        if sentence.role != "heading" or not heading or heading == record.title:
            continue
        body = sentences[at + 1 : at + 30]
        end = next((n for n, each in enumerate(body) if each.role == "heading"), len(body))
        if end:
            question = read_prompt("suggest_heading", record.language).format(heading=heading)
            found.append(Proposal(question, record.path, body[0].start, body[end - 1].end))
    return found


def _find_lists(
    snapshot: Snapshot, record: DocumentRecord, sentences: Sequence[StoredSentence]
) -> list[Proposal]:
    """Return a question about each list below a heading."""
    if not sentences:
        return []
    structure, _ = snapshot.structure_around(sentences[0].row)
    found: dict[str, Proposal] = {}
    for unit in structure.groups:
        if unit.kind != "list" or unit.last >= len(sentences) or len(unit.items) < 2:
            continue
        heading = _clean_heading((sentences[unit.first].headings or ("",))[-1])
        if not heading or heading == record.title:
            continue
        # Laws number their paragraphs with letters: "(a) …". Steps have digits.
        written = structure.readable(unit.first)
        lettered = has_number(written) and not written.lstrip("(")[0].isdigit()
        steps = structure.block(unit.first).ordered and not lettered
        name = "suggest_steps" if steps else "suggest_list"
        question = read_prompt(name, record.language).format(heading=heading)
        start, end = sentences[unit.opening].start, sentences[unit.last].end
        found.setdefault(heading, Proposal(question, record.path, start, end))
    return list(found.values())


def _clean_heading(heading: str) -> str:
    """Return a heading without its number; "" if it is no good in a question."""
    text = _NUMBERED.sub("", " ".join(heading.split())).rstrip(" :.")
    is_row = " | " in text  # the names of a table's columns
    good = len(text) <= _LONGEST_HEADING and not text.endswith(("?", "!")) and not text.isupper()
    return text if good and not is_row and find_content_words(text) else ""


def _count_names(
    sentences: Sequence[StoredSentence], names: Counter[str], speakers: Counter[str]
) -> None:
    """Count the names in the statements of a document, and how often each one speaks."""
    for sentence in sentences:
        text = sentence.readable if sentence.role == "statement" else ""
        for match in _NAME.finditer(text):
            name = _STARTS.sub("", " ".join(match.group().split()))
            if " " in name and not name.isupper() and find_content_words(name.split()[0]):
                names[name] += 1
                speakers[name] += bool(_SPEAKS.match(text[match.end() : match.end() + 60]))
