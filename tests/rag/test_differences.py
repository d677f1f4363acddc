"""Documents that contradict each other are both quoted; what only looks like it is not told."""

from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.types import Answer

Documents = dict[str, str]

HANDBOOK = """# Club handbook {year}

## Members

Members pay {fee} euros a year. A member may book two boats at a time.

## Guests

Guests pay 6 euros a day. Guests may {negation}use the sauna.

## Office

The office opens at {time}.
"""
HANDBOOKS = {
    "handbook-2023__md": HANDBOOK.format(year=2023, fee=120, negation="", time="9 am"),
    "handbook-2024__md": HANDBOOK.format(year=2024, fee=140, negation="not ", time="8:30 am"),
}
MINUTES = {
    "minutes-2024-03-05__txt": "Minutes of the board.\n\nThe summer party is on 8 June. Anna "
    "brings the grill. Twelve people were present.",
    "minutes-2024-04-02__txt": "Minutes of the board.\n\nCorrection: the summer party is on 15 "
    "June, not on 8 June. The grill is repaired.",
}
POLICIES = {
    "policy-a__md": "# IT policy\n\nVersion 1.4\n\nPrivate laptops are forbidden in the office "
    "network. Passwords expire after 60 days.\n",
    "policy-b__md": "# IT policy\n\nVersion 2.1\n\nPrivate laptops are allowed in the office "
    "network. Passwords expire after 90 days.\n",
}
PRICES = {
    "prices-2023__csv": "Boat,Fee\nSkiff,12 euros\nDouble,19 euros\n",
    "prices-2024__csv": "Boat,Fee\nSkiff,14 euros\nDouble,19 euros\n",
}
HANDBUCH = """# Vereinshandbuch {year}

## Mitglieder

Mitglieder zahlen {fee} Euro im Jahr. Ein Mitglied darf zwei Boote reservieren.

## Gäste

Gäste zahlen 6 Euro am Tag. Gäste dürfen die Sauna {negation}benutzen.

## Büro

Das Büro öffnet um {time}.
"""
HANDBUECHER = {
    "handbuch-2023__md": HANDBUCH.format(year=2023, fee=120, negation="", time="9 Uhr"),
    "handbuch-2024__md": HANDBUCH.format(year=2024, fee=140, negation="nicht ", time="8.30 Uhr"),
}
PROTOKOLLE = {
    "Protokoll 5. März 2024__txt": "Protokoll der Sitzung.\n\nDas Sommerfest findet am 8. Juni "
    "statt. Anna bringt den Grill mit. Zwölf Mitglieder waren anwesend.",
    "Protokoll 2. April 2024__txt": "Protokoll der Sitzung.\n\nKorrektur: Das Sommerfest findet "
    "am 15. Juni statt, nicht am 8. Juni.",
}


def ask(make_library: Callable[..., Library], documents: Documents, question: str) -> Answer:
    library = make_library(**documents)
    answer = Assistant(library=library).ask(question)
    assert not answer.refused
    return answer


def list_sides(answer: Answer) -> list[list[str]]:
    """Return what is cited for each side of the only difference."""
    said = {citation.number: citation.sentence for citation in answer.citations}
    (difference,) = answer.differences
    return [[said[number] for number in side.citations] for side in difference.sides]


@pytest.mark.parametrize(
    ("documents", "question", "kind", "newest", "older", "editions"),
    [
        (
            HANDBOOKS,
            "How much do members pay a year?",
            "number",
            "Members pay 140 euros a year.",
            "Members pay 120 euros a year.",
            ["2024", "2023"],
        ),
        (
            HANDBOOKS,
            "May guests use the sauna?",
            "denial",
            "Guests may not use the sauna.",
            "Guests may use the sauna.",
            ["2024", "2023"],
        ),
        (
            HANDBOOKS,
            "When does the office open?",
            "time",
            "The office opens at 8:30 am.",
            "The office opens at 9 am.",
            ["2024", "2023"],
        ),
        (
            MINUTES,
            "When is the summer party?",
            "date",
            "Correction: the summer party is on 15 June, not on 8 June.",
            "The summer party is on 8 June.",
            ["2024-04-02", "2024-03-05"],
        ),
        (
            POLICIES,
            "Are private laptops allowed in the office network?",
            "denial",
            "Private laptops are allowed in the office network.",
            "Private laptops are forbidden in the office network.",
            ["Version 2.1", "Version 1.4"],
        ),
        (
            PRICES,
            "What is the fee for a skiff?",
            "number",
            "Boat: Skiff | Fee: 14 euros",
            "Boat: Skiff | Fee: 12 euros",
            ["2024", "2023"],
        ),
        (
            HANDBUECHER,
            "Wie viel zahlen Mitglieder im Jahr?",
            "number",
            "Mitglieder zahlen 140 Euro im Jahr.",
            "Mitglieder zahlen 120 Euro im Jahr.",
            ["2024", "2023"],
        ),
        (
            HANDBUECHER,
            "Dürfen Gäste die Sauna benutzen?",
            "denial",
            "Gäste dürfen die Sauna nicht benutzen.",
            "Gäste dürfen die Sauna benutzen.",
            ["2024", "2023"],
        ),
        (
            HANDBUECHER,
            "Um wie viel Uhr öffnet das Büro?",
            "time",
            "Das Büro öffnet um 8.30 Uhr.",
            "Das Büro öffnet um 9 Uhr.",
            ["2024", "2023"],
        ),
        (
            PROTOKOLLE,
            "Wann ist das Sommerfest?",
            "date",
            "Korrektur: Das Sommerfest findet am 15. Juni statt, nicht am 8. Juni.",
            "Das Sommerfest findet am 8. Juni statt.",
            ["2. April 2024", "5. März 2024"],
        ),
    ],
)
def test_both_sides_are_quoted_the_newest_first(
    make_library: Callable[..., Library],
    documents: Documents,
    question: str,
    kind: str,
    newest: str,
    older: str,
    editions: list[str],
) -> None:
    answer = ask(make_library, documents, question)
    assert list_sides(answer) == [[newest], [older]]
    assert answer.differences[0].kind == kind
    assert [side.edition for side in answer.differences[0].sides] == editions
    german = documents in (HANDBUECHER, PROTOKOLLE)
    told = "Die Dokumente widersprechen sich." if german else "The documents differ."
    assert answer.text.startswith(f"{told}\n\n")
    assert Answer.from_json(answer.to_json()) == answer


def test_each_side_is_named_with_its_date_or_version(
    make_library: Callable[..., Library],
) -> None:
    answer = ask(make_library, POLICIES, "How long are passwords valid?")
    assert answer.text == (
        "The documents differ.\n\n"
        "IT policy (policy-b.md), Version 2.1: Passwords expire after 90 days. [1]\n\n"
        "IT policy (policy-a.md), Version 1.4: Passwords expire after 60 days. [2]"
    )


def test_the_values_of_both_sides_are_emphasised(make_library: Callable[..., Library]) -> None:
    answer = ask(make_library, HANDBOOKS, "How much do members pay a year?")
    assert [answer.text[start:end].split()[0] for start, end in answer.emphasis] == ["140", "120"]


def test_rows_of_two_tables_are_lines_below_the_names(make_library: Callable[..., Library]) -> None:
    answer = ask(make_library, PRICES, "What is the fee for a skiff?")
    assert answer.text == (
        "The documents differ.\n\n"
        "Prices 2024:\nBoat: Skiff | Fee: 14 euros [1]\n\n"
        "Prices 2023:\nBoat: Skiff | Fee: 12 euros [2]"
    )


def test_a_title_cannot_look_like_a_citation(make_library: Callable[..., Library]) -> None:
    documents = {
        "a__md": "# Rules [2] old\n\nThe fee of the club is 5 euros a day.\n",
        "b__md": "# Rules [2]\n\nThe fee of the club is 6 euros a day.\n",
    }
    answer = ask(make_library, documents, "How much is the fee of the club?")
    assert answer.text == (
        "The documents differ.\n\n"
        "Rules (2) old: The fee of the club is 5 euros a day. [1]\n\n"
        "Rules (2): The fee of the club is 6 euros a day. [2]"
    )


def test_three_documents_are_three_sides(make_library: Callable[..., Library]) -> None:
    fees = {2022: 110, 2023: 120, 2024: 140}
    documents = {
        f"handbook-{year}__md": HANDBOOK.format(year=year, fee=fee, negation="", time="9 am")
        for year, fee in fees.items()
    }
    answer = ask(make_library, documents, "How much do members pay a year?")
    assert [[f"Members pay {fees[year]} euros a year."] for year in (2024, 2023, 2022)] == (
        list_sides(answer)
    )


RULES = "# Rules for {who}\n\nThe day fee is {fee} euros. {more}\n"
REPORT = (
    "# Report\n\nIn {0} the museum had {1}00 visitors. It was full. In {2} the museum had {3}00 "
    "visitors."
)
MANUAL = "# {0} manual\n\nThe battery lasts {1} hours. The lamp is green.\n"
CHANGES = "# Changelog of {0}\n\n## Version {1}\n\nReleased on {2} May 2023.\n"


@pytest.mark.parametrize(
    ("documents", "question"),
    [
        (HANDBOOKS, "How many boats may a member book?"),  # both say the same
        (HANDBOOKS, "How much did members pay in 2023?"),  # only one is of that year
        (HANDBUECHER, "Wie viele Boote darf ein Mitglied reservieren?"),
        (HANDBUECHER, "Wie viel zahlten Mitglieder im Jahr 2023?"),
        (
            {
                "a__md": "# Guide\n\nThe tower of Bela costs 5,000 euros. It is white.",
                "b__md": "# Notes\n\nThe tower of Bela costs 5000 euros. It is high.",
            },
            "How much does the tower of Bela cost?",
        ),
        (
            {
                "a__md": "The bridge of Arden is about 120 metres long.",
                "b__md": "The bridge of Arden is 124 metres long.",
            },
            "How long is the bridge of Arden?",
        ),
        (
            {
                "members__md": RULES.format(who="members", fee=12, more=""),
                "guests__md": RULES.format(who="guests", fee=20, more=""),
            },
            "How much is the day fee?",
        ),
        (
            {"a__md": "Members pay 12 euros a day.", "b__md": "Guests pay 20 euros a day."},
            "How much do members pay a day?",
        ),
        (
            {
                "a__md": "Members pay 12 euros a day.",
                "b__md": "Associate members pay 20 euros a day.",
            },
            "How much do members pay a day?",
        ),
        (
            {
                "a__md": "# Fees\n\n## Members\n\nThe day fee is 12 euros.\n",
                "b__md": "# Fees\n\n## Guests\n\nThe day fee is 20 euros.\n",
            },
            "How much is the day fee?",
        ),
        (
            {
                "mitglieder__md": "# Mitglieder\n\nDie Tagesgebühr beträgt 12 Euro.",
                "gaeste__md": "# Gäste\n\nDie Tagesgebühr beträgt 20 Euro.",
            },
            "Wie hoch ist die Tagesgebühr?",
        ),
        (
            {
                "a__csv": "Year,Visitors\n2019,500\n2020,600\n2021,700\n",
                "b__csv": "Year,Visitors\n2022,800\n2023,900\n",
            },
            "How many visitors were there?",
        ),
        (
            {
                "r1__md": REPORT.format(2019, 5, 2020, 6),
                "r2__md": REPORT.format(2021, 7, 2022, 8),
            },
            "How many visitors did the museum have?",
        ),
        (
            {
                "norway__md": "# Norway\n\nThe capital has 700,000 inhabitants.",
                "sweden__md": "# Sweden\n\nThe capital has 975,000 inhabitants.",
            },
            "How many inhabitants does the capital have?",
        ),
        (
            {"x200__md": MANUAL.format("X200", 8), "x300__md": MANUAL.format("X300", 10)},
            "How long does the battery last?",
        ),
        (
            {"a__md": CHANGES.format("Alpha", 2.1, 5), "b__md": CHANGES.format("Alpha", 2.2, 9)},
            "When was it released?",
        ),
        (
            {"a__txt": "Room 4 has 20 seats.", "b__txt": "Room 5 has 20 seats."},
            "Which room has 20 seats?",
        ),
        (
            {
                "a__txt": "The hall has 200 seats and 3 doors.",
                "b__txt": "The hall has 200 seats and 4 doors.",
            },
            "How many seats does the hall have?",
        ),
        (
            {
                "a__txt": "If the office is closed, call the head of the house.",
                "b__txt": "If the office is open, call the head of the house.",
            },
            "Should I call the head of the house?",
        ),
        (
            {
                "a__txt": "The fee is 12 euros, if you are a student of the school.",
                "b__txt": "The fee is 20 euros.",
            },
            "How much is the fee?",
        ),
    ],
)
def test_what_only_looks_like_a_difference_is_not_told(
    make_library: Callable[..., Library], documents: Documents, question: str
) -> None:
    answer = ask(make_library, documents, question)
    assert answer.differences == ()
    assert "differ" not in answer.text
    assert "widersprechen" not in answer.text


def test_a_document_that_says_several_things_in_the_same_words_contradicts_none(
    make_library: Callable[..., Library],
) -> None:
    documents = {
        "a__txt": "The pass is valid for 3 days. The other text. The pass is valid for 9 days.",
        "b__txt": "The pass is valid for 5 days.",
    }
    answer = ask(make_library, documents, "How long is the pass valid?")
    assert answer.differences == ()


def test_the_parts_of_a_question_have_differences_of_their_own(
    make_library: Callable[..., Library],
) -> None:
    answer = ask(make_library, HANDBOOKS, "How much do members pay, and when does the office open?")
    assert [difference.kind for difference in answer.differences] == ["number", "time"]
    assert answer.text.count("The documents differ.") == 2


def test_a_comparison_tells_both_sides_already(make_library: Callable[..., Library]) -> None:
    answer = ask(make_library, HANDBOOKS, "What is the difference between the fees of members?")
    assert answer.differences == ()
