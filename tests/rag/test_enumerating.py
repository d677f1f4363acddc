"""Questions for all things of a kind are answered from all documents."""

from collections.abc import Callable
from pathlib import PurePosixPath

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.holding import MOST_HOLDING, find_holding
from rag.types import Answer

APPROVED = {
    "2021-01": "The board approved the grant for the school garden.",
    "2021-03": "The grant for a second flagpole was discussed and approved.",
    "2021-06": "The board approved the grant of the chess club after a short debate.",
    "2021-09": "A grant for the skate park was approved on condition that it opens in May.",
    "2022-02": "The grant for new hymn books was approved without debate.",
}
OTHERS = {
    "2021-11": "The board rejected the grant for a hot-air balloon.",
    "2022-03": "The grant of the rowing club will be discussed in April.",
}
ITEMS = (
    "The minutes of the last meeting were read.",
    "The treasurer reported on the accounts.",
    "The roof of the hall is being repaired.",
    "The next meeting is in four weeks.",
)


def write_minutes() -> dict[str, str]:
    """Return one document for each month: what was said of grants, among other items."""
    minutes = {}
    for number, (month, sentence) in enumerate(sorted({**APPROVED, **OTHERS}.items())):
        items = [*ITEMS]
        items.insert(number % 4, sentence)
        lines = "".join(f"- {item}\n" for item in items)
        minutes[f"{month}__md"] = f"# Minutes of {month}\n\n{lines}"
    return minutes


def name_documents(answer: Answer) -> list[str]:
    return [PurePosixPath(citation.document).name for citation in answer.citations]


@pytest.fixture
def library(make_library: Callable[..., Library]) -> Library:
    return make_library(**write_minutes())


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("Which grants were approved?", "Found: 5 sentences (documents: 5)."),
        ("list all the grants that were approved", "Found: 5 sentences (documents: 5)."),
        ("How many grants were approved?", "Found: 5 sentences (documents: 5)."),
    ],
)
def test_what_is_told_here_and_there_is_found_everywhere(
    library: Library, question: str, start: str
) -> None:
    answer = Assistant(library=library).ask(question)
    assert answer.text.startswith(start)
    assert [citation.sentence for citation in answer.citations] == [*APPROVED.values()]
    assert all(f"\n- {citation.sentence}" in answer.text for citation in answer.citations)


def test_it_is_said_in_the_language_of_the_question(make_library: Callable[..., Library]) -> None:
    library = make_library(
        januar__md="# Januar\n\nDer Vorstand hat den Antrag auf ein Zelt abgelehnt.\n",
        mai__md="# Mai\n\nDer Antrag auf eine Fahne wurde abgelehnt.\n",
        juni__md="# Juni\n\nDer Antrag auf ein Boot wurde angenommen.\n",
    )
    answer = Assistant(library=library).ask("Welche Anträge wurden abgelehnt?")
    assert answer.text.startswith("Gefunden: 2 Sätze (Dokumente: 2).")
    assert name_documents(answer) == ["januar.md", "mai.md"]


def test_only_the_chosen_documents_are_gone_through(library: Library) -> None:
    names = ("2021-01.md", "2021-03.md", "2021-11.md")
    chosen = [d.path for d in library.documents() if d.path.endswith(names)]
    answer = Assistant(library=library).ask("Which grants were approved?", chosen)
    assert name_documents(answer) == ["2021-01.md", "2021-03.md"]


def test_a_list_that_is_announced_is_quoted_instead(make_library: Callable[..., Library]) -> None:
    library = make_library(
        rules__md="# Grants\n\nThese grants were approved:\n\n- a garden\n- a flagpole\n- books\n",
        news__md="# News\n\nIn May, two more grants were approved by the mayor.\n",
    )
    text = Assistant(library=library).ask("Which grants were approved?").text
    assert "- a garden" in text
    assert "- books" in text
    assert not text.startswith("Found")


def test_sentences_that_hold_the_words_are_no_answer_if_the_reader_prefers_a_list(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(
        start__md="# Create a project by importing data\n\nProjects begin with your data.\n\n"
        "From these sources, you can load any of the following file formats:\n\n"
        "- comma-separated values (CSV)\n- Excel spreadsheet (XLS or XLSX)\n- MARC\n- XML\n",
        types__md="# Exploring\n\n## Data types\n\n"
        "Some file formats, when imported, can set data types that are recognised.\n",
        names__md="# Names\n\nAfter the import, the name of the file and the type of its first"
        " column are shown in the tab.\n",
    )
    answer = Assistant(library=library).ask("Which file types can I import?")
    assert not answer.text.startswith("Found")


def test_words_in_the_headings_count_but_not_alone(make_library: Callable[..., Library]) -> None:
    library = make_library(
        chess__md="# Chess club\n\n## Grants\n\nA clock was approved. A hall was refused.\n",
        choir__md="# Choir\n\nThe grants of the choir were approved.\n",
        grants__md="# Grants approved\n\nThe sun shines.\n",
    )
    question = parse_question("Which grants of the chess club were approved?")
    with library.snapshot() as snapshot:
        assert [*map(int, find_holding(snapshot, question))] == []
    question = parse_question("Which clock grants were approved?")
    with library.snapshot() as snapshot:
        (row,) = find_holding(snapshot, question)
        assert snapshot.sentence(int(row)).text == "A clock was approved."


def test_words_that_many_sentences_share_find_none(make_library: Callable[..., Library]) -> None:
    told = "".join(f"The grant for plot {number} was approved. " for number in range(MOST_HOLDING))
    library = make_library(all__txt=told)
    question = parse_question("Which grants were approved?")
    with library.snapshot() as snapshot:
        assert len(find_holding(snapshot, question)) == MOST_HOLDING
    library = make_library(all__txt=f"{told} The grant for a lake was approved.")
    with library.snapshot() as snapshot:
        assert not len(find_holding(snapshot, question))


def test_everyone_who_did_something_is_found(make_library: Callable[..., Library]) -> None:
    library = make_library(
        may__md="# May\n\nThe budget was passed. Ann Lee abstained.\n",
        june__md="# June\n\nThe new roof was passed. Bo Park and Cy Roe abstained.\n",
        july__md="# July\n\nThe boats were sold. Nobody spoke.\n",
    )
    answer = Assistant(library=library).ask("List everyone who abstained.")
    assert name_documents(answer) == ["june.md", "may.md"]


def test_a_table_below_a_heading_that_asks_the_same_is_quoted(
    make_library: Callable[..., Library],
) -> None:
    rows = "| Boat | Fee |\n| --- | --- |\n| Skiff | 12 euros |\n| Double | 19 euros |\n"
    library = make_library(fees__md=f"# Fees\n\n## What is the fee for a skiff?\n\n{rows}")
    assert "12 euros" in Assistant(library=library).ask("What is the fee for a skiff?").text
