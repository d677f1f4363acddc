"""Values of a data file that a document explains: codes, words for the rows, plurals."""

from collections.abc import Callable

import pytest

from rag.library.library import Library
from rag.types import Answer
from tests.tables import ask_tables

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


@pytest.fixture
def ask(make_library: Callable[..., Library]) -> Callable[..., Answer | None]:
    return ask_tables(make_library)


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


def test_words_for_two_codes_of_a_column_give_no_result(
    ask: Callable[..., Answer | None],
) -> None:
    question = "What is the lowest pulse_day of male female sailors?"
    assert ask(question, crew__csv=CREW, about__md=ABOUT_CREW) is None


def test_a_plural_that_is_written_otherwise_names_a_column(
    ask: Callable[..., Answer | None],
) -> None:
    land = "country,fert\nAlba,1.5\nBora,6.9\n"
    about = "# Countries\n\n- country: where\n- fert: number of children per woman\n"
    answer = ask("In which country do women have the most children?", l__csv=land, a__md=about)
    assert answer is not None
    assert "“fert” is 6.9, of 2 rows." in answer.text
