"""Superlatives, counts, sums, averages and differences, computed over the rows of a table."""

from collections.abc import Callable

import pytest

from rag.library.library import Library
from rag.types import Answer
from tests.tables import ask_tables

PEAKS = """peak,country,height (m),first ascent,huts
Kaltenberg,Austria,2896,1871,2
Rotspitze,Italy,3105,1868,1
Grauhorn,Switzerland,3260,1859,3
Weisskogel,Austria,3738,1848,4
West Austria Point,Norway,1200,1848,n/a
Total,,14199,,10
"""
LIBRARIES = """# Libraries of the city

| Library | Year | Visits | Staff |
| ------- | ---- | ------ | ----- |
| Central | 2021 | 120,400 | 41 |
| Central | 2022 | 158,900 | 43 |
| East | 2021 | 33,100 | 9 |
| East | 2022 | 40,750 | 9 |
"""
GIPFEL = (
    "Gipfel;Land;Höhe (m)\nGrauhorn;Schweiz;3.260\nRotspitze;Italien;3.105\nNadel;Schweiz;944\n"
)


@pytest.fixture
def ask(make_library: Callable[..., Library]) -> Callable[..., Answer | None]:
    return ask_tables(make_library)


@pytest.mark.parametrize(
    ("question", "stated", "rows"),
    [
        ("Which peak has the greatest height?", "“height (m)” is 3738, of 5 rows.", [5]),
        ("Which peak is the highest?", "“height (m)” is 3738, of 5 rows.", [5]),
        ("Which peak in Austria has the lowest height?", "is 2896, of 2 rows.", [2]),
        ("What is the earliest first ascent?", "“first ascent” is 1848, of 5 rows.", [5, 6]),
        ("How many peaks are in Austria?", "2 different values of “peak”", [2, 5]),
        ("How many countries are in the table?", "4 different values of “country”", [2, 3, 4, 6]),
        ("What is the average height of the peaks in Austria?", "is 3317, of 2 rows.", [2, 5]),
        ("How many huts are there in total?", "“huts” is 10, of 4 rows.", [2, 3, 4, 5]),
        (
            "What is the difference in height between Grauhorn and Rotspitze?",
            "“height (m)” is 155, of these 2 rows.",
            [4, 3],
        ),
        ("How much lower is Kaltenberg than Rotspitze?", "“height (m)” is 209", [2, 3]),
        (
            "Which peaks are higher than 3000 m?",
            "3 of 5 rows have a “height (m)” > 3000.",
            [3, 4, 5],
        ),
        ("List the peaks over 3 km high", "3 of 5 rows have a “height (m)” > 3000.", [3, 4, 5]),
        ("How many peaks are higher than 3,000 m?", "3 of 5 rows", [3, 4, 5]),
        ("Which peaks in Austria have more than 2 huts?", "1 of 2 rows have a “huts” > 2.", [5]),
        ("Which peaks have at least 2 huts?", "3 of 4 rows have a “huts” ≥ 2.", [2, 4, 5]),
        (
            "Which peaks had their first ascent before 1859?",
            "2 of 5 rows have a “first ascent” < 1859.",
            [5, 6],
        ),
        (
            "Which peaks had the first ascent between 1850 and 1868?",
            "2 of 5 rows have a “first ascent” ≥ 1850, ≤ 1868.",
            [3, 4],
        ),
        ("Which peaks have more than 9 huts?", "0 of 4 rows have a “huts” > 9.", [5]),
    ],
)
def test_the_result_is_stated_with_the_rows_that_it_comes_from(
    ask: Callable[..., Answer | None], question: str, stated: str, rows: list[int]
) -> None:
    answer = ask(question, peaks__csv=PEAKS)
    assert answer is not None
    assert stated in answer.text
    assert [citation.row for citation in answer.citations] == rows
    for citation in answer.citations:
        assert f"[{citation.number}]" in answer.text
    start, end = answer.emphasis[0]
    assert answer.text[start:end] in stated


def test_cells_that_are_no_numbers_are_counted(ask: Callable[..., Answer | None]) -> None:
    answer = ask("How many huts are there in total?", peaks__csv=PEAKS)
    assert answer is not None
    assert "Rows without a value that can be read: 1." in answer.text


def test_a_year_limits_the_rows_of_a_markdown_table(ask: Callable[..., Answer | None]) -> None:
    answer = ask("Which library had the most visits in 2021?", libraries__md=LIBRARIES)
    assert answer is not None
    assert "“Visits” is 120,400, of 2 rows." in answer.text
    assert answer.citations[0].sentence == "| Central | 2021 | 120,400 | 41 |".strip("| ")


def test_german_questions_and_numbers(ask: Callable[..., Answer | None]) -> None:
    answer = ask("Welcher Gipfel hat die größte Höhe?", gipfel__csv=GIPFEL)
    assert answer is not None
    assert answer.text.startswith("Der höchste Wert von „Höhe (m)“ ist 3.260, unter 3 Zeilen.")


@pytest.mark.parametrize(
    "question",
    [
        "Which peak has the highest risk of avalanches?",  # no such column
        "How many huts does the Grauhorn have?",  # a cell, not a count of rows
        "How many peaks in France are there?",  # no such value
        "How many peaks were climbed before 1860?",  # no column says that it is about climbing
        "Which peaks are higher than 3000 kg?",  # another unit
        "Is the Grauhorn higher than 3000 m?",  # asks for no rows
        "Which peaks over 3000 m have more than 2 huts?",  # two conditions
        "What is the height of the Grauhorn?",  # no calculation
    ],
)
def test_what_is_not_certain_is_not_computed(
    ask: Callable[..., Answer | None], question: str
) -> None:
    assert ask(question, peaks__csv=PEAKS) is None


ENGINES = """type,nom_kw,wt,tries,sold2019
Alder,40,310,2,12
Birch,55,290,0,7
Cedar,35,420,1,9
"""
ABOUT_ENGINES = """# Engines tested at the pier

| column | meaning |
| ------ | ------- |
| `type` | name of the engine |
| `nom_kw` | power at full speed |
| `wt` | weight without oil (kg) |
| `tries` | starts that failed |
"""


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("Which engine has the most power?", "“nom_kw” is 55, of 3 rows."),
        ("Which engine tested at the pier is the heaviest one?", "“wt” is 420, of 3 rows."),
        ("Which is the largest engine by weight?", "“wt” is 420, of 3 rows."),
        ("Which engine came out with the lowest weight?", "“wt” is 290, of 3 rows."),
    ],
)
def test_a_column_is_known_by_what_a_document_says_about_it(
    ask: Callable[..., Answer | None], question: str, stated: str
) -> None:
    answer = ask(question, engines__csv=ENGINES, about__md=ABOUT_ENGINES)
    assert answer is not None
    assert stated in answer.text


def test_a_long_table_without_words_is_described_too(
    ask: Callable[..., Answer | None],
) -> None:
    rows = "\n".join(f"c{number},{number},{900 - number}" for number in range(1, 200))
    about = "# Engines\n\n- `nm`: name of the engine\n- `hp`: gross horsepower\n- `wt`: kilos\n"
    answer = ask(
        "Which engine has the least horsepower?", m__csv=f"nm,hp,wt\n{rows}\n", readme__md=about
    )
    assert answer is not None
    assert "“hp” is 1, of 199 rows." in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Which engine has the most power in winter?",  # no such value
        "Which engine tested has the highest engine?",  # said of all columns
        "How many engines had tries?",  # a condition on a column
    ],
)
def test_what_is_said_of_columns_makes_no_result_certain(
    ask: Callable[..., Answer | None], question: str
) -> None:
    assert ask(question, engines__csv=ENGINES, about__md=ABOUT_ENGINES) is None


def test_a_column_may_be_named_by_the_word_that_it_is_derived_from(
    ask: Callable[..., Answer | None],
) -> None:
    towns = "town,religiosity\nHamm,1.2\nOlden,0.4\n"
    answer = ask("Which town is the least religious?", towns__csv=towns)
    assert answer is not None
    assert "“religiosity” is 0.4, of 2 rows." in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "What is the average height and huts of the highest peaks?",
        "What is the difference between the height and huts of the highest peak?",
        "What is the largest there's?",
    ],
)
def test_several_calculations_at_once_are_not_computed(
    ask: Callable[..., Answer | None], question: str
) -> None:
    assert ask(question, peaks__csv=PEAKS) is None


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("Which peak is the highest, and how high is it?", "“height (m)” is 3738, of 5 rows."),
        ("Country and huts of the highest peak?", "“height (m)” is 3738, of 5 rows."),
        ("Who is the best-paid keeper?", "“salary” is 900, of 2 rows."),
    ],
)
def test_what_stands_in_the_row_need_not_be_computed(
    ask: Callable[..., Answer | None], question: str, stated: str
) -> None:
    staff = "keeper,salary\nAda,900\nBob,700\n"
    answer = ask(question, **({"staff__csv": staff} if "paid" in question else {"p__csv": PEAKS}))
    assert answer is not None
    assert stated in answer.text


def test_two_tables_that_fit_give_no_result(ask: Callable[..., Answer | None]) -> None:
    other = PEAKS.replace("3738", "4000")
    assert ask("What is the lowest height?", peaks__csv=PEAKS, hills__csv=other) is None


def test_the_number_of_a_row_is_not_calculated_with(ask: Callable[..., Answer | None]) -> None:
    orders = (
        "order,amount,date\n1001,58.00,2024-01-04\n1002,99.60,2024-02-02\n1003,9.50,2024-01-09\n"
    )
    highest = ask("Which order had the highest amount?", orders__csv=orders)
    assert highest is not None
    assert "“amount” is 99.60, of 3 rows." in highest.text
    latest = ask("Which is the latest order?", orders__csv=orders)
    assert latest is not None
    assert "“date” is 2024-02-02, of 3 rows." in latest.text


def test_what_is_asked_for_is_not_compared(ask: Callable[..., Answer | None]) -> None:
    rain = "year,rain (mm)\n2001,610\n2002,480\n2003,720\n"
    answer = ask("Which year had the lowest rain?", rain__csv=rain)
    assert answer is not None
    assert "“rain (mm)” is 480, of 3 rows." in answer.text


def test_long_sums_say_how_many_rows_are_shown(ask: Callable[..., Answer | None]) -> None:
    lines = "\n".join(f"Stop {number},{number}" for number in range(1, 31))
    answer = ask("What is the total length of the stops?", stops__csv=f"stop,length\n{lines}\n")
    assert answer is not None
    assert "is 465, of 30 rows. The first 12 of them are shown." in answer.text
    assert len(answer.citations) == 12
