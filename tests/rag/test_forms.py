"""The form of the answer that a question asks for."""

import pytest

from rag.questions.forms import Form
from rag.questions.parse import parse_question


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("which proposals got pushed back to the next year?", "list"),
        ("Which star ship characters are pilots?", "list"),
        ("In which situations is mounting better?", "list"),
        ("What was accepted in May? all of them please", "list"),
        ("all the things that the police can get about me", "list"),
        ("what do colleges have to report every year", "list"),
        ("Welche körperlich schweren Arbeiten sind verboten?", "list"),
        ("In welchen Fällen muss der Betrieb das tun?", "list"),
        ("Was sind die Voraussetzungen für Geld?", "list"),
        ("Wer muss da alles unterschreiben?", "list"),
        ("What must I put into a notice?", "list"),
        ("what do we have to bring to the camp", "list"),
        ("Was muss ich zum Termin mitbringen?", "list"),
        ("Que dois-je joindre à la demande ?", "list"),
        ("¿Qué tengo que presentar en la oficina?", "list"),
        ("What percentage of the houses had no alarm in 2009?", "other"),
        ("Which network broadcasts the games?", "other"),
        ("What is the status of the boats?", "other"),
        ("What if I miss two meetings?", "other"),
        ("Welche Frist gilt hier?", "other"),
    ],
)
def test_a_list_is_told_from_other_forms(question: str, form: Form) -> None:
    assert parse_question(question).form == form
