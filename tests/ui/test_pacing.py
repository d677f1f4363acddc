"""Parts of an answer that arrive too fast are joined."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import Answer, Delta
from ui.handlers import pacing
from ui.handlers.pacing import PAUSE, join_fast
from ui.state.conversation import Exchange

ANSWER = Answer("?", "By 26 January", False, "test")


class Clock:
    """A clock that advances only when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pacing, "monotonic", made)
    return made


def stream(clock: Clock, parts: list[tuple[float, Delta]]) -> Iterator[Delta]:
    for seconds, delta in parts:
        clock.now += seconds
        yield delta


def test_words_that_come_at_once_are_shown_with_the_whole_answer(clock: Clock) -> None:
    parts = [(0.0, Delta(word)) for word in ("By ", "26 ", "January ")]
    joined = list(join_fast(stream(clock, [*parts, (0.0, Delta(answer=ANSWER))])))
    assert joined == [Delta("By "), Delta("26 January ", ANSWER)]


def test_slow_words_are_passed_on_one_by_one(clock: Clock) -> None:
    parts = [(2 * PAUSE, Delta(word)) for word in ("By ", "26 ", "January ")]
    assert list(join_fast(stream(clock, parts))) == [delta for _, delta in parts]


def test_a_silent_model_holds_no_text_back(clock: Clock) -> None:
    parts = [(0.0, Delta("By ")), (0.0, Delta("26 ")), (0.0, Delta()), (1.0, Delta())]
    assert list(join_fast(stream(clock, parts))) == [Delta("By "), Delta("26 "), Delta()]


PARTS = st.lists(
    st.tuples(
        st.floats(0, 3 * PAUSE),
        st.builds(
            Delta,
            st.text(max_size=3),
            st.none(),
            st.booleans(),
            st.none() | st.tuples(st.integers(1, 4), st.just(4)),
        ),
    )
)


@given(parts=PARTS, answered=st.booleans())
def test_nothing_is_lost_or_changed(parts: list[Any], answered: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(pacing, "monotonic", clock)
        every = [*parts, (0.0, Delta("end", ANSWER))] if answered else parts
        plain = paced = Exchange("?")
        for _, delta in every:
            plain = plain if delta == Delta() else plain.add(delta)
        for delta in join_fast(stream(clock, every)):
            paced = paced if delta == Delta() else paced.add(delta)
        assert (paced.text, paced.answer) == (plain.text, plain.answer)
        assert paced.progress == plain.progress
