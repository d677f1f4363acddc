"""Units: lists, steps, code and rows are quoted completely, and each sentence is cited."""

from collections.abc import Callable

from rag.assistant import Assistant
from rag.library.library import Library

HANDBOOK = """# Handbook of the rowing club

## Booking a boat

Members can book a boat in the following ways:

- through the form on the website
- by calling the boat keeper
- in person at the boathouse

## Cleaning a boat

Rinse the hull with fresh water first.
Then dry it with a towel.
To log the cleaning, run this command:

```
boat log --clean
```

## Fees

| Boat | Fee a day |
| ---- | --------- |
| Skiff | 12 euros |
| Double | 19 euros |

## Guests

A guest is a person who is invited by a member.
"""


def ask(make_library: Callable[..., Library], *questions: str) -> list[str]:
    library = make_library(handbook__md=HANDBOOK)
    assistant = Assistant(library=library)
    answers = [assistant.ask(question) for question in questions]
    for answer in answers:
        cited = {f"[{citation.number}]" for citation in answer.citations}
        assert all(mark in answer.text for mark in cited)
        for citation in answer.citations:
            assert HANDBOOK[citation.start : citation.end] == citation.sentence
    return [answer.text for answer in answers]


def test_a_list_is_quoted_whole_with_what_announces_it(
    make_library: Callable[..., Library],
) -> None:
    [text] = ask(make_library, "In which ways can members book a boat?")
    assert text.splitlines() == [
        "Members can book a boat in the following ways: [1]",
        "- through the form on the website [2]",
        "- by calling the boat keeper [3]",
        "- in person at the boathouse [4]",
    ]


def test_steps_are_quoted_whole_and_code_stays_code(make_library: Callable[..., Library]) -> None:
    [text] = ask(make_library, "How do I clean a boat?")
    assert "Rinse the hull" in text
    assert "Then dry it" in text
    assert "```\nboat log --clean\n``` [" in text


def test_a_row_is_quoted_with_the_names_of_its_columns(
    make_library: Callable[..., Library],
) -> None:
    [text] = ask(make_library, "What is the fee for a double?")
    assert "Boat: Double | Fee a day: 19 euros [" in text


def test_a_fact_is_still_one_sentence(make_library: Callable[..., Library]) -> None:
    [text] = ask(make_library, "What is a guest?")
    assert text == "A guest is a person who is invited by a member. [1]"


def test_a_follow_up_names_another_thing(make_library: Callable[..., Library]) -> None:
    _, text = ask(make_library, "What is the fee for a Double?", "And for a Skiff?")
    assert "Boat: Skiff | Fee a day: 12 euros" in text.splitlines()[0]


def test_a_short_section_is_quoted_whole(make_library: Callable[..., Library]) -> None:
    settings = (
        "# Settings of the builder\n\n"
        "## strict_mode\n\nHalts the build when a warning is raised.\n\nDefault: `false`.\n\n"
        "## theme_name\n\nChooses the colours of all pages.\n\nDefault: `plain`.\n"
    )
    library = make_library(settings__md=settings)
    answer = Assistant(library=library).ask("What does strict_mode do?")
    assert [citation.sentence for citation in answer.citations] == [
        "Halts the build when a warning is raised.",
        "Default: `false`.",
    ]
