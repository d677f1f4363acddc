from dataclasses import replace

import pytest

from rag.retrieval.duplicates import fold_duplicates, group_copies
from rag.types import Evidence
from tests.evidence import EVIDENCE


def make(text: str, document: str = "a.txt", start: int = 0) -> Evidence:
    return replace(EVIDENCE, sentence=text, readable=text, document=document, start=start)


def test_copies_in_one_document_are_folded() -> None:
    evidence = [make("The gate is shut."), make("It rains."), make("the  gate is shut", start=50)]
    assert fold_duplicates(evidence) == evidence[:2]


def test_one_copy_in_another_document_confirms_and_more_are_folded() -> None:
    evidence = [make("The gate is shut.", f"{name}.txt") for name in "abcd"]
    assert [item.document for item in fold_duplicates(evidence)] == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    "other",
    [
        "The gate is open.",
        "The gate of 7 metres is shut by 9 guards at night, and the keys are kept in the tower.",
    ],
)
def test_sentences_that_differ_in_a_word_or_number_are_kept(other: str) -> None:
    one = make("The gate is shut.")
    if "7" in other:
        one = make(other.replace("7", "8"))
    assert len(fold_duplicates([one, make(other, start=90)])) == 2


LONG = (
    "The members of the rowing club who have paid their fee may {}use the sauna on the upper floor "
    "of the old boathouse beside the lake until {} o'clock in {} each year, together with guests."
)


@pytest.mark.parametrize(
    "other", [("not ", "nine", "May"), ("", "ten", "May"), ("", "nine", "April")]
)
def test_long_sentences_that_differ_in_one_telling_word_are_no_copies(
    other: tuple[str, ...],
) -> None:
    one, two = make(LONG.format("", "nine", "May")), make(LONG.format(*other), "b.txt")
    assert len(group_copies([one, two])) == 2
    assert len(group_copies([one, replace(one, document="b.txt")])) == 1


def test_copies_are_grouped_behind_the_first() -> None:
    one, two, copy = make("The gate is shut."), make("It rains."), make("The gate is shut.", "b")
    assert group_copies([one, two, copy]) == [[one, copy], [two]]
