import pytest

from rag.errors import QuestionError
from rag.questions.parse import parse_question
from rag.retrieval.short_answers import choose_span, states_definition


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who wrote it?", "person"),
        ("when was the bridge opened", "date"),
        ("In what year did it open?", "date"),
        ("Where is the bridge?", "place"),
        ("Which city has the longest bridge?", "place"),
        ("How many people crossed it?", "number"),
        ("What is the population of the town?", "number"),
        ("Why did it fall?", "reason"),
        ("What is a bridge?", "definition"),
        ("meaning of piers", "definition"),
        ("PIER meaning", "definition"),
        ("Bedeutung von Pfeilern", "definition"),
        ("What does the bridge cross?", "other"),
        ("what the bridge crosses", "other"),
        ("Which countries share the bridge?", "list"),
        ("Name the three bridges.", "list"),
        ("Is the bridge open?", "yes/no"),
        ("How many people crossed it? Who was first?", "person"),
    ],
)
def test_the_kind_of_answer_is_recognised(text: str, kind: str) -> None:
    assert parse_question(text).kind == kind


def test_content_words_are_kept_and_function_words_are_not() -> None:
    assert parse_question("What is the length of the bridges?").terms == ("length", "bridg")
    assert parse_question("Who is it?").terms == ("who", "is", "it")
    assert parse_question("PIER meaning").terms == ("pier",)


@pytest.mark.parametrize("text", ["", "   \n", "?!", "…"])
def test_an_empty_question_is_refused(text: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        parse_question(text)


def test_a_question_that_is_too_long_is_refused() -> None:
    with pytest.raises(QuestionError, match="100,000 characters"):
        parse_question("a" * 100_000)


@pytest.mark.parametrize(
    ("question", "sentence", "short"),
    [
        ("Who is the minister?", "Minister Anna Berg spoke.", "Anna Berg"),
        ("Who is the French minister?", "Ann Roy is France's Minister of War.", "Ann Roy"),
        ("Who leads it?", "Bo Ek, a Free Liberal, leads it.", "Bo Ek"),
        ("How many boats came?", "In 1998 about 1,200 boats came.", "1,200"),
        ("When was it opened?", "It was opened on 3 May 1998 by the queen.", "3 May 1998"),
        ("When did they meet?", "They met on Wednesday in Rome.", "on Wednesday"),
        ("Where did they meet?", "They met in Rome on Wednesday.", "Rome"),
        ("Why did it fall?", "It fell because the wind was strong.", "because the wind was strong"),
        ("What did he call it?", "He called it “a great loss” then.", "“a great loss”"),
        ("What is it made of?", "It is made of iron, and of wood.", None),
    ],
)
def test_the_short_answer_has_the_kind_that_is_asked_for(
    question: str, sentence: str, short: str | None
) -> None:
    span = choose_span(parse_question(question), sentence)
    assert (sentence[slice(*span)] if span else None) == short


@pytest.mark.parametrize(
    ("question", "sentence", "defines"),
    [
        ("What is a cairn?", "A cairn is a heap of stones.", True),
        ("what is a stone cairn", "Stone cairns are found on hills.", True),
        ("What is a cairn?", "On the hill there is a cairn.", False),
        ("What is a cairn?", "The path leads past many a cairn.", False),
        ("Was ist ein Steinmann?", "Ein Steinmann ist ein Haufen Steine.", True),
    ],
)
def test_a_definition_is_recognised_by_its_beginning(
    question: str, sentence: str, defines: bool
) -> None:
    assert states_definition(parse_question(question), sentence) is defines


def test_names_numbers_and_quoted_phrases_are_marked() -> None:
    asked = parse_question("Who said “Never  again” to Anna Berg in 1998?")
    assert asked.names == ("Never", "Anna", "Berg", "1998")
    assert asked.phrases == ("never again",)
    assert parse_question("what is a bridge").names == ()


def test_a_half_surrogate_pair_is_replaced() -> None:
    assert parse_question("How tall \udcff is it?").text == "How tall \ufffd is it?"
    assert parse_question("Who wrote \ud835\udc00?").text == f"Who wrote {chr(0x1D400)}?"
