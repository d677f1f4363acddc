from collections.abc import Callable

import pytest

from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.followups import resolve_question
from rag.questions.parse import guess_language, parse_question
from rag.retrieval.short_answers import choose_span
from rag.types import Answer, Turn

MakeLibrary = Callable[..., Library]

GERMAN = (
    "Die Sternwarte von Altenburg wurde am 4. Mai 1911 eröffnet. Ihr erster Leiter war Otto "
    "Brandt. Das große Fernrohr wiegt 12 Tonnen. Im Jahr 1943 wurde die Sternwarte geschlossen, "
    "weil die Kuppel von einem Sturm zerstört worden war."
)
FRENCH = (
    "Le phare de Kermor a été construit en 1872 par l'ingénieur Paul Guérin. Sa lumière porte à 40 "
    "kilomètres. Le gardien habite dans la tour avec sa famille. Le phare fut éteint en 1916 parce "
    "que des sous-marins croisaient devant la côte."
)
SPANISH = (
    "El mercado de Valdora se inauguró el 7 de junio de 1905. La arquitecta Carmen Ruiz dirigió "
    "las obras. El edificio tiene 64 puestos de fruta y verdura. Se cerró en 1980 porque el tejado "
    "estaba en mal estado."
)
ENGLISH = "The mill at Barrow was built in 1790 by Tom Hale. It ground wheat for nine villages."


@pytest.fixture
def library(make_library: MakeLibrary) -> Library:
    return make_library(
        sternwarte__txt=GERMAN, phare__txt=FRENCH, mercado__txt=SPANISH, mill__txt=ENGLISH
    )


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Wann wurde die Sternwarte eröffnet?", "4. Mai 1911"),
        ("Wer war der erste Leiter der Sternwarte?", "Otto Brandt"),
        ("Warum wurde die Sternwarte geschlossen?", "Sturm"),
        ("Qui a construit le phare de Kermor ?", "Paul Guérin"),
        ("Pourquoi le phare a-t-il été éteint ?", "sous-marins"),
        ("¿Quién dirigió las obras del mercado?", "Carmen Ruiz"),
        ("¿Cuántos puestos tiene el edificio del mercado?", "64"),
        ("Who built the mill at Barrow?", "Tom Hale"),
    ],
)
def test_documents_of_several_languages_answer_in_one_index(
    library: Library, question: str, told: str
) -> None:
    answer = Assistant(library=library).ask(question)
    assert not answer.refused
    assert told in answer.text


@pytest.mark.parametrize(
    ("question", "refusal"),
    [
        ("Wer ist der Präsident von Brasilien?", "Die Dokumente sagen dazu nichts."),
        ("Qui est le président du Brésil ?", "Les documents ne le disent pas."),
        ("¿Quién es el presidente de Brasil?", "Los documentos no lo dicen."),
    ],
)
def test_a_refusal_is_in_the_language_of_the_question(
    library: Library, question: str, refusal: str
) -> None:
    answer = Assistant(library=library).ask(question)
    assert answer.refused
    assert answer.text.startswith(refusal)


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("Wer hat die Brücke gebaut?", "de", "person"),
        ("In welchem Jahr wurde sie eröffnet?", "de", "date"),
        ("Wie viele Menschen wohnen dort?", "de", "number"),
        ("Où se trouve le pont ?", "fr", "place"),
        ("Pourquoi est-il tombé ?", "fr", "reason"),
        ("Combien de personnes habitent ici ?", "fr", "number"),
        ("¿Dónde está el puente?", "es", "place"),
        ("¿Por qué se cayó?", "es", "reason"),
        ("¿En qué año se abrió?", "es", "date"),
        ("Where is the bridge?", "en", "place"),
        ("Berlin", "en", "other"),
    ],
)
def test_the_language_of_a_question_is_recognised(text: str, language: str, kind: str) -> None:
    assert guess_language(text) == language
    assert parse_question(text).kind == kind


@pytest.mark.parametrize(
    ("question", "sentence", "short"),
    [
        ("Wann wurde sie eröffnet?", "Sie wurde am 3. Mai 1911 eröffnet.", "3. Mai 1911"),
        ("Wer leitete sie?", "Ihr Leiter war Otto Brandt.", "Otto Brandt"),
        ("Pourquoi ?", "Il est tombé parce que le vent soufflait.", "parce que le vent soufflait"),
        ("¿Cuándo se abrió?", "Se abrió el 7 de junio de 1905.", "7 de junio de 1905"),
        ("Wie viele Jahre dauert sie?", "Sie dauert höchstens zwei Jahre.", "zwei Jahre"),
        ("Wie viele stimmten zu?", "Es stimmten drei Viertel zu.", "drei Viertel"),
        ("Combien de temps dure-t-il ?", "Il dure deux ans au plus.", "deux ans"),
        ("¿Cuántos días son?", "Son quince días hábiles.", "quince días"),
    ],
)
def test_the_short_answer_is_found_by_the_words_of_the_language(
    question: str, sentence: str, short: str
) -> None:
    span = choose_span(parse_question(question), sentence)
    assert span is not None
    assert sentence[slice(*span)] == short


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("Wer leitete die Sternwarte?", "Und warum wurde sie geschlossen?"),
        ("Wer leitete die Sternwarte?", "Warum?"),
        ("Qui a construit le phare ?", "Et pourquoi ?"),
        ("¿Quién dirigió las obras?", "¿Y cuándo?"),
    ],
)
def test_follow_ups_are_recognised_in_each_language(before: str, question: str) -> None:
    turn = Turn(before, before, Answer(before, "X. [1]", refused=False, model="m"))
    assert resolve_question(parse_question(question), [turn]).text == f"{before} {question}"
