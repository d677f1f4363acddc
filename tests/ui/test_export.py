import json
from dataclasses import replace

from rag.types import Answer, Citation
from ui.state.conversation import Conversation, Exchange, pack, unpack
from ui.views.export import copy_answer, write_conversation

CITATION = Citation(1, "a/b.txt", "A *title*", 4, 9, "Words [x](http://leak.example)", 3)
ANSWER = Answer("Q?", "Some <b>. [1] More [7].", False, "extractive", (CITATION,))


def test_copied_text_lists_the_sources_of_its_numbers() -> None:
    assert copy_answer(ANSWER) == (
        "Some <b>. [1] More [7].\n\n[1] A *title*, page 3 (a/b.txt, characters 4 to 9)"
    )
    written = replace(ANSWER, model="a-model")  # its words are not those of the document
    assert copy_answer(written).endswith("to 9): \u201cWords [x](http://leak.example)\u201d")
    named = replace(written, citations=(replace(CITATION, document="a/b.md"),))
    assert copy_answer(named).endswith("to 9): \u201cWords x\u201d")


def test_an_export_has_footnotes_and_escapes_document_text() -> None:
    text = write_conversation(
        [
            Exchange("What is *it*?", answer=ANSWER),
            Exchange("And?", error="It <failed>"),
            Exchange("More?", text="half\n\nan answer", stopped=True),
        ]
    )
    assert "## What is \\*it\\*?" in text
    assert "Some \\<b\\>.[^1-1] More \\[7\\]." in text
    assert "\\[7\\]" in text
    assert "[^1-1]: A \\*title\\*, page 3" in text
    assert "](http" not in text
    assert "It \\<failed\\>" in text
    assert "half\n\nan answer" in text


def test_an_export_keeps_lists_and_fences_code_safely() -> None:
    text = "All: [1]\n- one *x* [1]\n\n2. two\n\n```\na `b` [1]\n````\n``` [1]"
    exchange = Exchange("Q?", answer=replace(ANSWER, text=text))
    assert "\n\n".join(
        (
            "All:[^1-1]",
            "- one \\*x\\*[^1-1]",
            "2. two",
            "```\na `b` [1]\n```",
        )
    ) in write_conversation([exchange])


def test_an_export_names_the_sides_of_a_difference() -> None:
    text = "The documents differ.\n\nNew *rules*, 2024: It is 9. [1]\n\nOld, 2023: It is 8. [2]"
    answer = Answer("Q?", text, False, "extractive", (CITATION, replace(CITATION, number=2)))
    assert (
        "The documents differ.\n\n"
        "New \\*rules\\*, 2024: It is 9.[^1-1]\n\n"
        "Old, 2023: It is 8.[^1-2]"
    ) in write_conversation([Exchange("Q?", answer=answer)])


def test_the_history_has_only_answered_questions() -> None:
    open_one = Exchange("Now?", text="so far")
    answered = Exchange("Q?", answer=ANSWER, standalone="Whole Q?")
    conversation = Conversation((answered, open_one))
    assert [turn.standalone for turn in conversation.history()] == ["Whole Q?"]
    assert conversation.open
    stopped = conversation.stop()
    assert not stopped.open
    assert stopped.exchanges[0] is answered


def test_a_conversation_from_the_browser_is_checked() -> None:
    conversation = Conversation(
        (
            Exchange("Q?", "Some <b>. [1] More [7].", ANSWER, standalone="Whole Q?", good=True),
            Exchange("Now?", text="so far"),
        )
    )
    packed = json.loads(json.dumps(pack(conversation)))
    assert unpack(packed) == conversation.exchanges[:1]
    assert unpack(packed)[0].key == conversation.exchanges[0].key
    for nonsense in (None, 5, "x", [5], [{}], [{"question": "Q"}], {"answer": 1}):
        assert unpack(nonsense) == ()
