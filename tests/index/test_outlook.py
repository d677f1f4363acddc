"""Messages of Outlook, and what is attached to them. The storages are those of a real .msg file."""

from __future__ import annotations

import struct

import pytest
from oxmsg import Message as StoredMessage
from oxmsg.storage import Storage, Stream

from index.documents import load_with_members
from index.documents.members import NamedMembers
from index.messages import Message
from index.types import Document

HEADERS = {"file": 32, "embedded": 24, "attachment": 8}  # bytes, [MS-OXMSG] 2.4.1
SUBJECT, BODY, SENDER, ID, REFERENCES, ANSWERED = 0x37, 0x1000, 0x42, 0x1035, 0x1039, 0x1042
NAME, DATA, METHOD = 0x3707, 0x3701, 0x3705
INTEGER, TEXT, BINARY = 0x3, 0x1F, 0x102


def make_storage(
    path: str, kind: str, values: dict[int, str | bytes | int], storages: tuple[Storage, ...] = ()
) -> Storage:
    """Return a storage with these properties, as [MS-OXMSG] describes it."""
    entries, streams = [], []
    for number, value in values.items():
        if isinstance(value, int):
            entries.append(struct.pack("<HHIII", INTEGER, number, 6, value, 0))
            continue
        type_ = TEXT if isinstance(value, str) else BINARY
        data = value.encode("utf-16-le") if isinstance(value, str) else value
        entries.append(struct.pack("<HHIII", type_, number, 6, len(data), 0))
        streams.append(Stream(f"{path}/__substg1.0_{number:04X}{type_:04X}", data))
    properties = bytes(HEADERS[kind]) + b"".join(entries)
    streams.append(Stream(f"{path}/__properties_version1.0", properties))
    return Storage(path, tuple(streams), storages)


def make_file(place: str, name: str, data: bytes) -> Storage:
    values: dict[int, str | bytes | int] = {METHOD: 1, NAME: name, DATA: data}
    return make_storage(f"{place}/__attach_version1.0_#00000001", "attachment", values)


def embed(
    place: str, values: dict[int, str | bytes | int], storages: tuple[Storage, ...] = ()
) -> Storage:
    """Return the storage of a message that is attached to another one."""
    path = f"{place}/__attach_version1.0_#00000000"
    inner = make_storage(f"{path}/__substg1.0_3701000D", "embedded", values, storages)
    return make_storage(path, "attachment", {METHOD: 5}, (inner,))


def read(monkeypatch: pytest.MonkeyPatch, storage: Storage) -> tuple[Document, NamedMembers]:
    """Read a message as if its file had this content."""
    monkeypatch.setattr("oxmsg.Message.load", lambda stream: StoredMessage(storage))
    return load_with_members(b"\xd0\xcf\x11\xe0", "a.msg")


def test_attachments_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    values: dict[int, str | bytes | int] = {SUBJECT: "AW: Cranes", BODY: "Nine."}
    answers: dict[int, str | bytes | int] = {ID: "<2@x>", REFERENCES: "<0@x> <1@x>"}
    storage = make_storage("", "file", values | answers, (make_file("", "a.txt", b"Ten."),))
    document, members = read(monkeypatch, storage)
    assert document.messages == (Message("<2@x>", "Cranes", "", ("<1@x>", "<0@x>")),)
    assert [(name, each.read(), each.topic) for name, each in members.items()] == [
        ("a.txt", b"Ten.", "Cranes")
    ]


def test_an_attached_message_is_a_mail_with_attachments(monkeypatch: pytest.MonkeyPatch) -> None:
    oldest = embed("1", {SUBJECT: "First", BODY: "It began."})
    inner: dict[int, str | bytes | int] = {
        SUBJECT: "Offer 2026/27",
        BODY: "Grüße, see the list.",
        SENDER: "Ann",
        ANSWERED: "<1@x>",
    }
    offer = embed("", inner, (make_file("2", "prices.csv", b"port,fee\nKiel,9\n"), oldest))
    storage = make_storage("", "file", {SUBJECT: "Fw: Offer", BODY: "See below."}, (offer,))
    document, members = read(monkeypatch, storage)
    assert "Grüße" not in document.text
    assert [*members] == ["Offer 2026_27.eml"]
    mail, attached = load_with_members(members["Offer 2026_27.eml"].read(), "b.eml")
    assert mail.title == "Offer 2026/27"
    assert "From: Ann" in mail.text
    assert "Grüße, see the list." in mail.text
    assert mail.messages[0].answers == ("<1@x>",)
    assert [*attached] == ["prices.csv", "First.eml"]
    assert "Kiel" in load_with_members(attached["prices.csv"].read(), "c.csv")[0].text
    assert "It began." in load_with_members(attached["First.eml"].read(), "d.eml")[0].text


def test_a_damaged_attached_message_does_not_lose_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/__attach_version1.0_#00000000"
    broken = Storage(f"{path}/__substg1.0_3701000D", (), ())
    attached = make_storage(path, "attachment", {METHOD: 5}, (broken,))
    storage = make_storage("", "file", {SUBJECT: "Offer", BODY: "See below."}, (attached,))
    document, members = read(monkeypatch, storage)
    assert "See below." in document.text
    assert document.remark == "message.eml is not a readable message: save it as .eml"
    assert [*members] == []


def test_messages_in_messages_end(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = embed("7", {SUBJECT: "Last", BODY: "It ends."})
    for level in range(7):
        storage = embed(str(level), {SUBJECT: f"Mail {level}", BODY: "See below."}, (storage,))
    _, members = read(monkeypatch, make_storage("", "file", {SUBJECT: "First"}, (storage,)))
    depth = 0
    while members:
        (member,) = members.values()
        members = load_with_members(member.read(), "a.eml")[1]
        depth += 1
    assert depth == 5
