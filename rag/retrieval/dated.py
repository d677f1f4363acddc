"""Questions about a day or month -> questions to the documents of it, such as minutes.

The date of minutes often stands only in their title or in the name of their file, and in another
notation than people write: "2025-09-16" for "16 September", "2025-09" for "September 2025".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from index import DocumentRecord, Snapshot
from rag.questions.attendance import ask_who_came
from rag.questions.moments import Moment, find_dates, find_days, find_months
from rag.questions.parse import Question, parse_reading
from rag.retrieval.named import ask_named

_MOST = 3  # documents of a day; of more, the day does not say which are meant
_MOST_OF_MONTH = 6  # … of a month: one each week, and one more
_JOINS = re.compile(r"_|(?<=[^\W\d])-|-(?=[^\W\d])")  # between the words of a file's name
# Words before a date that are about nothing without it.
_BEFORE = (
    r"(?:\b(?:of|on|from|at|for|in|during|dated|vom|am|im|von|des|en|du|le|el|del)"
    r"(?: the| dem| den| der)?\s+)?"
)


def add_readings(
    question: Question,
    snapshot: Snapshot,
    documents: Collection[str] | None,
) -> Question:
    """Return a question with readings that ask the documents of its day without naming the day.

    What is asked for without a day, or for a day of no document or of many, may name documents
    otherwise: see `ask_named`. The last reading is the question itself. A month with its year is
    treated as a day is. `documents` are the chosen ones.
    """
    if question.parts:
        parts = tuple(add_readings(part, snapshot, documents) for part in question.parts)
        return replace(question, parts=parts)
    if question.readings:
        each = [add_readings(reading, snapshot, documents) for reading in question.readings]
        found = [reading for asked in each for reading in asked.readings or (asked,)]
        return replace(question, readings=tuple(found))
    if question.beside is not None:
        return question
    told = find_days(question.text) or find_months(question.text)
    if len(told) != 1:
        return ask_named(question, snapshot, documents)
    (start, end), days = told[0]
    most = _MOST_OF_MONTH if days[0].day is None else _MOST
    dated = tuple(
        record.path
        for record in snapshot.documents
        if (documents is None or record.path in documents) and _is_of(record, days)
    )
    if not 0 < len(dated) <= most:
        return ask_named(question, snapshot, documents)
    before = re.sub(rf"{_BEFORE}\Z", "", question.text[:start], flags=re.IGNORECASE)
    text = f"{before.rstrip()}{question.text[end:]}".strip()
    came = ask_who_came(text, question.language)
    readings = [
        replace(parse_reading(each, question), within=dated, attendance=bool(came))
        for each in came or (text,)
    ]
    return replace(readings[0], readings=(*readings, question))


def _is_of(record: DocumentRecord, days: Iterable[Moment]) -> bool:
    """Whether a document's title or file name has one of the days. A year may be left out.

    One of the days may be a month: then any day of it is one.
    """
    named = _JOINS.sub(" ", PurePosixPath(record.path).stem)
    told = [
        moment
        for text in (record.title, named)
        if any(str(day.day or day.year) in text for day in days)  # to look for dates takes longer
        for _, read in find_dates(text)
        for moment in read
    ]
    return any(
        day.month == moment.month
        and day.day in (moment.day, None)
        and (day.year is None or moment.year is None or day.year == moment.year)
        for day in days
        for moment in told
    )
