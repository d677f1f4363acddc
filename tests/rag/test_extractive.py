"""Which sentences an answer quotes, and when it is a refusal."""

from collections.abc import Callable
from dataclasses import replace

from rag.answers.choosing import MAX_SENTENCES, choose_units
from rag.answers.extractive import ExtractiveAnswerer
from rag.answers.quoting import do_differ
from rag.answers.units import make_units
from rag.assistant import Assistant
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.types import Evidence
from tests.evidence import EVIDENCE


def make(text: str, score: float, document: str = "a.txt", start: int = 0) -> Evidence:
    end = start + len(text)
    read = 2.0 if score >= 0.1 else -6.0
    return replace(
        EVIDENCE,
        around=("One.", "Two."),
        sentence=text,
        readable=text,
        score=score,
        signals=replace(EVIDENCE.signals, read=read),
        document=document,
        start=start,
        end=end,
    )


def choose(evidence: list[Evidence], question: str = "What is it?") -> list[Evidence]:
    chosen = choose_units(parse_question(question), make_units(evidence))
    return [unit.best for unit in chosen]


def test_sentence_with_a_high_likelihood_is_quoted_alone() -> None:
    evidence = [make("Sure.", 0.95), make("Other.", 0.3, start=50)]
    assert [item.readable for item in choose(evidence)] == ["Sure."]


def test_up_to_three_less_likely_sentences_are_quoted_in_reading_order() -> None:
    evidence = [make(f"S{n}.", 0.4 - n / 100, start=100 - 10 * n) for n in range(5)]
    answer = ExtractiveAnswerer().quote(parse_question("What is it?"), evidence)
    assert answer.text == "S2. [1] S1. [2] S0. [3]"
    assert len(answer.citations) == MAX_SENTENCES


def test_question_for_several_things_gets_several_sentences() -> None:
    evidence = [make("Red and blue.", 0.95), make("Green too.", 0.5, start=50)]
    assert len(choose(evidence)) == 1
    assert len(choose(evidence, "Which colours are there?")) == 2


def test_identical_sentences_of_two_documents_are_quoted_once_with_both_citations() -> None:
    evidence = [make("It is 5.", 0.95), make("It is 5.", 0.95, "b.txt")]
    answer = ExtractiveAnswerer().quote(parse_question("How many?"), evidence)
    assert answer.text == "It is 5. [1] [2]"
    assert [citation.document for citation in answer.citations] == ["a.txt", "b.txt"]


def test_short_answer_is_the_span_that_the_reader_found() -> None:
    text = "It is made of iron, and of wood."
    item = replace(make(text, 0.95), span=(14, 18))
    answer = ExtractiveAnswerer().quote(parse_question("What is it made of?"), [item])
    [(start, end)] = answer.emphasis
    assert answer.text[start:end] == "iron"
    assert ExtractiveAnswerer().quote(parse_question("Is it made of iron?"), [item]).emphasis == ()


def test_second_document_with_the_same_answer_is_cited() -> None:
    evidence = [make("It is 5.", 0.95), make("It is five.", 0.9, "b.txt")]
    assert [item.document for item in choose(evidence)] == ["a.txt", "b.txt"]


def test_repeated_sentence_of_one_document_is_cited_once() -> None:
    evidence = [make("It is 5.", 0.5), make("It is 5.", 0.5, start=90), make("No.", 0.05, start=9)]
    assert len(choose(evidence)) == 1


def test_what_repeats_the_short_answer_in_its_document_is_not_quoted() -> None:
    first = replace(make("Ada Holm is the mayor.", 0.8), span=(0, 8))
    again = replace(make("Mayor | Ada Holm", 0.7, start=50), span=(8, 16))
    other = make("She was elected in May.", 0.6, start=90)
    assert choose([first, again, other]) == [first]
    assert choose([first, other]) == [first, other]
    assert choose([first, replace(again, span=None), other]) == [first, replace(again, span=None)]


def test_unlikely_best_sentence_leads_to_a_refusal_with_the_closest_passages() -> None:
    evidence = [make("Far.", 0.02), make("Farther.", 0.01, start=40)]
    answer = ExtractiveAnswerer().quote(parse_question("What is it?"), evidence)
    assert answer.refused
    assert answer.text == "The documents do not say."
    assert answer.citations == ()
    assert [citation.sentence for citation in answer.closest] == ["Far.", "Farther."]
    assert ExtractiveAnswerer().quote(parse_question("What is it?"), []).refused


def test_brackets_in_a_document_are_not_citations() -> None:
    answer = ExtractiveAnswerer().quote(
        parse_question("How long is it?"), [make("It is 9 m long [3].", 0.9)]
    )
    assert answer.text == "It is 9 m long (3). [1]"
    assert [answer.text[slice(*span)] for span in answer.emphasis] == ["9 m"]


def test_deltas_add_up_to_the_answer() -> None:
    evidence = [make("It is 9 m long and wide.", 0.9)]
    deltas = list(ExtractiveAnswerer().write(parse_question("How long is it?"), evidence))
    assert len(deltas) > 3
    assert deltas[-1].answer is not None
    assert "".join(delta.text for delta in deltas) == deltas[-1].answer.text


def test_contradicting_documents_are_both_quoted_with_a_remark(
    make_library: Callable[..., Library],
) -> None:
    library = make_library(
        old__txt="The bridge of Arden is 120 metres long. It is made of stone.",
        new__txt="The bridge of Arden is 140 metres long. It was widened.",
        same__txt="The tower of Bela is 1,500 feet high. It is round.",
        again__txt="The tower of Bela is 1500 feet high. It is white.",
    )
    answer = Assistant(library=library).ask("How long is the bridge of Arden?")
    assert answer.text.startswith("The documents differ.\n\n")
    assert {citation.document.split("/")[-1] for citation in answer.citations} == {
        "old.txt",
        "new.txt",
    }
    assert {answer.text[start:end].split()[0] for start, end in answer.emphasis} == {"120", "140"}
    agreed = Assistant(library=library).ask("How high is the tower of Bela?")
    assert "differ" not in agreed.text
    assert len({citation.document for citation in agreed.citations}) == 2


def test_partial_answers_do_not_contradict_each_other() -> None:
    assert not do_differ([("a", "May 2022"), ("b", "2022")])
    assert not do_differ([("a", "5,000"), ("b", "5000")])
    assert not do_differ([("a", "May 2022"), ("a", "June 2023")])
    assert do_differ([("a", "May 2022"), ("b", "June 2022")])
