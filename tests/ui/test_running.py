"""Stopping answers that are being written."""

from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from rag.library.library import Library
from ui.handlers.asking import QuestionHandlers
from ui.state.chats import Chats
from ui.state.conversation import Conversation, Exchange
from ui.state.running import RunningAnswers


def test_only_the_answers_of_the_page_are_stopped() -> None:
    answers = RunningAnswers()
    with answers.begin("a") as one, answers.begin("a") as two, answers.begin("b") as other:
        assert answers.stop("a")
        assert one.stopped.is_set() and two.stopped.is_set()
        assert not other.stopped.is_set()
        assert not answers.stop("unknown")
    with answers.begin("a") as later:
        assert not later.stopped.is_set()


def test_leaving_waits_until_the_answer_has_ended() -> None:
    answers, order = RunningAnswers(), list[str]()

    def leave() -> None:
        answers.leave("a")
        order.append("left")

    with answers.begin("a") as running:
        thread = Thread(target=leave)
        thread.start()
        assert running.left.wait(10)
        order.append("ended")
    thread.join(10)
    assert order == ["ended", "left"]
    answers.leave("a")  # nothing is running: does not wait


def test_an_answer_that_fails_has_ended() -> None:
    answers = RunningAnswers()
    with pytest.raises(ValueError, match="no"), answers.begin("a") as running:
        raise ValueError("no")
    assert running.ended.is_set()
    answers.leave("a")


def test_a_question_whose_answer_is_gone_can_be_stopped(seeds: Library, tmp_path: Path) -> None:
    answers, observer = RunningAnswers(), Any
    asks = QuestionHandlers(seeds, Chats(tmp_path), answers, observer)  # type: ignore[arg-type]
    request: Any = SimpleNamespace(session_hash="a", headers={})
    conversation = Conversation().put(Exchange("Who is the mayor of Kyiv?"))
    assert conversation.open
    *_, now = asks.stop(conversation, request)
    assert not now.open
    with answers.begin("a") as running:
        *_, now = asks.stop(conversation, request)
        assert running.stopped.is_set()
        assert not isinstance(now, Conversation)  # the answer itself shows that it has stopped
