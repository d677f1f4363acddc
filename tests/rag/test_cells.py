"""Cells of tables as numbers and dates."""

import pytest

from rag.answers.cells import read_column, read_date, read_number


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12.0),
        ("1,234", 1234.0),
        ("3.5", 3.5),
        ("-0.248", -0.248),
        ("\u22124", -4.0),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("$14.50", 14.5),
        ("44 %", 44.0),
    ],
)
def test_numbers(cell: str, value: float) -> None:
    found = read_number(cell)
    assert found is not None
    assert found[0] == pytest.approx(value)


@pytest.mark.parametrize(
    "cell", ["", "n/a", "1982 (1919)", "5-24 V", "about ten", "Stop 2", "on request"]
)
def test_other_texts_are_no_numbers(cell: str) -> None:
    assert read_number(cell) is None


def test_units_are_compared_by_what_they_measure() -> None:
    column = read_column(["500 g", "0.25 kg", "3 days"], "en")
    assert column.values[0] == pytest.approx(2 * (column.values[1] or 0))
    assert column.values[2] is None  # another unit than the others


def test_dots_group_the_numbers_of_a_german_table_if_all_are_grouped() -> None:
    assert read_column(["2.896", "944"], "de").values == (2896.0, 944.0)
    assert read_column(["2.896", "9.4"], "de").values == (2.896, 9.4)


def test_dates_are_ordered_however_they_are_written() -> None:
    texts = [
        "1990",
        "1990-04-01",
        "3 June 1990",
        "June 4, 1990",
        "5.12.1990",
        "1991-01-02T00:00:00Z",
    ]
    dates = [read_date(text) for text in texts]
    assert None not in dates
    assert dates == sorted(dates)  # type: ignore[type-var]
    assert read_date("c. 1620") is None
    assert read_date("7000") is None


def test_the_mark_of_a_footnote_is_no_part_of_a_number() -> None:
    assert read_number("83,190,556²") == (83_190_556, "")
    assert read_number("10³") != (10, "")
