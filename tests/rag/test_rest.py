"""What a chat model leaves out of the quoted answer is quoted below its text."""

from collections.abc import Callable
from functools import partial

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.types import Answer, Delta
from tests.chat_server import ChatServer

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
boat log --clean names[1]
```

## Guests

A guest is a person who is invited by a member.
"""
FEES = """boat,fee
Skiff,12
Double,19
Quad,31
"""
WAYS = "In which ways can members book a boat?"
ITEMS = (
    "through the form on the website",
    "by calling the boat keeper",
    "in person at the boathouse",
)
ALL_WAYS = f"Members can book a boat {ITEMS[0]}, {ITEMS[1]} or {ITEMS[2]}"


@pytest.fixture
def connect(connect: Callable[..., Library]) -> Callable[..., Library]:
    return partial(connect, texts={"handbook__md": HANDBOOK, "fees__csv": FEES})


def cite(said: str, *sources: str) -> Callable[[str], list[str]]:
    """Return a model that says a sentence and cites the last sources with these texts."""

    def say(prompt: str) -> list[str]:
        lines = [line for line in prompt.splitlines() if line.startswith("[")]
        found = [[line for line in lines if line.endswith(source)][-1] for source in sources]
        return [said, *(f" {line[: line.index(']') + 1]}" for line in found), "."]

    return say


def ask(library: Library, question: str) -> Answer:
    """Ask, and check what holds of every answer with quotations below it."""
    deltas = list(Assistant(library=library).stream(question))
    answer = deltas[-1].answer
    assert answer is not None
    assert sum(deltas, Delta()).text == answer.text
    assert [each.number for each in answer.citations] == [
        number + 1 for number in range(len(answer.citations))
    ]
    assert Answer.from_json(answer.to_json()) == answer
    return answer


@pytest.mark.parametrize("cited", [(), ("in person at the boathouse",)])
def test_items_that_the_model_leaves_out_are_quoted_below_its_answer(
    connect: Callable[..., Library], chat_server: ChatServer, cited: tuple[str, ...]
) -> None:
    said = "Members can book a boat in person at the boathouse"
    chat_server.script.answer = cite(said, *cited)
    answer = ask(connect(), WAYS)
    assert answer.model == "openai:test-model"
    assert answer.quoted_from == answer.text.index("From the documents:")
    written, quoted = answer.text[: answer.quoted_from], answer.text[answer.quoted_from :]
    assert written.startswith(f"{said}. [1]")
    cited = {f"[{each.number}]": each.sentence for each in answer.citations}
    lines = [line.rpartition(" ") for line in quoted.splitlines() if line]
    assert [text for text, _, _ in lines[1:]] == [
        "Members can book a boat in the following ways:",
        "- through the form on the website",
        "- by calling the boat keeper",
    ]
    for text, _, mark in lines[1:]:
        assert text.removeprefix("- ") == cited[mark].removeprefix("- ")


def test_nothing_is_quoted_below_an_answer_that_has_it_all(
    connect: Callable[..., Library], chat_server: ChatServer
) -> None:
    chat_server.script.answer = cite(ALL_WAYS, *ITEMS)
    library = connect()
    answer = ask(library, WAYS)
    assert answer.text == f"{ALL_WAYS}. [1] [2] [3]"  # the line above the list is no item of it
    chat_server.script.answer = None
    chat_server.script.tokens = ["A person who is invited by a member is a guest."]
    assert ask(library, "What is a guest?").quoted_from is None


def test_quoted_answer_is_shown_below_one_that_cites_nothing_of_it(
    connect: Callable[..., Library], chat_server: ChatServer
) -> None:
    chat_server.script.tokens = ["Rinse the hull with fresh water first."]
    answer = ask(connect(), "What is a guest?")
    assert answer.text == (
        "Rinse the hull with fresh water first. [1]\n\n"
        "From the documents:\n\nA guest is a person who is invited by a member. [2]"
    )


def test_code_is_quoted_unchanged_below_code_that_the_model_left_open(
    connect: Callable[..., Library], chat_server: ChatServer
) -> None:
    chat_server.script.tokens = ["```\n", "Rinse the hull with fresh water first."]
    answer = ask(connect(), "How do I clean a boat?")
    assert answer.quoted_from is not None
    written, quoted = answer.text[: answer.quoted_from], answer.text[answer.quoted_from :]
    assert written.count("```") == 2
    assert "Then dry it with a towel. [" in quoted
    assert "```\nboat log --clean names[1]\n``` [" in quoted


def test_computed_value_is_shown_below_an_answer_that_cites_no_row_of_it(
    connect: Callable[..., Library], chat_server: ChatServer
) -> None:
    chat_server.script.tokens = ["A guest is a person who is invited by a member."]
    answer = ask(connect(), "Which boat has the highest fee?")
    assert answer.quoted_from is not None
    assert "31" in answer.text[answer.quoted_from :]
    assert "Quad" in answer.citations[-1].sentence


def test_refusal_of_the_model_stays_a_refusal(
    connect: Callable[..., Library], chat_server: ChatServer
) -> None:
    chat_server.script.tokens = ["The documents do not say."]
    answer = ask(connect(), WAYS)
    assert (answer.text, answer.refused) == ("The documents do not say.", True)


def test_item_that_is_cited_from_a_copy_of_the_list_is_not_quoted_again(
    connect: Callable[..., Library], chat_server: ChatServer
) -> None:
    copied = HANDBOOK.replace("rowing club", "sailing club")
    chat_server.script.answer = cite(ALL_WAYS, *ITEMS)  # all of the second copy
    answer = ask(connect(texts={"a__md": HANDBOOK, "b__md": copied}), WAYS)
    assert answer.text == f"{ALL_WAYS}. [1] [2] [3]"


GUIDE = "# Club guide {year}\n\n## Fees\n\nMembers pay {fee} euros a year.\n"
GUIDES = {
    "guide-2023__md": GUIDE.format(year=2023, fee=120),
    "guide-2024__md": GUIDE.format(year=2024, fee=140),
}
OLD, NEW = "Members pay 120 euros a year.", "Members pay 140 euros a year."


@pytest.mark.parametrize("cited", [(OLD,), (OLD, NEW)])
def test_documents_that_differ_are_quoted_below_what_the_model_wrote(
    connect: Callable[..., Library], chat_server: ChatServer, cited: tuple[str, ...]
) -> None:
    chat_server.script.answer = cite("Members pay 120 euros a year", *cited)
    answer = ask(connect(texts=GUIDES), "How much do members pay a year?")
    [difference] = answer.differences
    assert (difference.kind, len(chat_server.script.requests)) == ("number", 1)
    said = {each.number: each.sentence for each in answer.citations}
    assert [[said[n] for n in side.citations] for side in difference.sides] == [[NEW], [OLD]]
    assert [side.edition for side in difference.sides] == ["2024", "2023"]
    quoted = answer.text[answer.quoted_from :]
    assert quoted.startswith("From the documents:\n\nThe documents differ.\n\n")
    assert quoted.index(NEW) < quoted.index(OLD)  # the newest first, both with their citations
    assert len(answer.citations) == 2


def test_refusal_of_a_model_has_no_differences(
    connect: Callable[..., Library], chat_server: ChatServer
) -> None:
    chat_server.script.tokens = ["The documents do not answer this question."]
    answer = ask(connect(texts=GUIDES), "How much do members pay a year?")
    assert answer.refused
    assert answer.differences == ()
