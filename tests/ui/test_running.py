"""Stopping answers that are being written."""

from threading import Thread

import pytest

from ui.state.running import RunningAnswers


def test_only_the_answers_of_the_page_are_stopped() -> None:
    answers = RunningAnswers()
    with answers.begin("a") as one, answers.begin("a") as two, answers.begin("b") as other:
        answers.stop("a")
        assert one.stopped.is_set() and two.stopped.is_set()
        assert not other.stopped.is_set()
        answers.stop("unknown")
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
