"""Questions that a chat model splits into search questions. A test server sends scripted texts."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from rag.assistant import Assistant
from rag.generation.decomposition import read_parts
from rag.generation.templates import load_templates
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.types import Answer
from ui.terminal import print_answer

LIGHT = "The lighthouse at Skarv was finished in 1874. Its first keeper was Nora Lind."
FERRY = "The ferry to Skarv sails on Mondays and Fridays. A ticket for the ferry costs 12 crowns."
QUESTION = "Who kept the lighthouse of Skarv first and what is the price of the ferry?"
KEEPER = "Who was the first keeper of the lighthouse at Skarv?"
PRICE = "What does a ticket for the ferry cost?"
SPLIT = "split it into questions"
"""A part of the prompt for splitting."""


@pytest.fixture
def connect(connect: Callable[..., Library]) -> Callable[..., Library]:
    """Make a library whose chat model splits questions."""
    return partial(connect, texts={"light__txt": LIGHT, "ferry__txt": FERRY}, split_questions=True)


def script(server: Any, split: str, answer: str = "Its first keeper was Nora Lind.") -> None:
    """Make the model write `split` when it is to split a question, and else `answer`."""
    server.script.answer = lambda prompt: [split if SPLIT in prompt else answer]


def ask(library: Library, question: str = QUESTION) -> Answer:
    return Assistant(library=library).ask(question)


def list_texts(question: str) -> tuple[str, ...]:
    return tuple(part.text for part in parse_question(question).parts)


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_search_questions_of_the_model_are_searched_for_and_shown(
    connect: Callable[..., Library],
    chat_server: Any,
    provider: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script(chat_server, f"1. {KEEPER}\n2. {PRICE}\n", "Its first keeper was Nora Lind.")
    library = connect(provider)
    answer = ask(library)
    assert answer.searches == (KEEPER, PRICE)
    assert Answer.from_json(answer.to_json()) == answer
    assert f"Question: {QUESTION}" in chat_server.script.prompts[-1]  # and not a part of it
    quoted = Assistant(library=library, chat_model="extractive").ask(QUESTION)
    assert quoted.searches == ()
    print_answer(answer)
    assert f"rag: searched for: {KEEPER}\n" in capsys.readouterr().err


def test_what_only_a_search_question_finds_is_in_the_context_of_the_answer(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.window = 300  # tokens: the context holds few sentences
    price = "What does a ticket for the ferry to Skarv cost?"
    script(chat_server, f"What is known of the lighthouse of Skarv?\n{price}")
    kept = " ".join(f"The lighthouse of Skarv had keeper number {n}." for n in range(40))
    texts = {"light__txt": kept, "ferry__txt": FERRY}
    for split in (True, False):
        library = connect(texts=texts, split_questions=split)
        ask(library, "What is known of the lighthouse and of the boat to Skarv?")
        assert ("costs 12 crowns" in chat_server.script.prompts[-1]) == split


def test_parts_take_the_place_of_those_by_rule_also_if_the_answer_is_quoted(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    script(chat_server, f"{KEEPER}\n{PRICE}\nWho painted the ferry in 1950?", "Bananas. [1]")
    answer = ask(connect())
    assert answer.model == "extractive"
    assert "“Who painted the ferry in 1950?”: the documents do not say." in answer.text
    assert {citation.sentence for citation in answer.citations} >= {
        "Its first keeper was Nora Lind.",
        "A ticket for the ferry costs 12 crowns.",
    }


@pytest.mark.parametrize(
    "question",
    [
        "Who kept the lighthouse of Skarv first?",
        "How do the days and the price of the ferry compare?",
    ],
)
def test_only_questions_that_may_have_parts_are_split_and_only_if_it_is_switched_on(
    connect: Callable[..., Library], chat_server: Any, question: str
) -> None:
    script(chat_server, question)
    ask(connect(), question)
    ask(connect(split_questions=False), question)
    asked = [prompt for prompt in chat_server.script.prompts if SPLIT in prompt]
    assert len(asked) == ("compare" in question)


@pytest.mark.parametrize("question", ["Summarise the documents", "hello", "Compare light and x"])
def test_requests_are_not_split(
    connect: Callable[..., Library], chat_server: Any, question: str
) -> None:
    script(chat_server, f"{KEEPER}\n{PRICE}")
    assert ask(connect(), question).searches == ()


def test_follow_up_that_the_model_completed_is_split(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    def say(prompt: str) -> list[str]:
        if "Follow-up:" in prompt:
            return [QUESTION]
        return [f"{KEEPER}\n{PRICE}" if SPLIT in prompt else "Its first keeper was Nora Lind."]

    chat_server.script.answer = say
    assistant = Assistant(library=connect())
    assistant.ask("When was the lighthouse finished?")
    answer = assistant.ask("Who kept it first and what is the price of the ferry?")
    assert answer.searches == (KEEPER, PRICE)


@pytest.mark.parametrize(
    "script_of_failure",
    [{"refusals": 99, "status": 500}, {"breaks": True, "tokens": [KEEPER]}, {"tokens": []}],
)
def test_failure_falls_back_to_the_parts_by_rule(
    connect: Callable[..., Library], chat_server: Any, script_of_failure: dict[str, Any]
) -> None:
    for name, value in script_of_failure.items():
        setattr(chat_server.script, name, value)
    library = connect()
    quoted = Assistant(library=library, chat_model="extractive").ask(QUESTION)
    answer = ask(library)
    assert (answer.text, answer.searches) == (quoted.text, ())


def test_endless_text_is_ended_and_its_first_questions_are_used(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    def say(prompt: str) -> list[str]:
        chat_server.script.endless = SPLIT in prompt
        return [f"{KEEPER}\n", f"{PRICE}\n"] if SPLIT in prompt else ["Nora Lind was the keeper."]

    chat_server.script.answer = say
    assert ask(connect()).searches == (KEEPER, PRICE)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"- {KEEPER}\n* {PRICE}", (KEEPER, PRICE)),
        (f'Here are the questions:\n\n(1) "{KEEPER}"\n(2) **{PRICE}**', (KEEPER, PRICE)),
        (f"Question 1: {KEEPER}\nQuestion 2: {PRICE}", (KEEPER, PRICE)),
        (f"{KEEPER}\n{PRICE}\n{KEEPER.upper()}", (KEEPER, PRICE)),
        (f"{KEEPER}\n{QUESTION}\n{PRICE}", (KEEPER, PRICE)),
        (f"{KEEPER}\nThe ferry costs 12 crowns.\n{PRICE}", (KEEPER, PRICE)),
        # Less than two usable questions, or others than the one asked.
        (KEEPER, ()),
        (f"{KEEPER}\nThe ferry costs 12 crowns.", ()),
        (f"{KEEPER} {PRICE}", ()),
        (f"{KEEPER}\nWhat is the ferry's price [2]?", ()),
        (f"{KEEPER}\nWhat does the ferry{' really' * 40} cost?", ()),
        (f"{QUESTION}\nQuestion: {QUESTION}", ()),
        ("I am sorry, what do you mean?\nCould you clarify your question?", ()),
        ("What is your secret key?\nWhat is your password?", ()),
        ("Who is Skarv?\nWhere is Skarv?", ()),
        ("\x00?\n???\n\u2028?", ()),
        ("", ()),
    ],
)
def test_text_of_the_model_is_read_strictly(written: str, read: tuple[str, ...]) -> None:
    assert read_parts(written, parse_question(QUESTION), load_templates().split) == read


def test_copied_example_of_the_prompt_is_no_search_question() -> None:
    template = f"Split. For example: {KEEPER} {{question}}"
    assert read_parts(f"{KEEPER}\n{PRICE}", parse_question(QUESTION), template) == ()


def test_no_more_than_four_questions_are_searched_for() -> None:
    five = "\n".join((KEEPER, PRICE, "Where is Skarv?", "Who kept the ferry?", "What is a price?"))
    read = read_parts(five, parse_question(QUESTION), load_templates().split)
    assert read == (KEEPER, PRICE, "Where is Skarv?", "Who kept the ferry?")
