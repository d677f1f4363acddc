"""Questions that name a document by a word of its path ask that document."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import Question, parse_question
from rag.retrieval.named import ask_named

TOWNS = {
    "rules_Aldmoor__md": "# By-laws\n\nAldmoor is a town.\n\nThe fine for a false alarm is 10"
    " euros.\n\nDogs must be on a leash in the market.\n",
    "rules_Brack__md": "# By-laws\n\nPeople moved to Brack early.\n\nA false alarm is charged with"
    " 25 euros.\n\nShops close at nine.\n",
    "rules_Corrie__md": "# By-laws\n\nThey call it Corrie.\n\nWhoever causes a false alarm pays 40"
    " euros as a fine.\n",
}


@pytest.fixture
def towns(make_library: Callable[..., Library]) -> Library:
    return make_library(**TOWNS)


def read(library: Library, text: str) -> tuple[Question, list[str]]:
    """Return what is asked, and the names of the documents that it is limited to."""
    with library.snapshot() as snapshot:
        asked = ask_named(parse_question(text), snapshot, None)
    return asked, [PurePosixPath(path).stem for path in asked.within]


@pytest.mark.parametrize(
    ("question", "fine"),
    [
        ("What is the fine for a false alarm in Aldmoor?", "10 euros"),
        ("What is the fine for a false alarm in Brack?", "25 euros"),
        ("what's the fine for a false alarm in brack", "25 euros"),
        ("In Corrie, what is the fine for a false alarm?", "40 euros"),
    ],
)
def test_the_document_with_the_name_answers(towns: Library, question: str, fine: str) -> None:
    answer = Assistant(library=towns).ask(question)
    assert fine in answer.text
    assert len({citation.document for citation in answer.citations}) == 1


def test_a_follow_up_may_name_another_document(towns: Library) -> None:
    assistant = Assistant(library=towns)
    assert "10 euros" in assistant.ask("What is the fine for a false alarm in Aldmoor?").text
    assert "25 euros" in assistant.ask("And in Brack?").text


def test_a_name_that_only_says_where_is_left_out(towns: Library) -> None:
    asked, within = read(towns, "Must dogs be on a leash in Aldmoor?")
    assert (asked.text, within) == ("Must dogs be on a leash ?", ["rules_Aldmoor"])
    asked, within = read(towns, "Was kostet ein falscher Alarm in Brack?")
    assert (asked.text, within) == ("Was kostet ein falscher Alarm ?", ["rules_Brack"])


@pytest.mark.parametrize(
    "question",
    [
        "What is the fine for a false alarm?",
        "Is the fine higher in Aldmoor than in Brack?",  # no document is both
        "Which rules are there in Evora?",
        "What are the Aldmoor Ferry rules?",
        "What is the fine at the Aldmoor of Norway?",
        "Was kostet ein Alarm in der Aldmoor?",
        "What is the fine for a false alarm in Aldmoor and Brack?",
        "How do I travel from Aldmoor to Brack?",
        "What is the fine of the Brack council in Aldmoor?",
        "What is done in Aldmoor Castle?",  # another place
        "What do rules say of dogs?",  # a word of all paths
    ],
)
def test_other_questions_stay_as_they_are(towns: Library, question: str) -> None:
    asked, within = read(towns, question)
    assert (asked, within) == (parse_question(question), [])


def test_a_word_in_small_letters_is_a_name_only_where_documents_write_it_so(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(
        market__md="# A\n\nDogs stay out of the market.\n", b__md="# B\n\nShops close at nine.\n"
    )
    assert read(library, "Are dogs allowed in the market?")[1] == []


def test_a_document_of_another_place_does_not_answer(towns: Library) -> None:
    assert Assistant(library=towns).ask("When do shops close in Aldmoor?").refused
    assert not Assistant(library=towns).ask("When do shops close?").refused


def test_a_document_that_tells_of_the_place_may_answer(
    make_library: Callable[..., Library],
) -> None:
    ferry = "# Ferries\n\nThe ferry leaves Aldmoor at seven in the morning.\n"
    answer = Assistant(library=make_library(**TOWNS, ferry__md=ferry)).ask(
        "When does the ferry in Aldmoor leave?"
    )
    assert "at seven" in answer.text


def test_the_named_document_need_not_hold_its_name(make_library: Callable[..., Library]) -> None:
    library = make_library(
        kubernetes__md="# Cluster\n\nPods restart by themselves.\n",
        limits__md="# Limits\n\nThe memory limit in Kubernetes is 512 MB.\n",
        b__md="# Other\n\nCoffee is free.\n",
    )
    answer = Assistant(library=library).ask("What is the memory limit in Kubernetes?")
    assert "512 MB" in answer.text


def test_more_about_a_place_repeats_nothing(towns: Library) -> None:
    question = replace(
        parse_question("What else is the fine in Aldmoor?"), told=(("a.md", 3),), near=("a.md",)
    )
    with towns.snapshot() as snapshot:
        asked = ask_named(question, snapshot, None)
    assert asked.within
    assert (asked.told, asked.near) == (question.told, question.near)


def test_only_chosen_documents_are_looked_at(towns: Library) -> None:
    with towns.snapshot() as snapshot:
        question = parse_question("What is the fine in Aldmoor?")
        others = [r.path for r in snapshot.documents if "Aldmoor" not in r.path]
        assert ask_named(question, snapshot, others) == question
