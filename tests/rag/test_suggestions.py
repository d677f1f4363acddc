"""Suggested questions: in the documents' language, from questions, lists and headings."""

from collections.abc import Callable

from rag.assistant import Assistant
from rag.library.library import Library
from rag.suggestions import suggest_questions

MakeLibrary = Callable[..., Library]

GERMAN = """# Handbuch der Kaffeemaschine

Dieses Handbuch beschreibt die Kaffeemaschine KM 200 der Firma Röster und ihre Pflege im Büro.

## Entkalken

Das Entkalken dauert eine halbe Stunde und ist alle zwei Monate nötig.

## Erste Inbetriebnahme

So nehmen Sie die Maschine in Betrieb:

1. Füllen Sie den Wassertank bis zur Markierung.
2. Schalten Sie die Maschine am roten Schalter ein.
3. Warten Sie, bis die Lampe grün leuchtet.

## Häufige Fragen

Wie oft muss der Wasserfilter gewechselt werden?

Der Wasserfilter wird alle drei Monate gewechselt, bei hartem Wasser alle sechs Wochen.
"""
SPANISH = """Preguntas sobre el museo

¿Cuándo abre el museo de Tarn?

El museo de Tarn abre todos los días a las diez de la mañana, excepto los lunes.

¿Cuánto cuesta la entrada?

La entrada cuesta ocho euros para los adultos y es gratuita para los niños.
"""
ENGLISH = """# Rules of the mill

The mill at Tarn has been open to visitors for many years, and school classes come often.

## Opening hours

The mill is open from Tuesday to Saturday, from nine in the morning until five.

## Private rooms

## Things to bring

Every visitor has to bring the following things:

- a pair of flat shoes without heels
- a jacket, because the cellar is cold in summer
"""


def test_paragraphs_of_a_statute_are_no_steps(make_library: MakeLibrary) -> None:
    paragraphs = "\n\n".join(
        f"({letter}) {text}"
        for letter, text in (
            ("a", "Members pay a fee of sixty euros each year."),
            ("b", "Students pay half of this fee if they show a card."),
            ("c", "The fee of a member who leaves is not paid back."),
        )
    )
    library = make_library(statute__md=f"# Statute\n\n## Fees of members\n\n{paragraphs}\n")
    questions = suggest_questions(library)
    assert not any("steps" in question for question in questions)


def test_questions_are_in_the_language_of_the_document(make_library: MakeLibrary) -> None:
    library = make_library(a__md=GERMAN, b__txt=SPANISH)
    suggestions = suggest_questions(library, 6)
    assert "Wie oft muss der Wasserfilter gewechselt werden?" in suggestions
    assert "¿Cuándo abre el museo de Tarn?" in suggestions
    assert "Welche Schritte nennt „Erste Inbetriebnahme“?" in suggestions
    assert "Was wird zu „Entkalken“ gesagt?" in suggestions
    assert not [each for each in suggestions if each.startswith("What")]


def test_the_documents_own_questions_come_first(make_library: MakeLibrary) -> None:
    first = suggest_questions(make_library(a__md=GERMAN, b__txt=SPANISH), 3)
    assert all("„" not in each for each in first)
    assert len({each[0] == "¿" for each in first}) == 2  # of both documents


def test_questions_are_made_of_lists_and_headings_with_text(make_library: MakeLibrary) -> None:
    suggestions = suggest_questions(make_library(a__md=ENGLISH), 9)
    assert "What is listed under “Things to bring”?" in suggestions
    assert "What is said about “Opening hours”?" in suggestions
    assert not [each for each in suggestions if "Private rooms" in each or "Rules" in each]


def test_each_answer_is_from_the_place_that_the_question_was_made_of(
    make_library: MakeLibrary,
) -> None:
    library = make_library(a__md=ENGLISH)
    answer = Assistant(library=library).ask("What is listed under “Things to bring”?")
    assert any("flat shoes" in citation.sentence for citation in answer.citations)
    heading = "# Report\n\n## Bananas\n\nThe council met on Monday and spoke about the new road."
    other = "Bananas are yellow. A banana is said to be good, and bananas grow in Ecuador."
    (library.store.parent / "documents" / "b.md").write_text(heading)
    (library.store.parent / "documents" / "c.txt").write_text(other)
    library.update([library.store.parent / "documents"])
    assert "What is said about “Bananas”?" not in suggest_questions(
        library, 9, {r.path for r in library.documents() if r.path.endswith("b.md")}
    )
