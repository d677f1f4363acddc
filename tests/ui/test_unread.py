"""Messages that nobody reads: a limit for all together, and the oldest are dropped first."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ui.web.unread import UnreadMessages


def message(size: int) -> Any:
    return SimpleNamespace(output={"data": ["x" * size, {"value": ["y"]}]})


@pytest.fixture
def asked() -> dict[str, set[str]]:
    return {"old": {"1"}, "new": {"2"}}


@pytest.fixture
def unread(asked: dict[str, set[str]]) -> UnreadMessages:
    made = UnreadMessages(100_000, asked)
    made["old"] = made["new"] = None
    return made


def test_the_session_that_has_not_read_for_longest_is_dropped(
    unread: UnreadMessages, asked: dict[str, set[str]]
) -> None:
    for session in ("old", "new", "old", "new"):
        unread[session].put_nowait(message(20_000))
    assert unread["old"].get_nowait().output
    unread["new"].put_nowait(message(20_000))
    unread["new"].put_nowait(message(20_000))  # "old" has read last
    assert list(unread) == ["old"]
    assert list(asked) == ["old"]
    assert 20_000 < unread.used < 30_000
    unread["new"].put_nowait(message(20_000))  # of an answer that is still running
    assert unread.used < 30_000


def test_what_was_read_or_dropped_no_longer_counts(unread: UnreadMessages) -> None:
    for _ in range(50):
        unread["old"].put_nowait(message(50_000))
        assert asyncio.run(unread["old"].get()).output
    unread["new"].put_nowait(message(50_000))
    del unread["new"]
    del unread["new"]
    assert unread.used == 0


def test_the_number_of_sessions_is_limited(unread: UnreadMessages) -> None:
    for number in range(3_000):
        unread[f"{number}"] = None
    assert len(unread) == 2_000
    assert "2999" in unread
