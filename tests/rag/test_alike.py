"""Follow-ups that name another modifier: "and a double one?"."""

from functools import partial

import pytest

from index import Encoder
from rag.questions.alike import replace_modifier
from rag.retrieval.readings import compare_texts


@pytest.mark.parametrize(
    ("before", "fragment", "language", "expected"),
    [
        (
            "How much can an incubating project get per year?",
            "a graduated one",
            "en",
            "How much can a graduated project get per year?",
        ),
        ("When do silver members pay?", "gold ones", "en", "When do gold members pay?"),
        (
            "Who approves an annual leave request?",
            "a sick leave one",
            "en",
            "Who approves a sick leave request?",
        ),
        ("Was kostet ein kleines Boot?", "ein großes", "de", "Was kostet ein großes Boot?"),
        ("Was kostet ein kleines Boot?", "ein Floß", "de", None),  # another thing
        ("What does a single room cost?", "breakfast", "en", None),
        ("What does it cost?", "a double one", "en", None),  # no thing with a modifier
    ],
)
def test_a_modifier_replaces_the_one_most_like_it(
    encoder: Encoder, before: str, fragment: str, language: str, expected: str | None
) -> None:
    likeness = partial(compare_texts, encoder)
    assert replace_modifier(before, fragment, language, likeness) == expected
