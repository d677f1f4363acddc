"""Rows of data files are read with what a text beside the file says of their columns."""

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import Mock

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.reader import load_reader, read_evidence
from rag.reader.outputs import Reading
from rag.retrieval.described import describe_rows
from rag.types import Evidence

ANIMALS = """name,kin,slp_total,awk,wt
Otter,marten,9.1,14.9,8
Lion,cat,13.5,10.5,161
Mole,mole,8.4,15.6,0.1
Sloth,sloth,14.4,9.6,3.9
"""
ABOUT = """<h1>How long animals sleep</h1>
<p>Times were taken from a book.</p>
<dl>
<dt>name</dt><dd></dd>
<dt>kin</dt><dd></dd>
<dt>slp_total</dt><dd>total amount of sleep, in hours</dd>
<dt>awk</dt><dd>amount of time spent awake, in hours</dd>
<dt>wt</dt><dd>weight of the body in kilograms</dd>
</dl>
"""
QUESTION = "How much sleep does a lion get?"
DESCRIBED = "name: Lion | kin: cat | slp_total (total amount of sleep, in hours): 13.5 | awk: 10.5"


@pytest.fixture
def library(make_library: Callable[..., Library]) -> Library:
    return make_library(animals__csv=ANIMALS, about__html=ABOUT)


def find_row(library: Library, question: str, name: str) -> Evidence:
    found = Assistant(library=library).search(question, 20)
    return next(item for item in found if f"name: {name}" in item.readable)


def describe(library: Library, question: str, name: str) -> str | None:
    item = find_row(library, question, name)
    with library.snapshot() as snapshot:
        return describe_rows(snapshot, parse_question(question), [item]).get(item.row)


def test_a_column_is_described_if_words_of_the_question_are_said_of_it(library: Library) -> None:
    assert describe(library, QUESTION, "Lion") == f"{DESCRIBED} | wt: 161"
    assert describe(library, "What kin is the lion?", "Lion") is None


def test_rows_without_values_of_the_question_stay_as_they_are(library: Library) -> None:
    assert describe(library, QUESTION, "Mole") is None


def test_the_next_columns_name_does_not_describe_a_column(library: Library) -> None:
    # Nothing is said of `kin`: the name after it is that of another column.
    assert describe(library, "Which kin of slp_total is the lion?", "Lion") is None


def test_the_reader_understands_a_described_row_better(library: Library) -> None:
    [item] = [find_row(library, QUESTION, "Lion")]
    [plain], [read] = (
        read_evidence(load_reader(), QUESTION, [item], texts=texts)
        for texts in ({}, {item.row: f"{DESCRIBED} | wt: 161"})
    )
    assert read.signals.read > plain.signals.read + 1
    assert read.readable == item.readable
    assert read.span is None or read.readable[slice(*read.span)] == "13.5"


def test_words_of_a_description_are_not_marked_in_another_cell(library: Library) -> None:
    item = replace(find_row(library, QUESTION, "Lion"), readable="name: Lion | vs: 1 | am: 0")
    text = "name: Lion | vs (0 = bent, 1 = straight): 1 | am: 0"
    start = text.index("0 = bent")
    for span, marked in (((start, start + 1), None), ((len(text) - 1, len(text)), (25, 26))):
        reader = Mock(read=lambda *_, span=span: [[Reading(2.0, span, 0.0)]])
        whole = replace(item, around=(item.readable,), position=0, row=3)
        [read] = read_evidence(reader, QUESTION, [whole], texts={3: text})
        assert read.span == marked


def test_a_row_is_quoted_for_a_question_in_the_words_of_the_description(library: Library) -> None:
    answer = Assistant(library=library).ask("how many hours a day does a lion spend sleeping?")
    assert [citation.row for citation in answer.citations] == [3]
