"""Text that looks like a citation mark, in a title, a name, a sentence or a line, stays text."""

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from rag.types import Answer, Citation
from tests.hostile.inert import find_live
from ui.state.conversation import Conversation, Exchange
from ui.views.conversation import render_conversation

PARTS = (
    " [1]", " [2]", "[2]", " [?]", "[1][2]", "word", " ", "\n", "- ", "1. ", "```", "\n```\n",
    '" onfocus="alert(1)', "'", "<b>", "</span>", "<img src=x onerror=alert(1)>", "&quot;", "&",
    "{{value}}", "${value}", "`", "\\", "\u202e", "\u0661",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PARTS), min_size=1, max_size=8).map("".join)
FIRST = Citation(1, "a.txt", "A", 0, 5, "Words.")
SECOND = Citation(2, "b.txt", "B", 0, 5, "More.")
ANSWER = Answer("Q?", "Some words. [1] More. [2]", False, "extractive", (FIRST, SECOND))


def render(answer: Answer) -> html.HtmlElement:
    markup = render_conversation(Conversation((Exchange("Q?", answer=answer),)))
    assert find_live(markup) == []
    assert not set("{}$`\\") & set(markup)
    root: html.HtmlElement = html.fragment_fromstring(markup, create_parent="div")
    return root


def squeeze(text: str) -> str:
    return " ".join(text.split())


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE)
def test_marks_in_titles_and_sentences_stay_inside_the_chip(title: str, sentence: str) -> None:
    cited = replace(FIRST, title=title, sentence=sentence)
    page = render(replace(ANSWER, citations=(cited, SECOND)))
    chips = page.find_class("fn-cite")
    assert [chip.text for chip in chips] == ["1", "2"]
    assert squeeze(chips[0].get("aria-label") or "") == squeeze(f"Source 1: {title}")
    assert chips[1].get("aria-label") == "Source 2: B"
    tips = page.find_class("fn-tip")
    assert [squeeze(tip.text_content()) for tip in tips] == [
        squeeze(f"{title} {sentence}"),
        "B More.",
    ]
    for tip in tips:
        tip.drop_tree()
    quoted = "".join(each.text_content() for each in page.find_class("fn-quoted"))
    assert "".join(quoted.split()) == "Somewords.1More.2"


@settings(max_examples=60, deadline=None)
@given(HOSTILE)
def test_any_answer_text_is_only_shown(text: str) -> None:
    page = render(replace(ANSWER, text=text, citations=(FIRST,), unsupported=((0, 4),)))
    assert {chip.text for chip in page.find_class("fn-cite")} <= {"1"}
    assert len(page.find_class("fn-unsupported")) <= 1
    for tip in page.find_class("fn-tip"):
        tip.drop_tree()
    (answer,) = page.find_class("fn-answer")
    shown = re.sub(r"`{3,}[^\n]*", "", text)  # the language of a block of code is not shown
    assert answer.text_content().count("word") >= shown.count("word")
