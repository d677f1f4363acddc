"""The date or version of a document."""

from collections.abc import Callable

import pytest

from rag.answers.editions import are_ordered, find_edition
from rag.library.library import Library


@pytest.mark.parametrize(
    ("name", "title", "label"),
    [
        ("handbook-2024.md", "Handbook", "2024"),
        ("minutes_20240305.txt", "Minutes", "2024-03-05"),
        ("a.md", "Rules, version 2.1", "version 2.1"),
        ("rules v3.pdf", "Rules", "v3"),
        ("a.md", "Protokoll vom 5. März 2024", "5. März 2024"),
        ("2023/rules.md", "Rules", "2023"),
        ("x200.md", "X200 manual", ""),
        ("room 2000 seats.md", "Rooms", "2000"),
    ],
)
def test_name_and_title_tell_the_edition(name: str, title: str, label: str) -> None:
    edition = find_edition(None, name, title)
    assert (edition.label if edition else "") == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("---\ntitle: Rules\ndate: 2024-03-05\n---\n\nNo dogs.", "2024-03-05"),
        ("# Rules\n\n**Stand:** 5. Mai 2024\n\nKeine Hunde.", "5. Mai 2024"),
        ("# Rules\n\nLast updated on 3 March 2024.\n\nNo dogs.", "3 March 2024"),
        ("# Rules\n\nVersion 2.1\n\nNo dogs.", "Version 2.1"),
        ("# Rules\n\nThe house was built on 3 March 1824.\n\nNo dogs.", ""),
    ],
)
def test_the_first_lines_tell_the_edition(
    make_library: Callable[..., Library], text: str, label: str
) -> None:
    library = make_library(rules__md=text)
    with library.snapshot() as snapshot:
        (record,) = snapshot.documents
        edition = find_edition(snapshot, record.path, record.title)
    assert (edition.label if edition else "") == label


def test_dates_and_versions_have_no_common_order() -> None:
    dated, numbered = find_edition(None, "a-2024.md", "A"), find_edition(None, "a v2.md", "A")
    assert are_ordered([dated, dated])
    assert not are_ordered([dated, numbered])
    assert not are_ordered([dated, None])
