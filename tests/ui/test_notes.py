import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import FootnoteError
from rag.types import Answer, Citation
from ui.state.chats import Chat
from ui.state.conversation import Conversation, Exchange, new_key
from ui.state.finding import MOST_FOUND, find_exchanges
from ui.state.notes import Note, NoteLimits, Notes, quote
from ui.state.quotas import measure
from ui.views.notes import render_found, render_notes

CITATION = Citation(3, "a.txt", "A <i>title</i>", 4, 22, "The mill is <b>old")
ANSWER = Answer("Q?", "The mill is <b>old [3]", False, "extractive", (CITATION,))


def test_a_note_is_stored_once_and_found_again(tmp_path: Path) -> None:
    notes = Notes(tmp_path / "notes")
    assert notes.add("ann", Note("Q?", ANSWER))
    assert not notes.add("ann", Note("Q?", ANSWER))
    assert notes.add("ann", quote("Q?", CITATION))
    newest, first = notes.list_all("ann")
    assert (first.question, first.answer) == ("Q?", ANSWER)
    assert newest.answer.text == "The mill is <b>old [1]"
    assert newest.answer.citations == (replace(CITATION, number=1),)
    notes.remark("ann", first.key, " Mine " + "x" * 5_000)
    assert notes.list_all("ann")[1].remark.startswith("Mine")
    assert len(notes.list_all("ann")[1].remark) == 2_000
    notes.forget("ann", newest.key)
    assert [note.key for note in notes.list_all("ann")] == [first.key]
    (folder,) = (tmp_path / "notes").iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{first.key}.json").stat().st_mode) == 0o600


def test_visitors_cannot_read_or_change_notes_of_others(tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    note = Note("Q?", ANSWER)
    notes.add("ann", note)
    assert notes.list_all("bob") == []
    notes.remark("bob", note.key, "stolen")
    notes.forget("bob", note.key)
    assert [each.remark for each in notes.list_all("ann")] == [""]


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "*" * 22, None, 7, "x" * 500])
def test_a_key_from_a_client_never_leads_out_of_the_folder(tmp_path: Path, key: object) -> None:
    notes = Notes(tmp_path / "notes")
    notes.add("ann", Note("Q?", ANSWER))
    (tmp_path / "passwd.json").write_text("{}")
    before = sorted(tmp_path.rglob("*.json"))
    notes.forget("ann", key)
    notes.remark("ann", key, "text")
    assert sorted(tmp_path.rglob("*.json")) == before


def test_notes_have_limits_and_none_is_deleted_to_make_space(tmp_path: Path) -> None:
    notes = Notes(tmp_path, NoteLimits(visitor=20_000, total=60_000))
    kept = 0
    with pytest.raises(FootnoteError, match="room for your notes"):
        for number in range(100):
            kept += notes.add("ann", Note(f"{number}?", ANSWER))
    assert len(notes.list_all("ann")) == kept > 3
    with pytest.raises(FootnoteError, match="RAG_NOTES_MB"):
        for number in range(100):
            notes.add(f"visitor {number}", Note("Q?", ANSWER))
    assert measure(tmp_path) < 80_000
    assert len(notes.list_all("ann")) == kept


def test_old_notes_are_deleted(tmp_path: Path) -> None:
    old, new = Note("Old?", ANSWER), Note("New?", ANSWER)
    for note in (old, new):
        Notes(tmp_path).add("ann", note)
    (file,) = tmp_path.glob(f"*/{old.key}.json")
    os.utime(file, (0, 0))
    Notes(tmp_path, NoteLimits(days=30)).add("bob", Note("Q?", ANSWER))
    assert [note.question for note in Notes(tmp_path).list_all("ann")] == ["New?"]


def test_a_damaged_note_does_not_affect_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    notes = Notes(tmp_path)
    notes.add("ann", Note("Good?", ANSWER))
    (folder,) = tmp_path.iterdir()
    for text in ("", "{", "[]", '{"question": 1}', json.dumps({"answer": [], "question": ""})):
        (folder / f"{new_key()}.json").write_text(text)
    assert [note.question for note in notes.list_all("ann")] == ["Good?"]
    assert "is not a note" in caplog.text
    assert "Good" not in caplog.text


def test_notes_without_a_folder_are_not_stored() -> None:
    notes = Notes(None)
    assert not notes.kept
    with pytest.raises(FootnoteError, match="not kept here"):
        notes.add("ann", Note("Q?", ANSWER))
    assert notes.list_all("ann") == []


def test_notes_are_escaped() -> None:
    html = render_notes([Note("<script>", ANSWER, remark='"><img src=x>')])
    for mark in ("<script>", "<b>old", "<i>title", "<img"):
        assert mark not in html
    assert "&lt;script&gt;" in html


def chat(title: str, *pairs: tuple[str, str]) -> Chat:
    exchanges = (Exchange(question, text) for question, text in pairs)
    return Chat(title, "2026-01-02T", Conversation(tuple(exchanges), new_key()))


def test_a_search_finds_exchanges_with_all_words() -> None:
    mill = chat("Mill", ("When does the mill open?", "At nine. [1]"), ("And close?", "At five."))
    road = chat("Road", ("Who paid?", "The owner of the MILL paid for the road. [2]"))
    found = find_exchanges([road, mill], "mill")
    assert [each.question for each in found] == ["When does the mill open?", "Who paid?"]
    assert found[1].pieces == (
        ("The owner of the ", False), ("MILL", True), (" paid for the road.", False),
    )  # fmt: skip
    assert found[1].chat == road.conversation.key
    assert [each.question for each in find_exchanges([road, mill], "ROAD own")] == ["Who paid?"]
    for nothing in ("", "  ", "mill five", "x" * 500):
        assert find_exchanges([road, mill], nothing) == []


def test_a_search_shows_the_place_in_a_long_answer_and_is_limited() -> None:
    long = "word " * 100 + "İstanbul zebra " + "word " * 100
    found = find_exchanges([chat("Long", *[("Q?", long)] * 60)], "zebra")
    assert len(found) == MOST_FOUND
    assert ("zebra", True) in found[0].pieces
    assert found[0].pieces[0] == ("… ", False)
    assert sum(len(text) for text, _ in found[0].pieces) < 220
    html = render_found(find_exchanges([chat("<i>", ("<b>?", "<u>zebra</u>"))], "zebra <u>"))
    assert "<b>?" not in html
    assert "<u>" not in html
