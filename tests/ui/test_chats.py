import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.types import Answer, Citation
from ui.handlers.chats import ChatHandlers
from ui.state.chats import ChatLimits, Chats
from ui.state.conversation import MOST_EXCHANGES, Conversation, Exchange, new_key, pack
from ui.state.quotas import measure
from ui.state.running import RunningAnswers
from ui.state.visitor_files import _name_folder

ANSWER = Answer(
    "Q?", "Words. [1]", False, "extractive", (Citation(1, "a.txt", "A", 4, 9, "Words"),)
)


def test_a_conversation_is_stored_and_restored(tmp_path: Path) -> None:
    chats, key = Chats(tmp_path / "kept"), new_key()
    first, second = Exchange("One?", answer=ANSWER, text=ANSWER.text), Exchange("Two?")
    chats.put("ann", key, first)
    chats.put("ann", key, second)
    found = chats.find("ann", key)
    assert found is not None
    assert found.title == "One?"
    assert [each.question for each in found.conversation.exchanges] == ["One?", "Two?"]
    assert found.conversation.exchanges[0] == first
    # A question without an answer when it was stored counts as stopped.
    assert found.conversation.exchanges[1].stopped
    assert found.conversation.key == key
    (folder,) = (tmp_path / "kept").iterdir()
    assert "ann" not in folder.name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{key}.json").stat().st_mode) == 0o600


def test_visitors_cannot_see_conversations_of_others(tmp_path: Path) -> None:
    chats, key = Chats(tmp_path), new_key()
    mine = Exchange("Mine?", answer=ANSWER)
    chats.put("ann", key, mine)
    assert chats.find("bob", key) is None
    assert chats.list_all("bob") == []
    chats.rename("bob", key, "stolen")
    chats.copy("bob", "stolen", Conversation((mine,), key))
    chats.forget("bob", key)
    chats.put("bob", key, Exchange("Bob's?"))
    found = chats.find("ann", key)
    assert found is not None
    assert found.title == "Mine?"
    assert [each.question for each in found.conversation.exchanges] == ["Mine?"]


def test_a_link_opens_only_one_answer(tmp_path: Path) -> None:
    chats, key = Chats(tmp_path), new_key()
    asked, waiting = Exchange("Q?", answer=ANSWER), Exchange("Open?")
    chats.put("ann", key, asked)
    chats.put("ann", key, waiting)
    assert chats.find_answer(key, asked.key) == asked.__class__.from_dict(asked.to_dict())
    for other in (waiting.key, new_key(), "", None, 3, "*"):
        assert chats.find_answer(key, other) is None
    for other in (new_key(), "*", "", None, "../" + key):
        assert chats.find_answer(other, asked.key) is None


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "a/b", "*" * 22, None, 7, "x" * 500])
def test_a_visitor_name_never_leads_out_of_the_folder(tmp_path: Path, key: object) -> None:
    (tmp_path / "passwd.json").write_text('{"title": "t", "changed": "", "exchanges": []}')
    chats = Chats(tmp_path / "kept")
    chats.put("ann", key, Exchange("Q?"))  # type: ignore[arg-type]
    assert chats.find("ann", key) is None
    assert not (tmp_path / "kept").exists()


def test_conversations_are_renamed_copied_and_forgotten(tmp_path: Path) -> None:
    chats, one, two = Chats(tmp_path), new_key(), new_key()
    first, second = Exchange("First?"), Exchange("Second?")
    for key, exchange in ((one, first), (two, Exchange("Other?")), (one, second)):
        chats.put("ann", key, exchange)
    assert [chat.conversation.key for chat in chats.list_all("ann")] == [one, two]
    chats.rename("ann", two, "  A\n better   name ")
    chats.rename("ann", one, "   ")
    assert [chat.title for chat in chats.list_all("ann")] == ["First?", "A better name"]
    three = new_key()
    chats.copy("ann", "A part", Conversation((first,), three))
    chats.copy("ann", "Too late", Conversation((), three))  # replaces nothing
    part, whole = chats.find("ann", three), chats.find("ann", one)
    assert part is not None
    assert whole is not None
    assert part.title == "A part"
    assert [each.question for each in part.conversation.exchanges] == ["First?"]
    assert len(whole.conversation.exchanges) == 2
    for key in (one, three):
        chats.forget("ann", key)
        assert chats.find("ann", key) is None
    chats.forget("ann", two)
    chats.forget("ann", two)
    assert chats.list_all("ann") == []


def test_concurrent_writes_of_two_windows_lose_nothing(tmp_path: Path) -> None:
    key = new_key()

    def ask(number: int) -> None:
        Chats(tmp_path).put("ann", key, Exchange(f"{number}?"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(40)))
    found = Chats(tmp_path).find("ann", key)
    assert found is not None
    assert {each.question for each in found.conversation.exchanges} == {f"{n}?" for n in range(40)}


def test_a_damaged_conversation_does_not_affect_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chats, good = Chats(tmp_path), new_key()
    chats.put("ann", good, Exchange("Good?"))
    (folder,) = tmp_path.iterdir()
    for text in ("", "{", "[]", '{"title": 1}', json.dumps({"title": "", "changed": ""})):
        (folder / f"{new_key()}.json").write_text(text)
    assert [chat.title for chat in chats.list_all("ann")] == ["Good?"]
    assert "Good" not in caplog.text
    assert "is not a conversation" in caplog.text


def test_questions_are_answered_if_the_disk_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "kept").touch()  # a file where the folder should be
    Chats(tmp_path / "kept").put("ann", new_key(), Exchange("Q?"))
    assert "could not be stored" in caplog.text


def test_conversations_are_not_stored_if_that_is_turned_off(tmp_path: Path) -> None:
    chats, key = Chats(None), new_key()
    chats.put("ann", key, Exchange("Q?"))
    assert not chats.kept
    assert chats.find("ann", key) is None
    assert chats.list_all("ann") == []
    assert chats.find_answer(key, "x") is None


def fill(chats: Chats, visitor: str, count: int, *, length: int = 20_000) -> list[str]:
    """Store conversations with one question each; return their keys."""
    keys = [new_key() for _ in range(count)]
    for moment, key in enumerate(keys):
        chats.put(visitor, key, Exchange(f"{key}? {'x' * length}"))
        for file in (chats._files.folder or Path()).glob(f"*/{key}.json"):
            os.utime(file, (time.time() - 1000 + moment,) * 2)
    return keys


def test_the_oldest_conversations_of_a_visitor_are_deleted_first(tmp_path: Path) -> None:
    chats = Chats(tmp_path, ChatLimits(visitor=100_000, total=10_000_000))
    others = fill(chats, "bob", 2)
    keys = fill(chats, "ann", 20)
    found = {chat.conversation.key for chat in chats.list_all("ann")}
    assert found == set(keys[-4:])
    assert {chat.conversation.key for chat in chats.list_all("bob")} == set(others)
    # A conversation that was continued is no longer the oldest.
    chats.put("ann", keys[-4], Exchange("More?"))
    assert chats.find("ann", keys[-4]) is not None


def test_small_conversations_count_by_their_size_on_disk(tmp_path: Path) -> None:
    chats = Chats(tmp_path)
    keys = fill(chats, "ann", 210, length=1)
    assert {chat.conversation.key for chat in chats.list_all("ann")} == set(keys[-200:])


def test_many_visitors_together_stay_within_the_limit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chats = Chats(tmp_path, ChatLimits(total=300_000))
    (mine,) = fill(chats, "ann", 1)
    for number in range(40):
        fill(chats, f"new {number}", 1)
    assert measure(tmp_path) < 400_000
    assert "RAG_CONVERSATIONS_MB is reached" in caplog.text
    assert chats.find("ann", mine) is not None  # other visitors' conversations stay
    chats.forget("ann", mine)
    assert chats.find("ann", mine) is None


def test_opened_links_stay_within_the_limit(tmp_path: Path) -> None:
    chats, key = Chats(tmp_path, ChatLimits(total=100_000)), new_key()
    shared = Exchange("Q?", answer=ANSWER)
    chats.put("ann", key, shared)
    query = {"chat": key, "answer": shared.key}
    request: Any = SimpleNamespace(query_params=query, headers={}, username=None)
    for _ in range(50):
        ChatHandlers(chats, RunningAnswers()).restore(None, request)
    assert measure(tmp_path) < 150_000


def test_earlier_versions_of_edited_questions_stay_within_the_limit(tmp_path: Path) -> None:
    chats = Chats(tmp_path, ChatLimits(visitor=100_000, total=300_000))
    fill(chats, "bob", 2)
    long = Conversation().put(Exchange("x" * 20_000))
    for _ in range(50):
        chats.copy("ann", "Earlier", replace(long, key=new_key()))
    assert measure(tmp_path / _name_folder("ann")) < 150_000
    full = Chats(tmp_path, ChatLimits(total=100_000))
    before = measure(tmp_path)
    for _ in range(5):
        full.copy("eve", "Earlier", replace(long, key=new_key()))
    assert measure(tmp_path) == before


def test_old_conversations_are_deleted(tmp_path: Path) -> None:
    old, new = fill(Chats(tmp_path), "ann", 2)
    (gone,) = fill(Chats(tmp_path), "bob", 1)
    for key in (old, gone):
        (file,) = tmp_path.glob(f"*/{key}.json")
        os.utime(file, (0, 0))
    os.utime(file.parent, (0, 0))
    chats = Chats(tmp_path, ChatLimits(days=30))
    fill(chats, "eve", 1)  # old conversations are deleted before this is stored
    assert [chat.conversation.key for chat in chats.list_all("ann")] == [new]
    assert chats.find("bob", gone) is None
    fill(Chats(tmp_path, ChatLimits(days=30)), "bob", 1)
    assert len(chats.list_all("bob")) == 1


def test_a_conversation_has_a_maximum_length(tmp_path: Path) -> None:
    chats, key = Chats(tmp_path), new_key()
    for number in range(MOST_EXCHANGES + 5):
        chats.put("ann", key, Exchange(f"{number}?"))
    found = chats.find("ann", key)
    assert found is not None
    assert len(found.conversation.exchanges) == MOST_EXCHANGES


def test_what_a_browser_stores_fits_in_a_request() -> None:
    asked = Conversation(
        tuple(Exchange(f"{n}? {'ж' * 2000}", answer=ANSWER, text=ANSWER.text) for n in range(50))
    )
    packed = pack(asked)
    assert len(json.dumps(packed, ensure_ascii=False).encode()) < 50_000
    assert packed[-1]["question"].startswith("49?")
    assert len(packed) > 5
