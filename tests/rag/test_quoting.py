"""The text of an answer that quotes: a fact that two documents state is quoted once."""

from dataclasses import replace

from index import Block
from rag.answers.quoting import write_quotes
from rag.answers.units import AnswerUnit
from rag.questions.parse import parse_question
from rag.types import Evidence
from tests.evidence import EVIDENCE


def quote(document: str, text: str) -> Evidence:
    return replace(EVIDENCE, document=document, sentence=text, readable=text)


def listed(document: str, *items: str) -> AnswerUnit:
    blocks = tuple(Block(0, 0, "item", depth=1) for _ in items)
    return AnswerUnit("list", tuple(quote(document, item) for item in items), 0.9, blocks)


def test_a_list_that_two_documents_share_is_told_once_with_two_numbers() -> None:
    question = parse_question("What do members get?")
    fruit = listed("a.txt", "Free lunch on Fridays.", "Two days at the lake.")
    copy = listed("b.txt", "Free lunch on Fridays.", "Two days at the lake.")
    answer = write_quotes(question, [fruit, copy], 0.9)
    assert answer.text == "Free lunch on Fridays. [1] [2]\n- Two days at the lake. [3] [4]"
    assert [each.document for each in answer.citations] == ["a.txt", "b.txt", "a.txt", "b.txt"]
    other = listed("b.txt", "Free lunch on Fridays.", "Three nights in town.")
    assert write_quotes(question, [fruit, other], 0.9).text.count("Free lunch") == 2
