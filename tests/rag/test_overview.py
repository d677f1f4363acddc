"""Overviews of documents: quoted, and in the documents' language."""

from pathlib import Path
from typing import Any

from rag.library.library import Library
from rag.overview import Overview, make_overview

GERMAN = """# Protokoll

Dieses Protokoll hält die Beschlüsse der Sitzung vom 3. März 2021 im Rathaus fest.

## Anwesende

Petra Lehmann leitet die Sitzung. Für die Kasse spricht Petra Lehmann ebenfalls an diesem Abend.

## Beschlüsse

Das Dach wird bis 2024 erneuert. Die 1500 Euro kommen aus der Rücklage.
"""


def overview_of(library: Library, name: str) -> Overview:
    with library.snapshot() as snapshot:
        record = next(r for r in snapshot.documents if r.path.endswith(name))
        overview = make_overview(snapshot, record)
        document = snapshot.document(record.path)
    assert document is not None
    for number, quote in enumerate(overview.quotes, 1):
        citation = quote.citation
        assert citation.number == number
        assert document.text[citation.start : citation.end] == citation.sentence
    return overview


def texts(quotes: Any) -> list[str]:
    return [quote.text for quote in quotes]


def test_an_overview_quotes_what_a_document_says_of_itself(seeds: Library) -> None:
    overview = overview_of(seeds, "briefing.md")
    assert overview.about[0].text.startswith("State of affairs on the evening")
    assert "What the replies say" in texts(overview.parts)
    assert texts(overview.dates) == ["Wednesday, 26 January 2022"]
    assert "Alexei Chepa" in texts(overview.names)
    people = texts(overview_of(seeds, "who-is-who.html").names)
    assert {"Antony Blinken", "Vitali Klitschko"} <= set(people)


def test_an_overview_of_a_german_document(make_library: Any) -> None:
    overview = overview_of(make_library(a__md=GERMAN), "a.md")
    assert overview.about[0].text.startswith("Dieses Protokoll")
    assert texts(overview.parts) == ["Anwesende", "Beschlüsse"]
    assert texts(overview.dates)[0] == "3. März 2021"
    assert "1500" not in texts(overview.dates)
    assert texts(overview.names) == ["Petra Lehmann"]


def test_a_document_that_says_little_has_a_short_overview(make_library: Any) -> None:
    overview = overview_of(make_library(a__txt="Hello."), "a.txt")
    assert overview.quotes == ()
    assert Path(overview.document).name == "a.txt"
