"""Questions about a day -> questions to the documents of that day, such as minutes.

The date of minutes often stands only in their title or in the name of their file, and in another
notation than people write: "2025-09-16" for "16 September".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from index import DocumentRecord
from rag.questions.attendance import ask_who_came, lists_people
from rag.questions.moments import Moment, find_moments
from rag.questions.parse import Question, parse_question
from rag.retrieval.readings import raise_odds
from rag.types import Evidence

_MOST = 3  # documents of a day; of more, the day does not say which are meant
_LISTED = 4.0  # added to the log odds of who is listed as having been there
# Words before a date that are about nothing without it.
_BEFORE = r"(?:\b(?:of|on|from|at|for|dated|vom|am|von|des)(?: the| dem| den| der)?\s+)?"


def add_readings(
    question: Question,
    records: Iterable[DocumentRecord],
    documents: Collection[str] | None,
) -> Question:
    """Return a question with readings that ask the documents of its day without naming the day.

    What is asked for without a day, or for a day of no document or of many, stays as it is; so does
    the question itself, as the last reading. `documents` are the chosen ones.
    """
    if question.parts:
        parts = tuple(add_readings(part, records, documents) for part in question.parts)
        return replace(question, parts=parts)
    if question.readings:
        each = [add_readings(reading, records, documents) for reading in question.readings]
        found = [reading for asked in each for reading in asked.readings or (asked,)]
        return replace(question, readings=tuple(found))
    if question.beside is not None:
        return question
    told = [(span, days) for span, read in find_moments(question.text) if (days := _days(read))]
    if len(told) != 1:
        return question
    (start, end), days = told[0]
    dated = tuple(
        record.path
        for record in records
        if (documents is None or record.path in documents) and _is_of(record, days)
    )
    if not 0 < len(dated) <= _MOST:
        return question
    before = re.sub(rf"{_BEFORE}\Z", "", question.text[:start], flags=re.IGNORECASE)
    text = f"{before.rstrip()}{question.text[end:]}".strip()
    came = ask_who_came(text, question.language)
    readings = [
        replace(_parse(each, question), within=dated, attendance=bool(came))
        for each in came or (text,)
    ]
    return replace(readings[0], readings=(*readings, question))


def favour_lists(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence for a question about who was at a meeting: lists of people come first.

    A name in such a list says nothing by itself, so the reader hardly ever takes it for an answer.
    """
    if not question.attendance:
        return [*evidence]
    favoured = [
        raise_odds(item, _LISTED) if item.headings and lists_people(item.headings[-1]) else item
        for item in evidence
    ]
    return sorted(favoured, key=lambda item: -item.score)


def _parse(text: str, question: Question) -> Question:
    parsed = parse_question(text)
    return replace(parsed, language=question.language, label=question.label, parts=())


def _days(read: Iterable[Moment]) -> list[Moment]:
    return [moment for moment in read if moment.day is not None]


def _is_of(record: DocumentRecord, days: Iterable[Moment]) -> bool:
    """Whether a document's title or file name has one of the days. A year may be left out."""
    named = PurePosixPath(record.path).stem.replace("_", " ")
    told = [
        moment
        for text in (record.title, named)
        for _, read in find_moments(text)
        for moment in _days(read)
    ]
    return any(
        (day.month, day.day) == (moment.month, moment.day)
        and (day.year is None or moment.year is None or day.year == moment.year)
        for day in days
        for moment in told
    )
