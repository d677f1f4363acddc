"""Superlatives, counts, sums, averages and differences, computed over the rows of a table."""

from collections.abc import Callable

import pytest

from rag.answers.computed import answer_by_calculating
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.evidence import make_evidence
from rag.types import NO_SIGNALS, Answer

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
    """Ask with a row of each table as evidence."""

    def run(question: str, **texts: str) -> Answer | None:
        library = make_library(**texts)
        with library.snapshot() as snapshot:
            evidence = []
            for record in snapshot.documents:
                rows = snapshot.sentences_of(record.path)
                structure, base = snapshot.structure_around(rows.start)
                evidence += [
                    make_evidence(snapshot.sentence(base + group.last), NO_SIGNALS)
                    for group in structure.groups
                    if group.kind == "table"
                ]
            return answer_by_calculating(snapshot, parse_question(question), evidence)

    return run


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
        "Which peaks are higher than 3000 m?",  # limits that are not computed
        "How many peaks were climbed before 1860?",
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


CREW = """name,watch,smoke,sex,diet,pulse_day,pulse_total
Ada,north,1,0,herbi,60,90
Bob,north,0,1,carni,70,80
Cleo,south,1,1,herbi,80,70
Dan,south,0,0,carni,50,60
Eve,south,1,0,omni,40,50
"""
ABOUT_CREW = """# The crew of the pier

What sailors told the doctor in spring.

- name: of the sailor
- watch: where he or she is on duty
- smoke: 1=smoker or 0=nonsmoker
- sex: sex (0 = male, 1 = female)
- diet: carnivore, omnivore or herbivore
- pulse_day: pulse by day
- pulse_total: beats of the heart
"""


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("What is the average pulse by day of smokers?", None),  # "by" limits in unknown ways
        ("What is the average pulse_day of smokers?", "“pulse_day” is 60, of 3 rows."),
        ("What is the average pulse_day of nonsmokers?", "“pulse_day” is 60, of 2 rows."),
        ("What is the highest pulse_day among the women?", "“pulse_day” is 80, of 2 rows."),
        ("What is the lowest pulse_day of herbivores?", "“pulse_day” is 60, of 2 rows."),
        ("What is the lowest pulse_day of smokers in the south?", "“pulse_day” is 40, of 2 rows."),
        ("What is the average pulse_day of male smokers?", "“pulse_day” is 50, of 2 rows."),
        ("What is the average pulse_day on duty?", None),  # said of another column: no value
        ("Which nonsmoker has the highest pulse_day?", "“pulse_day” is 70, of 2 rows."),
        ("Which carnivore has the highest pulse_day?", "“pulse_day” is 70, of 2 rows."),
        ("For nonsmokers, what is the average pulse_day?", "“pulse_day” is 60, of 2 rows."),
        ("Which sailor has the highest pulse?", "“pulse_total” is 90, of 5 rows."),
    ],
)
def test_codes_limit_the_rows_by_the_words_that_they_stand_for(
    ask: Callable[..., Answer | None], question: str, stated: str | None
) -> None:
    answer = ask(question, crew__csv=CREW, about__md=ABOUT_CREW)
    assert (stated in answer.text) if stated and answer else answer is None


def test_a_value_that_is_also_told_beside_the_table_limits_the_rows(
    ask: Callable[..., Answer | None],
) -> None:
    cars = "model,maker,price\nA,Toyota,900\nB,Honda,1200\nC,Toyota,700\n"
    about = (
        "# Cars\n\nPrices of Toyota and Honda.\n\n- model: which\n- maker: who\n- price: euros\n"
    )
    answer = ask("Which Toyota has the highest price?", cars__csv=cars, about__md=about)
    assert answer is not None
    assert "“price” is 900, of 2 rows." in answer.text


@pytest.mark.parametrize("codes", ["1=woman, 2=man", "1=women, 2=men", "1=female, 2=male"])
def test_codes_for_women_and_men_are_understood(
    ask: Callable[..., Answer | None], codes: str
) -> None:
    data = "name,sex,pulse\nA,1,60\nB,2,70\nC,1,80\n"
    about = f"# Pulse\n\n- name: of a person\n- sex: {codes}\n- pulse: beats\n"
    answer = ask("What is the average pulse of women?", data__csv=data, about__md=about)
    assert answer is not None
    assert "“pulse” is 70, of 2 rows." in answer.text


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("How many people are from Austria?", "2"),
        ("What is the average age of people from Austria?", "“age” is 26, of 2 rows."),
    ],
)
def test_a_table_of_people_is_calculated_with(
    ask: Callable[..., Answer | None], question: str, stated: str
) -> None:
    people = "name,country,age\nAda,Austria,20\nBob,Italy,30\nCleo,Austria,32\n"
    answer = ask(question, people__csv=people)
    assert answer is not None
    assert stated in answer.text


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


def test_words_for_two_codes_of_a_column_give_no_result(
    ask: Callable[..., Answer | None],
) -> None:
    question = "What is the lowest pulse_day of male female sailors?"
    assert ask(question, crew__csv=CREW, about__md=ABOUT_CREW) is None


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


def test_a_plural_that_is_written_otherwise_names_a_column(
    ask: Callable[..., Answer | None],
) -> None:
    land = "country,fert\nAlba,1.5\nBora,6.9\n"
    about = "# Countries\n\n- country: where\n- fert: number of children per woman\n"
    answer = ask("In which country do women have the most children?", l__csv=land, a__md=about)
    assert answer is not None
    assert "“fert” is 6.9, of 2 rows." in answer.text


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
