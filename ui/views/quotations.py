"""Arranges an answer that quotes: the short answer, then each quotation with its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.answers.quoting import do_differ
from rag.library.documents import show_sentence
from rag.questions.parse import parse_question
from rag.settings import EXTRACTIVE
from rag.types import Answer, Citation
from ui.views.answer_parts import Line, Part, Piece, split_answer, split_quoted

SHORT_FROM = 0.75
"""Lowest confidence at which the short answer is shown by itself."""
_MOST_OF_IT = 0.6  # of a sentence: a longer answer is not shorter than its sentence

Refer = Callable[[Citation], str]


@dataclass(frozen=True, slots=True)
class Source:
    """A place that a quotation is from: its name in words, and the citations of it."""

    place: str
    citations: tuple[Citation, ...]

    @property
    def numbers(self) -> str:
        """The numbers of the citations, successive ones as a range, such as 1 to 3."""
        runs: list[list[int]] = []
        for number in sorted(citation.number for citation in self.citations):
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return ", ".join(
            str(first) if first == last else f"{first}\N{EN DASH}{last}" for first, last in runs
        )


@dataclass(frozen=True, slots=True)
class Quotation:
    """Parts of an answer that are quoted together. Without sources it is not a quotation."""

    parts: tuple[Part, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """Quotations of documents that contradict each other, one column for each document.

    `opening` is the line that says so. Other quotations are single: one column without an opening.
    """

    columns: tuple[tuple[Quotation, ...], ...]
    opening: Quotation | None = None


def arrange_sides(answer: Answer, quotations: Sequence[Quotation]) -> tuple[Sides, ...]:
    """Return the quotations in the same order, those of a difference side by side."""
    arranged: list[Sides] = []
    rest = [*quotations]
    while rest:
        starts = _find_sides(answer, rest)
        if not starts:
            arranged.append(Sides(((rest.pop(0),),)))
            continue
        opening = None
        if arranged and not arranged[-1].columns[0][0].sources:
            opening = arranged.pop().columns[0][0]
        ends = [*starts[1:], _find_end(rest, starts[-1])]
        columns = (tuple(rest[i:j]) for i, j in zip(starts, ends, strict=True))
        arranged.append(Sides(tuple(columns), opening))
        rest = rest[ends[-1] :]
    return tuple(arranged)


def _find_sides(answer: Answer, quotations: Sequence[Quotation]) -> list[int]:
    """Return where each side of a difference begins, if the first quotation begins one."""
    for difference in answer.differences:
        numbers = [set(side.citations) for side in difference.sides]
        starts = [
            next((at for at, each in enumerate(quotations) if own & {*_list_numbers(each)}), None)
            for own in numbers
        ]
        found = [start for start in starts if start is not None]
        if found == sorted(set(found)) and found[:1] == [0] and len(found) == len(starts) > 1:
            return found
    return []


def _find_end(quotations: Sequence[Quotation], start: int) -> int:
    """Return the number after the last quotation in a row that is from the same document."""
    document = _list_documents(quotations[start])
    end = start + 1
    while end < len(quotations) and _list_documents(quotations[end]) == document:
        end += 1
    return end


def _list_documents(quotation: Quotation) -> set[str]:
    return {each.document for source in quotation.sources for each in source.citations}


def _list_numbers(quotation: Quotation) -> Iterator[int]:
    return (each.number for source in quotation.sources for each in source.citations)


def split_quotations(answer: Answer, refer: Refer) -> tuple[Quotation, ...]:
    """Return the quotations of an answer. `refer` names the place of a citation in words.

    What a chat model wrote above them is left out.

    What stands together stays together: a sentence with the list, code or table that it announces.
    Sentences of one paragraph that are from different places are told apart.
    """
    groups: list[list[Part]] = []
    for part in _split_paragraphs(split_quoted(answer), refer):
        if part.joined and groups:
            groups[-1].append(part)
        else:
            groups.append([part])
    return tuple(Quotation(tuple(group), tuple(_list_sources(group, refer))) for group in groups)


def _split_paragraphs(parts: Iterable[Part], refer: Refer) -> Iterator[Part]:
    for part in parts:
        if part.kind != "paragraph" or len(part.lines) != 1:
            yield part
            continue
        joined = part.joined
        for line in _split_line(part.lines[0], refer):
            yield replace(part, lines=(line,), joined=joined)
            joined = False


def _split_line(line: Line, refer: Refer) -> Iterator[Line]:
    """Yield the sentences of a line, those from the same places together."""
    group: list[Line] = []
    places: set[str] = set()
    for sentence in _find_sentences(line):
        own = {refer(piece.citation) for piece in sentence if piece.citation}
        if group and own and places and own != places:
            yield _trim(piece for each in group for piece in each)
            group, places = [], set()
        group.append(sentence)
        places |= own
    yield _trim(piece for each in group for piece in each)


def _find_sentences(line: Line) -> Iterator[Line]:
    """Yield runs of text, each with the marks behind it."""
    sentence: Line = ()
    for piece in line:
        if sentence and sentence[-1].citation and not piece.citation:
            yield sentence
            sentence = ()
        sentence = (*sentence, piece)
    if sentence:
        yield sentence


def _trim(pieces: Iterable[Piece]) -> Line:
    """Return the pieces without the space in front of the first one."""
    first, *others = pieces
    cut = first.text.lstrip() if not first.citation else first.text
    return (replace(first, text=cut, start=first.start + len(first.text) - len(cut)), *others)


def _list_sources(parts: Iterable[Part], refer: Refer) -> Iterator[Source]:
    places: dict[str, dict[int, Citation]] = {}
    for part in parts:
        for piece in (piece for line in part.lines for piece in line):
            if piece.citation is not None:
                places.setdefault(refer(piece.citation), {})[piece.citation.number] = piece.citation
    for place, citations in places.items():
        yield Source(place, tuple(citations.values()))


def find_short_answer(answer: Answer) -> str:
    """Return the words that answer the question, to be shown by themselves; "" where none do.

    They are the likely answer in the first quotation. None are shown if the confidence is not high,
    if the question has parts or asks for a comparison, if another document says otherwise, or if
    they are nearly the whole sentence.
    """
    if answer.model != EXTRACTIVE or answer.refused or not answer.emphasis or answer.differences:
        return ""
    if answer.confidence is None or answer.confidence < SHORT_FROM:
        return ""
    question = parse_question(answer.question)
    if question.parts or question.form != "other":
        return ""
    told = list(_find_emphasis(answer))
    if not told or do_differ([(citation.document, words) for citation, words in told]):
        return ""
    citation, words = told[0]
    sentence = show_sentence(citation.document, citation.sentence)
    return words if len(words) <= _MOST_OF_IT * len(sentence) else ""


def _find_emphasis(answer: Answer) -> Iterator[tuple[Citation, str]]:
    """Yield the likely answers of the quotations, each with its first citation."""
    for part in split_answer(answer):
        for at, marks in enumerate(part.lines):
            cells = part.rows[at] if part.kind == "table" else ()
            words = ""
            for piece in [*(piece for cell in cells for piece in cell), *marks]:
                if piece.strong:
                    words = words or piece.text
                elif piece.citation and words:
                    yield piece.citation, words
                    words = ""
