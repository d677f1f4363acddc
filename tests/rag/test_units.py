"""Lists, steps, code, table rows and short sections are quoted completely."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rag.answers.units import UnitFinder
from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.evidence import make_evidence
from rag.retrieval.hybrid import HybridRetriever
from rag.types import NO_SIGNALS

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


def test_list_is_quoted_completely_with_its_introduction(
    make_library: Callable[..., Library],
) -> None:
    [text] = ask(make_library, "In which ways can members book a boat?")
    assert text.splitlines() == [
        "Members can book a boat in the following ways: [1]",
        "- through the form on the website [2]",
        "- by calling the boat keeper [3]",
        "- in person at the boathouse [4]",
    ]


def test_steps_are_quoted_completely_and_code_stays_in_a_code_block(
    make_library: Callable[..., Library],
) -> None:
    [text] = ask(make_library, "How do I clean a boat?")
    assert "Rinse the hull" in text
    assert "Then dry it" in text
    assert "```\nboat log --clean\n``` [" in text


def test_table_row_is_quoted_with_the_names_of_its_columns(
    make_library: Callable[..., Library],
) -> None:
    [text] = ask(make_library, "What is the fee for a double?")
    assert "Boat: Double | Fee a day: 19 euros [" in text


def test_single_fact_is_quoted_as_one_sentence(make_library: Callable[..., Library]) -> None:
    [text] = ask(make_library, "What is a guest?")
    assert text == "A guest is a person who is invited by a member. [1]"


def test_follow_up_question_finds_the_row_of_another_item(
    make_library: Callable[..., Library],
) -> None:
    _, text = ask(make_library, "What is the fee for a Double?", "And for a Skiff?")
    assert "Boat: Skiff | Fee a day: 12 euros" in text.splitlines()[0]


def test_short_section_is_quoted_completely(make_library: Callable[..., Library]) -> None:
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


TWO_SECTIONS = """# Club

## Boats

The club owns a boathouse.

## Keys

Each member gets a key. The keeper hands it out. A lost key costs 20 euros.
"""


FAQ = """# Questions about the archive

## Why is copying a tape slow on old drives?

By default, the copier compares the label of every block.
An old drive does not keep stable labels.
So each block is read again.
One way to avoid this is a drive with fixed labels.
Another is to switch the comparison off.

## Who may open the vault?

The archivist and the fire brigade.
"""


@pytest.mark.parametrize(
    ("question", "last"),
    [
        ("Why are old drives slow at copying a tape?", "Another is to switch the comparison off."),
        ("Does an old drive keep stable labels?", "An old drive does not keep stable labels."),
    ],
)
def test_answer_below_a_heading_that_asks_the_same_question_is_quoted_completely(
    make_library: Callable[..., Library], question: str, last: str
) -> None:
    answer = Assistant(library=make_library(faq__md=FAQ)).ask(question)
    sentences = [citation.sentence for citation in answer.citations]
    assert sentences[-1] == last
    assert len(sentences) == (5 if last.startswith("Another") else 1)


def test_section_with_several_likely_sentences_comes_first(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(club__md=TWO_SECTIONS)
    likelihoods = {
        "The club owns a boathouse.": 0.5,
        "Each member gets a key.": 0.45,
        "The keeper hands it out.": 0.45,
        "A lost key costs 20 euros.": 0.45,
    }
    with library.snapshot() as snapshot:
        stored = [
            snapshot.sentence(row) for row in snapshot.sentences_of(snapshot.documents[0].path)
        ]
        evidence = [
            replace(make_evidence(each, NO_SIGNALS), score=likelihoods.get(each.text, 0.0))
            for each in stored
        ]
        units = UnitFinder(snapshot).find(parse_question("Who has one?"), evidence)
    assert units[0].sentences[0].headings[-1] == "Keys"
    assert units[0].score == pytest.approx(0.5)  # refusals depend on the highest likelihood


def test_long_procedure_is_quoted_to_its_last_step(
    make_library: Callable[..., Library],
) -> None:
    steps = [f"Then turn wheel number {number} of the crane once." for number in range(1, 16)]
    text = "# Crane\n\n## Lowering a boat\n\n" + "\n\n".join(steps) + "\n\n## Fees\n\nFive euros.\n"
    answer = Assistant(library=make_library(crane__md=text)).ask("How do I lower a boat?")
    assert [citation.sentence for citation in answer.citations] == steps


def test_search_returns_the_items_of_the_best_list_together(
    make_library: Callable[..., Library],
) -> None:
    items = ("rope", "oar", "lamp", "flag", "drum", "sail", "knot", "wax", "hook", "bell", "cup")
    kit = "# Kit\n\nA boat must carry:\n\n" + "\n".join(f"- {item}" for item in items)
    talk = [f"Guest {number} asked what a boat must carry by law." for number in range(9)]
    library = make_library(kit__md=kit, talk__md="\n\n".join(talk))

    found = Assistant(library=library).search("What must a boat carry?", k=12)

    assert {item.sentence for item in found} == {"A boat must carry:", *items}
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def test_search_gathers_no_list_that_is_longer_than_the_count(
    make_library: Callable[..., Library],
) -> None:
    likelihoods = {"by calling the boat keeper": 0.9, "Then dry it with a towel.": 0.5}
    with make_library(handbook__md=HANDBOOK).snapshot() as snapshot:
        [record] = snapshot.documents
        stored = [snapshot.sentence(row) for row in snapshot.sentences_of(record.path)]
        evidence = [
            replace(make_evidence(each, NO_SIGNALS), score=likelihoods[each.text])
            for each in stored
            if each.text in likelihoods
        ]
        finder, question = UnitFinder(snapshot), parse_question("In which ways can I book a boat?")
        few, more = (finder.gather(question, evidence, count) for count in (3, 4))
    assert [item.sentence for item in few] == [*likelihoods]
    assert {item.headings[-1] for item in more} == {"Booking a boat"}
    assert [item.score for item in more] == [0.9] * 4


def test_a_definition_need_not_stand_in_a_section_of_likely_sentences(
    make_library: Callable[..., Library],
) -> None:
    text = (
        "# Slack time\n\nSlack time is when a crew waits.\n\n## Use\n\nIt is used to learn.\n\n"
        "Some of it goes into repairs.\n\nThe keeper plans it.\n"
    )
    scores = {"Slack": 0.9, "It": 0.8, "Some": 0.8, "The": 0.8}
    with make_library(slack__md=text).snapshot() as snapshot:
        [record] = snapshot.documents
        stored = [snapshot.sentence(row) for row in snapshot.sentences_of(record.path)]
        evidence = [
            replace(make_evidence(each, NO_SIGNALS), score=scores[each.text.split()[0]])
            for each in stored
            if each.role == "statement"
        ]
        finder = UnitFinder(snapshot)
        first = [
            finder.find(parse_question(question), evidence)[0].best.readable
            for question in ("slack time meaning", "How is slack time used?")
        ]
    assert first == ["Slack time is when a crew waits.", "It is used to learn."]


LEAVE = """# Leave

Below are the regions that pay leave.

## Northland

Northland pays up to eight weeks after a birth, and two for care.

## Eastland

Eastland pays up to twelve weeks after a birth.

# Notices

Leave is announced to the office in writing.
"""
SCALES = """# Asking patients

A form may use one of these scales.

| Scale | Meaning |
| ----- | ------- |
| Line scale | A line on which patients mark a place |
| Word scale | Words of which patients choose one |
| Face scale | Faces of which patients choose one |

Patients fill in the form at home.
"""
WELCOME = """# First weeks

Your folder holds a list of people to meet in the first weeks.

- The keeper shows you the boats.
- The treasurer takes your fee.

Bring warm clothes.
"""


@pytest.mark.parametrize(
    ("text", "question", "quoted"),
    [
        (
            LEAVE,
            "Which regions are there that pay leave?",
            ["Below are the regions that pay leave.", "Northland", "Eastland"],
        ),
        (
            SCALES,
            "What kinds of scales can patients mark?",
            ["| Line scale", "| Word scale", "| Face scale"],
        ),
        (
            WELCOME,
            "Who am I going to meet in the first weeks?",
            ["Your folder holds", "The keeper", "The treasurer"],
        ),
    ],
)
def test_what_a_sentence_announces_and_a_short_table_are_quoted_whole(
    make_library: Callable[..., Library], text: str, question: str, quoted: list[str]
) -> None:
    answer = Assistant(library=make_library(text__md=text)).ask(question)
    for citation in answer.citations:
        assert text[citation.start : citation.end] == citation.sentence
    sentences = [f"| {c.sentence}" if " | " in c.sentence else c.sentence for c in answer.citations]
    for beginning in quoted:
        assert any(sentence.startswith(beginning) for sentence in sentences), sentences
    assert not any("Notices" in sentence or "warm" in sentence for sentence in sentences)


def test_headings_that_are_announced_are_shown_as_a_list(
    make_library: Callable[..., Library],
) -> None:
    answer = Assistant(library=make_library(leave__md=LEAVE)).ask(
        "Which regions are there that pay leave?"
    )
    assert answer.text.startswith(
        "Below are the regions that pay leave. [1]\n- Northland [2]\n- Eastland [3]"
    )
    assert {citation.heading for citation in answer.citations} == {"Leave"}


def test_a_list_is_preferred_where_one_is_asked_for(make_library: Callable[..., Library]) -> None:
    text = (
        "# Duties\n\nThe lead keeper has duties on all boats and keeps the duties of others.\n\n"
        "Lead keepers are responsible for:\n\n- checking the ropes\n- locking the pier\n"
    )
    library = make_library(duties__md=text)
    with library.snapshot() as snapshot:
        (record,) = snapshot.documents
        evidence = [
            replace(make_evidence(snapshot.sentence(row), NO_SIGNALS), score=0.2)
            for row in snapshot.sentences_of(record.path)
        ]
        evidence = [replace(e, score=0.3) if "others" in e.sentence else e for e in evidence]
        finder = UnitFinder(snapshot)
        listed = finder.find(parse_question("What are all duties of the lead keeper?"), evidence)
        other = finder.find(parse_question("Does the lead keeper keep the duties?"), evidence)
    assert listed[0].kind == "list"
    assert other[0].kind == "text"
    assert listed[0].score == other[0].score


def test_a_heading_that_only_names_the_subject_asks_another_question(
    make_library: Callable[..., Library],
) -> None:
    text = """# Boats

## What is a skiff?

A skiff is a small boat.
It was first built in Norway.
It has no keel.
Its oars are three metres long.
Its hull is painted with white varnish.
"""
    answer = Assistant(library=make_library(boats__md=text)).ask("Which varnish has a skiff hull?")
    assert "white varnish" in answer.text
    assert "Norway" not in answer.text


def test_no_sentence_is_found_twice(make_library: Callable[..., Library]) -> None:
    # Of fourteen sentences that match, the last are also neighbours of the first.
    boats = "\n".join(f"- The boat {number} has a red sail." for number in range(14))
    library = make_library(boats__md=f"# Boats\n\nThese boats are here:\n\n{boats}\n")
    with library.snapshot() as snapshot:
        retriever = HybridRetriever(snapshot, library.models.encoder(snapshot))
        found = retriever.find_evidence(parse_question("Which boat has a red sail?"), 20)
    rows = [item.row for item in found]
    assert len(rows) == len(set(rows)) > 14


@pytest.mark.parametrize(
    "marks",
    [("A)", "B)", "C)"), ("1°", "2°", "3°"), ("I.", "II.", "III."), ("I -", "II -", "III -")],
)
def test_a_list_of_a_law_is_quoted_whole_with_its_own_marks(
    make_library: Callable[..., Library], marks: tuple[str, str, str]
) -> None:
    tests = ("a test of the rules of the road;", "a test of the eyes;", "a drive of one hour.")
    lines = [f"{mark} {test}" for mark, test in zip(marks, tests, strict=True)]
    law = "\n\n".join(["# Licences", "An applicant for a licence must pass:", *lines])
    answer = Assistant(library=make_library(law__md=f"{law}\n\nThe fee is 80 euros.\n")).ask(
        "What must an applicant for a licence pass?"
    )
    shown = [line.rsplit(" [", 1)[0] for line in answer.text.splitlines()]
    assert shown == ["An applicant for a licence must pass:", *lines]


def test_of_nested_lists_the_one_that_is_announced_is_quoted(
    make_library: Callable[..., Library],
) -> None:
    law = (
        "# Licences\n\nOn licences:\n\n(1) A licence is valid for ten years.\n\n"
        "(2) An applicant for a licence must pass these tests:\n\n(a) a test of the rules;\n\n"
        "(b) a test of the eyes.\n\n(3) Nobody may lend a licence to others.\n"
    )
    answer = Assistant(library=make_library(law__md=law)).ask(
        "Which tests are there that an applicant for a licence must pass?"
    )
    assert [citation.sentence for citation in answer.citations] == [
        "(2) An applicant for a licence must pass these tests:",
        "(a) a test of the rules;",
        "(b) a test of the eyes.",
    ]
