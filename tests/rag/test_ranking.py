from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.reader.model import date_title, entitle
from rag.retrieval.ranking import (
    FEATURES,
    WEIGHTS,
    describe_evidence,
    mark_foreign,
    miss_names,
    rank_evidence,
)
from tests.evidence import EVIDENCE

MakeLibrary = Callable[..., Library]


def test_every_feature_has_a_weight_and_is_finite(seeds: Library) -> None:
    question = "Who is the German defence minister?"
    found = Assistant(library=seeds).search(question, 20)
    table = describe_evidence(parse_question(question), found)
    assert table.shape == (len(found), len(FEATURES)) == (len(found), len(WEIGHTS))
    assert np.isfinite(table).all()


def test_quoted_words_are_matched_literally(make_library: MakeLibrary) -> None:
    library = make_library(
        a__txt="The council called the plan a step forward. The plan costs two million.",
        b__txt="The mayor called the plan a leap in the dark. The plan needs a vote.",
    )
    found = Assistant(library=library).search("Who called the plan “a leap in the dark”?")
    assert "leap in the dark" in found[0].sentence
    found = Assistant(library=library).search("Who called the plan “a step forward”?")
    assert "step forward" in found[0].sentence


@pytest.mark.parametrize(
    ("question", "names"),
    [("Who built the mill at Barrow?", 1.0), ("Who built the mill at Norton?", 0.0)],
)
def test_a_name_that_the_passage_lacks_is_a_feature(
    make_library: MakeLibrary, question: str, names: float
) -> None:
    library = make_library(mill__txt="The mill at Barrow was built by Tom Hale.")
    [found] = Assistant(library=library).search(question)
    [row] = describe_evidence(parse_question(question), [found])
    assert row[FEATURES.index("names_missed")] == 1 - names


@pytest.mark.parametrize(
    ("document", "title", "dated"),
    [
        ("notes/charter_1819.md", "Chambers", "Chambers (1819)"),
        ("1819/charter.md", "Chambers", "Chambers (1819)"),
        ("2020/report-2019.md", "Report", "Report (2019)"),
        ("charter_1819.md", "The charter of 1819", "The charter of 1819"),
        ("1819/notes/charter.md", "Chambers", "Chambers"),
        ("charter_18190.md", "Chambers", "Chambers"),
    ],
)
def test_a_year_that_only_the_path_has_is_part_of_the_dated_title(
    document: str, title: str, dated: str
) -> None:
    item = replace(EVIDENCE, document=document, title=title)
    assert date_title(item) == entitle(item) == dated
    missed = miss_names(parse_question("Who sat there in 1819?"), item)
    assert missed == (0.0 if "1819" in dated else 1.0)


def test_the_items_of_a_list_are_nearly_as_near_as_what_announces_it(
    make_library: MakeLibrary,
) -> None:
    library = make_library(
        fees__md="# House\n\nThe house stands at the lake.\n\nThe members pay these fees:\n\n"
        "- Bronze\n- Silver\n\nThe colours of the boats:\n\n- red\n"
    )
    found = Assistant(library=library).search("What fees do the members pay?", 20)
    dense = {item.readable: item.signals.dense for item in found}
    assert dense["Bronze"] == pytest.approx(0.9 * dense["The members pay these fees:"])
    assert dense["red"] < dense["Silver"] == dense["Bronze"]


def test_the_year_of_a_file_name_is_no_missing_year(make_library: MakeLibrary) -> None:
    library = make_library(
        **{
            "charter_1819.md": "# Chambers\n\n## Deputies\n\nA deputy has to be twenty-six years"
            " old. He is elected for four years.\n\n## Senators\n\nA senator has to be thirty"
            " years old. He is elected for twelve years.\n",
            "statute_1976.md": "# Junta\n\n## Governors\n\nThe president appoints the governors."
            " A governor has to be an officer.\n\n## Laws\n\nThe commission reads a law twice.\n",
        }
    )
    answer = Assistant(library=library).ask("How old did a deputy have to be in 1819?")
    assert answer.citations[0].sentence == "A deputy has to be twenty-six years old."
    assert Assistant(library=library).ask("How old did a deputy have to be in 1976?").refused


@pytest.mark.parametrize(
    ("language", "second", "carried"),
    [
        ("en", "It was built in 1874.", True),
        ("de", "Er wurde 1874 gebaut.", True),
        ("de", "Dieser wurde 1874 gebaut.", True),
        ("fr", "Elle fut construite en 1874.", True),
        ("fr", "C'est là que le gardien vit.", True),
        ("es", "También se construyó un faro.", True),
        ("de", "Therme und Turm sind von 1874.", False),
        ("it", "So che fu costruito nel 1874.", False),
    ],
)
def test_a_sentence_that_points_back_is_as_likely_as_the_one_before(
    language: str, second: str, *, carried: bool
) -> None:
    around = ("Skarv 1874.", second)
    likely = replace(EVIDENCE.signals, read=6.0, dense=0.9, lexical=0.9, passage_covered=1.0)
    unlikely = replace(likely, read=-6.0, dense=0.0, lexical=0.0)
    evidence = [
        replace(EVIDENCE, readable=text, around=around, position=n, signals=signals)
        for n, (text, signals) in enumerate(zip(around, (likely, unlikely), strict=True))
    ]
    evidence = [replace(item, language=language) for item in evidence]
    first, other = rank_evidence(parse_question("Skarv?"), evidence)
    assert first.position == 0
    assert (other.score >= 0.5 * first.score) is carried


@pytest.mark.parametrize(
    ("question", "language", "covered", "foreign"),
    [
        ("Who may use the boat?", "de", 0.0, True),
        ("Who may use the boat?", "en", 0.0, False),
        ("Wer darf das Boot benutzen?", "de", 0.0, False),
        ("Che cosa fa il custode?", "it", 0.8, False),  # taken for another language
    ],
)
def test_evidence_is_foreign_if_the_question_is_in_another_language(
    question: str, language: str, covered: float, *, foreign: bool
) -> None:
    signals = replace(EVIDENCE.signals, passage_covered=covered)
    item = replace(EVIDENCE, language=language, signals=signals)
    (marked,) = mark_foreign(parse_question(question), [item])
    assert marked.signals.foreign is foreign


def test_foreign_evidence_need_not_share_words_and_names_with_the_question() -> None:
    asked = parse_question("Who may use the boat in Gothenburg on Sundays?")
    text = "Sonntags dürfen in Göteborg nur Mitglieder das Boot benutzen."
    item = replace(EVIDENCE, readable=text, around=(text,), language="de")
    (marked,) = mark_foreign(asked, [item])
    assert miss_names(asked, item) == 1
    assert miss_names(asked, marked) == 0
    assert miss_names(parse_question("Who came to Gothenburg in 1874?"), marked) == 1
    assert rank_evidence(asked, [marked])[0].score > rank_evidence(asked, [item])[0].score


def test_what_is_far_by_meaning_is_less_likely_in_a_multilingual_index() -> None:
    near = replace(EVIDENCE.signals, dense=0.6, passage_dense=0.6)
    far = replace(near, dense=0.5, passage_dense=0.4)
    items = [replace(EVIDENCE, row=row, signals=each) for row, each in enumerate((near, far))]
    gaps = []
    for multilingual in (False, True):
        first, second = rank_evidence(parse_question("Skarv?"), items, multilingual=multilingual)
        assert first.row == 0
        gaps.append(first.signals.logit - second.signals.logit)
    assert gaps[1] == pytest.approx(gaps[0] + 5 * 0.1 + 5 * 0.2)
