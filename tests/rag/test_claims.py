"""The check of claims: rules, clauses, quantities, and figures on labelled pairs."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.claims import (
    ADVERSARIAL,
    find_unsupported,
    is_accepted,
    measure_labelled,
    read_labelled,
    read_pairs,
)
from index import Encoder, ModelUnavailableError, load_words
from rag.claims import SUPPORT, Source, check_claim, entailment
from rag.claims.clauses import split_clauses
from rag.claims.names import find_names
from rag.claims.rules import find_certain_fault
from rag.quantities import find_quantities, find_unmatched
from rag.reader import load_network

SENTENCE = (
    "In 1874 the engineer Nora Lind finished the lighthouse at Skarv, which cost 5,000 crowns."
)


def near(claim: str, texts: Sequence[str]) -> float:
    return 0.7


@pytest.mark.parametrize(
    ("claim", "fault"),
    [
        ("Nora Lind finished the lighthouse in 1874.", None),
        ("The lighthouse at Skarv cost 5000 crowns.", None),
        ("Nora Lind finished the lighthouse in 1875.", "number"),
        ("The lighthouse cost six crowns.", "number"),
        ("The engineer Ole Lind finished the lighthouse.", "name"),
        ("The engineer finished the lighthouse at Bergen.", "name"),
        ("Nora Lind did not finish the lighthouse.", "negation"),
        ("The lighthouse never cost 5,000 crowns.", "negation"),
    ],
)
def test_numbers_names_and_negations_are_compared_with_the_source(
    claim: str, fault: str | None
) -> None:
    source = Source(SENTENCE, title="Lighthouses")
    assert find_certain_fault(claim, [source]) == fault
    assert check_claim(claim, [source], near).fault == fault


@pytest.mark.parametrize(
    ("source", "claim", "fault"),
    [
        ("The council approved the plan.", "The council rejected the plan.", "opposite"),
        ("The drug may cause rashes.", "The drug causes rashes.", "hedge"),
        ("Some of the bridges are closed.", "All bridges are closed.", "quantity"),
        ("It rained and the train was late.", "The train was late because it rained.", "cause"),
        ("Ann Meyer hired Bob Keller.", "Bob Keller hired Ann Meyer.", "roles"),
        (
            "The mill opened in 1902 and burned down in 1954.",
            "The mill burned down in 1902.",
            None,  # left to the model: both clauses are about the mill
        ),
        (
            "The school was founded in 1902, and the chapel was built in 1954.",
            "The chapel was built in 1902.",
            "time",
        ),
        ("She found his map.", "He found the map.", None),
        ("She found the map.", "He found the map.", "pronoun"),
        ("Ann sold the mill to Bob.", "Bob bought the mill from Ann.", None),
        ("The committee did not approve it.", "The committee rejected it.", None),
        ("Bob Keller was hired by Ann Meyer.", "Ann Meyer hired Bob Keller.", None),
    ],
)
def test_rules_find_the_kind_of_fault(source: str, claim: str, fault: str | None) -> None:
    assert find_certain_fault(claim, [Source(source)]) == fault


@pytest.mark.parametrize(
    ("claimed", "said", "agree"),
    [
        ("eighty men", "8 men", False),
        ("eight men", "8 men", True),
        ("a dose of 500 mg", "a dose of 0.5 g", True),
        ("5 g", "5 mg", False),
        ("10 km", "10 miles", False),
        ("6.2 miles", "10 km", True),
        ("three million euros", "\u20ac3 million", True),
        ("4 billion euros", "4 million euros", False),
        ("14 days", "two weeks", True),
        ("36 minutes", "36 hours", False),
        ("91 %", "91 percent", True),
        ("more than 2,000", "2,300", True),
        ("about 100", "96", True),
        ("in the 1980s", "in 1985", True),
        ("eighteen seventy-four", "1874", True),
        ("the 1st", "the first", True),
    ],
)
def test_quantities_are_compared_with_unit_and_magnitude(
    claimed: str, said: str, agree: bool
) -> None:
    unmatched = find_unmatched(find_quantities(claimed), find_quantities(said))
    assert (not unmatched) == agree


def test_number_words_of_other_languages_are_read() -> None:
    assert not find_unmatched(find_quantities("300 Leute"), find_quantities("dreihundert", "de"))


def test_claim_is_split_into_clauses() -> None:
    claim = "The tunnel is closed, and repairs will cost 2 million euros."
    clauses = split_clauses(claim)
    assert [claim[c.start : c.end] for c in clauses] == [
        "The tunnel is closed",
        "and repairs will cost 2 million euros.",
    ]
    assert len(split_clauses("The museum shows coins, maps and letters.")) == 1


def test_wrong_clause_is_reported_as_contradicted() -> None:
    source = Source("The tunnel is closed, and the repairs will cost 2 million euros.")
    claim = "The tunnel is closed, and the repairs will cost 9 million euros."
    verdict = check_claim(claim, [source], near)
    assert [clause.outcome for clause in verdict.clauses] == ["supported", "contradicted"]
    assert (verdict.fault, verdict.outcome) == ("number", "contradicted")


def test_claim_on_another_topic_is_not_supported() -> None:
    claim = "Seabirds breed on the island in spring."
    verdict = check_claim(claim, [Source(SENTENCE)], near)
    assert verdict.fault == "meaning"
    assert [clause.outcome for clause in verdict.clauses] != ["supported"]


@pytest.mark.parametrize(
    ("claim", "supported"),
    [
        ("In 1874.", True),
        ("In 1931.", False),
        ("This is certain.", False),
        ("The moon is green.", False),
        ("The", False),
        ("Yes.", False),
    ],
)
def test_claim_must_share_a_word_or_a_number_with_its_source(claim: str, supported: bool) -> None:
    source = Source("The lighthouse at Skarv was finished in 1874.")
    assert check_claim(claim, [source], near).supported is supported


def test_claims_in_other_languages_are_checked_by_words_and_meaning() -> None:
    source = Source("Der Leuchtturm wurde 1874 von Nora Lind gebaut.")
    told = check_claim("Nora Lind baute 1874 den Leuchtturm.", [source], near, "de")
    other = check_claim("Er war sehr hell.", [source], lambda *_: 0.1, "de")
    assert (told.supported, other.fault) == (True, "meaning")


def test_the_check_is_stricter_the_more_support_it_needs() -> None:
    honest = [pair for pair in read_labelled(ADVERSARIAL) if pair.supported][:24]
    passed = [
        sum(check_claim(p.claim, p.sources, near, support=support).supported for p in honest)
        for support in (0.01, SUPPORT, 0.99)
    ]
    assert passed[0] > passed[1] > passed[2]
    source = Source("Der Leuchtturm wurde 1874 von Nora Lind gebaut.")
    claims = (
        "Nora Lind baute 1874 den Leuchtturm.",
        "Der Leuchtturm wurde 1874 von Nora Lind gebaut.",
    )
    strict = [check_claim(c, [source], near, "de", support=0.99).supported for c in claims]
    assert strict == [False, True]  # a copy passes however strict the check is


def test_pronoun_in_the_source_can_mean_a_name_from_the_context() -> None:
    source = Source("She kept goats.", before="Nora Lind came in May.", title="Skarv")
    assert find_certain_fault("Nora Lind kept goats.", [source]) is None
    assert find_certain_fault("Nora Lind kept goats in Skarv.", [source]) is None
    assert find_certain_fault("Ole Vik kept goats.", [source]) == "name"


def test_negation_that_the_source_contains_is_supported() -> None:
    source = Source("The lamp did not burn oil.")
    assert find_certain_fault("The lamp did not burn oil.", [source]) is None
    assert find_certain_fault("The lamp did burn oil.", [source]) == "negation"


def test_names_are_found() -> None:
    assert find_names("The engineer Nora Lind met Ole.") == ["Nora", "Lind", "Ole"]
    assert find_names("Goats eat grass.") == []


def test_changed_weights_are_not_loaded(tmp_path: Path) -> None:
    weights = tmp_path / "weights.onnx"
    weights.write_bytes(entailment.WEIGHTS.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelUnavailableError, match="damaged or changed"):
        load_network(weights, entailment._SHA256, load_words())


def test_labelled_pairs_are_classified_well_enough(encoder: Encoder) -> None:
    pairs = read_pairs()
    assert sum(pair.kind == "true" for pair in pairs) >= 200
    assert len(pairs) >= 400
    found = find_unsupported(pairs, encoder)
    marked: dict[str, list[bool]] = {}
    for pair, mark in zip(pairs, found, strict=True):
        marked.setdefault(pair.kind, []).append(mark)
    shares = {kind: sum(marks) / len(marks) for kind, marks in marked.items()}
    assert shares["true"] <= 0.1
    assert shares["number"] >= 0.95
    # These sources have no title and no sentence before them, so a name may be told elsewhere.
    assert shares["name"] >= 0.75
    assert shares["negation"] >= 0.95
    assert shares["other source"] >= 0.95


def test_file_of_claims_is_measured(encoder: Encoder, tmp_path: Path) -> None:
    rows = [
        {
            "source": "The lamp burned oil.",
            "claim": "The lamp did not burn oil.",
            "supported": False,
        },
        {
            "source": ["She kept goats.", "They ate grass."],
            "before": "Nora Lind came in May.",
            "claim": "Nora Lind kept goats.",
            "supported": True,
        },
        {"source": "The lamp burned oil.", "claim": "The lamp burned oil.", "supported": False},
    ]
    file = tmp_path / "claims.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    assert measure_labelled(read_labelled(file), encoder) == {"caught": 0.5, "passed": 1.0}
    file.write_text('{"source": "A."}\n', "utf-8")
    with pytest.raises(ValueError, match=r"claims\.jsonl, line 1"):
        read_labelled(file)


def test_most_adversarial_claims_are_caught_and_most_paraphrases_pass(encoder: Encoder) -> None:
    pairs = read_labelled(ADVERSARIAL)
    right = {
        label: [is_accepted(pair, encoder) == label for pair in pairs if pair.supported == label]
        for label in (True, False)
    }
    assert min(len(each) for each in right.values()) >= 60
    assert sum(right[False]) >= 0.8 * len(right[False])
    assert sum(right[True]) >= 0.8 * len(right[True])
