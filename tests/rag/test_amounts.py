"""Questions for an amount are refused where no amount is told."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library

PORT = """# The harbour

The harbour takes a fee from every boat that stays overnight.

A night for a rowing boat costs four euros.

The tower is 31 metres high.

Members pay no entrance fee.
"""
BANK = """# The loans

The bank gives loans at a lower interest rate than its competitors do.

The loans are paid back in monthly parts.
"""


@pytest.mark.parametrize(
    "question",
    ["What interest rate do the loans have?", "What is the interest rate of the loans?"],
)
def test_a_rate_that_is_not_told_is_refused(
    make_library: Callable[..., Library], question: str
) -> None:
    answer = Assistant(library=make_library(bank__md=BANK)).ask(question)
    assert answer.refused
    assert any("interest rate" in citation.sentence for citation in answer.closest)


MOORING = """# Mooring for members

Gold members may moor up to four boats a year, as part of their membership.

Silver members may moor two boats a year.
"""
KASSE = """# Mitglieder

Wer sechs Wochen krank ist, bekommt Krankengeld von der Kasse.
"""


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (MOORING, "What does a gold membership cost a year?"),
        (MOORING, "price of a gold membership"),
        (MOORING, "What's the maximum length of a boat?"),
        (KASSE, "Wie hoch ist das Krankengeld nach sechs Wochen?"),
    ],
)
def test_a_price_or_measure_that_is_not_told_is_refused(
    make_library: Callable[..., Library], text: str, question: str
) -> None:
    text = text.replace("four", "several") if "length" in question else text
    text = text.replace("two boats", "boats") if "length" in question else text
    assert Assistant(library=make_library(text__md=text)).ask(question).refused


@pytest.mark.parametrize("currency", ["$40", "40 euros", "39.90", "free", "12 crowns"])
def test_a_price_is_told_in_any_currency(
    make_library: Callable[..., Library], currency: str
) -> None:
    text = f"# Members\n\nA gold membership costs {currency} a year.\n"
    answer = Assistant(library=make_library(text__md=text)).ask("What does a gold membership cost?")
    assert currency in answer.text


def test_a_row_of_a_table_tells_a_price_without_a_currency(
    make_library: Callable[..., Library],
) -> None:
    prices = "boat,price\nSkiff,12\nDouble,19\n"
    answer = Assistant(library=make_library(prices__csv=prices)).ask("What does a skiff cost?")
    assert "12" in answer.text


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("How much does a night for a rowing boat cost?", "four euros"),
        ("What is the height of the tower?", "31 metres"),
        ("How much entrance fee do members pay?", "no entrance fee"),
    ],
)
def test_an_amount_that_is_told_is_answered(
    make_library: Callable[..., Library], question: str, amount: str
) -> None:
    assert amount in Assistant(library=make_library(port__md=PORT)).ask(question).text


def test_a_list_answers_how_many(make_library: Callable[..., Library]) -> None:
    boats = "# Boats\n\nThe club has these boats:\n\n- the Anna\n- the Berta\n- the Clara\n"
    answer = Assistant(library=make_library(boats__md=boats)).ask(
        "How many boats does the club have?"
    )
    assert "Clara" in answer.text


def test_costs_of_several_kinds_are_no_amount(make_library: Callable[..., Library]) -> None:
    travel = "# Travel\n\nThe club covers the cost of trains and ferries.\n"
    answer = Assistant(library=make_library(travel__md=travel)).ask("Which costs does it cover?")
    assert "trains and ferries" in answer.text
