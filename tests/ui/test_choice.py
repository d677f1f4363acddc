"""The ticks of the list of documents decide which documents are asked."""

import json

import pytest

from ui.state.choice import ALL, Choice, read_choice

PATHS = ("a.md", "b.md", "c.md")


@pytest.mark.parametrize(
    ("everything", "exceptions", "expected"),
    [
        (True, [], None),
        (True, ["b.md"], ("a.md", "c.md")),
        (True, ["gone.md"], None),
        (False, ["b.md"], ("b.md",)),
        (False, ["c.md", "b.md", "a.md"], None),  # each one was ticked by itself
        (False, [], ()),
        (True, list(PATHS), ()),
    ],
)
def test_ticked_documents_are_selected(
    everything: bool, exceptions: list[str], expected: tuple[str, ...] | None
) -> None:
    sent = json.dumps({"everything": everything, "exceptions": exceptions})
    assert read_choice(sent).select(PATHS) == expected


def test_no_documents_are_no_limit() -> None:
    assert read_choice(ALL).select(()) is None


@pytest.mark.parametrize(
    "sent", ["", "{", "[]", "null", None, 7, '{"exceptions": 3}', '{"everything": false}']
)
def test_what_is_no_choice_stands_for_all_documents(sent: object) -> None:
    assert read_choice(sent) == Choice()
