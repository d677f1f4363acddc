"""Questions about a day -> questions to the documents of that day, such as minutes.

The date of minutes often stands only in their title or in the name of their file, and in another
notation than people write: "2025-09-16" for "16 September".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from index import DocumentRecord
from rag.questions.attendance import ask_who_came
from rag.questions.moments import Moment, find_days
from rag.questions.parse import Question, parse_question

_MOST = 3  # documents of a day; of more, the day does not say which are meant
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
    told = find_days(question.text)
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


def _parse(text: str, question: Question) -> Question:
    parsed = parse_question(text)
    return replace(parsed, language=question.language, label=question.label, parts=())


def _is_of(record: DocumentRecord, days: Iterable[Moment]) -> bool:
    """Whether a document's title or file name has one of the days. A year may be left out."""
    named = PurePosixPath(record.path).stem.replace("_", " ")
    told = [
        moment
        for text in (record.title, named)
        if any(str(day.day) in text for day in days)  # to look for dates takes longer
        for _, read in find_days(text)
        for moment in read
    ]
    return any(
        (day.month, day.day) == (moment.month, moment.day)
        and (day.year is None or moment.year is None or day.year == moment.year)
        for day in days
        for moment in told
    )
