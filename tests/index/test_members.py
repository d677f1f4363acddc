"""Members of e-mails are documents of their own, which follow their mail."""

import io
import zipfile
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image

from index import (
    DocumentParser,
    DocumentRecord,
    Encoder,
    Failure,
    Limits,
    PageReader,
    Report,
    SourceError,
    UnreadableDocumentError,
    is_changed,
    open_snapshot,
    plan_update,
    remove_documents,
    repair_index,
    require_current,
)
from index.documents import load_with_members
from index.documents.members import check_name
from index.files.layout import StoreLayout
from index.ingest.plan import Known, plan_steps
from index.ingest.scan import Scan, SourceFile
from index.ingest.threads import name_answered
from index.messages import Message
from tests.chroma_server import ON_SERVER

Update = Callable[..., Report]


def make_mail(subject: str, text: str, **fields: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = subject, "ann@example.org"
    mail["Date"] = "Sat, 28 Nov 2026 09:00:00 +0100"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def attach(mail: EmailMessage, name: str, data: bytes | str) -> EmailMessage:
    content = data.encode() if isinstance(data, str) else data
    mail.add_attachment(content, "application", "octet-stream", filename=name)
    return mail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    mail = make_mail("Re: Budget 2026", "See the report.")
    attach(mail, "report.md", "# Cranes\n\nThe crane is tall.\n")
    attach(mail, "broken.docx", b"PK\x03\x04")
    offer = attach(make_mail("Offer", "The list is attached."), "prices.csv", "port,fee\nKiel,9\n")
    attach(mail, "offer.eml", offer.as_bytes())
    (folder / "mail.eml").write_bytes(mail.as_bytes())
    (folder / "note.txt").write_text("The bridge is long.")
    return folder


@pytest.fixture
def store(tmp_path: Path, folder: Path, update: Update) -> Path:
    update(tmp_path / "store", folder)
    return tmp_path / "store"


def titles(store: Path, folder: Path) -> dict[str, str]:
    """Return the titles of all documents by their paths in the folder."""
    return {
        str(Path(record.path).relative_to(folder)): record.title
        for record in require_current(store).documents
    }


def find(store: Path, name: str) -> DocumentRecord:
    documents = require_current(store).documents
    return next(record for record in documents if record.path.endswith(name))


ALL = {
    "mail.eml": "Re: Budget 2026",
    "mail.eml/offer.eml": "offer.eml (attached to: Budget 2026)",
    "mail.eml/offer.eml/prices.csv": "prices.csv (attached to: Offer)",
    "mail.eml/report.md": "report.md (attached to: Budget 2026)",
    "note.txt": "note",
}


def test_attachments_are_documents_that_name_their_mail(
    store: Path, folder: Path, update: Update
) -> None:
    assert titles(store, folder) == ALL
    record = find(store, "report.md")
    assert (record.format, record.within) == ("markdown", str(folder / "mail.eml"))
    with closing(open_snapshot(store)) as snapshot:
        mail, report = snapshot.read(find(store, "mail.eml")), snapshot.read(record)
    assert "Attachment: report.md" in mail.text
    assert "tall" not in mail.text
    assert report.text == "# Cranes\n\nThe crane is tall.\n"
    assert is_changed(record) is False
    again = update(store, folder)
    assert (again.embedded, again.plan.empty) == (0, True)


def test_a_broken_attachment_fails_alone_and_is_not_read_again(
    store: Path, folder: Path, update: Update
) -> None:
    (failure,) = require_current(store).failures
    assert failure.path == str(folder / "mail.eml/broken.docx")
    assert failure.reason == "is not a readable .docx file: open and save it again"
    again = update(store, folder)
    assert (again.failures, again.new_failures) == ((failure,), ())
    assert again.snapshot == require_current(store).id
    (folder / "new.txt").write_text("The tower is new.")
    assert update(store, folder).failures == (failure,)
    assert update(store, folder, full=True).failures == (failure,)
    assert plan_update(store, [folder / "mail.eml"]).changed == (str(folder / "mail.eml"),)


def test_attachments_go_with_their_mail(store: Path, folder: Path, update: Update) -> None:
    (folder / "mail.eml").rename(folder / "old.eml")
    report = update(store, folder)
    assert report.plan.moved == ((str(folder / "mail.eml"), str(folder / "old.eml")),)
    assert report.embedded == 0
    assert titles(store, folder).keys() == {name.replace("mail", "old", 1) for name in ALL}
    assert report.failures[0].source == str(folder / "old.eml/broken.docx")
    with closing(open_snapshot(store)) as snapshot:
        assert snapshot.read(find(store, "report.md")).text.endswith("The crane is tall.\n")
    (folder / "old.eml").unlink()
    report = update(store, folder)
    assert len(report.plan.removed) == 4
    assert report.failures == ()
    assert titles(store, folder).keys() == {"note.txt"}


def test_a_mail_that_changed_keeps_only_what_is_attached_to_it(
    store: Path, folder: Path, update: Update
) -> None:
    mail = attach(make_mail("Budget", "See the list."), "report.md", "The crane is old.\n")
    (folder / "mail.eml").write_bytes(mail.as_bytes())
    assert update(store, folder).failures == ()
    assert titles(store, folder).keys() == {"mail.eml", "mail.eml/report.md", "note.txt"}
    with closing(open_snapshot(store)) as snapshot:
        assert snapshot.read(find(store, "report.md")).text == "The crane is old.\n"
    (folder / "mail.eml").write_bytes(attach(mail, "report.md", b"x\0\0").as_bytes())
    update(store, folder)
    assert "mail.eml/report.md" in titles(store, folder)


def test_removing_a_mail_removes_what_is_attached(
    store: Path, folder: Path, update: Update
) -> None:
    report = remove_documents(store, [str(folder / "mail.eml")])
    assert len(report.plan.removed) == 4
    assert titles(store, folder).keys() == {"note.txt"}
    assert require_current(store).failures == ()
    assert update(store, folder).plan.excluded == (str(folder / "mail.eml"),)
    update(store, folder / "mail.eml")
    assert titles(store, folder) == ALL


def test_a_removed_attachment_stays_out_until_its_mail_is_given(
    store: Path, folder: Path, update: Update
) -> None:
    remove_documents(store, [str(folder / "mail.eml/offer.eml")])
    left = {"mail.eml", "mail.eml/report.md", "note.txt"}
    assert titles(store, folder).keys() == left
    again = update(store, folder)
    assert again.plan.empty
    assert again.plan.excluded == (str(folder / "mail.eml/offer.eml"),)
    update(store, folder, full=True)
    assert titles(store, folder).keys() == left
    update(store, folder / "mail.eml")
    assert titles(store, folder) == ALL


def test_a_removed_attachment_stays_out_when_its_mail_moves_and_then_changes(
    store: Path, folder: Path, update: Update
) -> None:
    remove_documents(store, [str(folder / "mail.eml/offer.eml")])
    (folder / "mail.eml").rename(folder / "old.eml")
    report = update(store, folder)
    assert report.plan.moved == ((str(folder / "mail.eml"), str(folder / "old.eml")),)
    assert report.plan.excluded == (str(folder / "old.eml/offer.eml"),)
    left = {"old.eml", "old.eml/report.md", "note.txt"}
    assert titles(store, folder).keys() == left
    data = (folder / "old.eml").read_bytes()
    (folder / "old.eml").write_bytes(data.replace(b"See the report.", b"See what is below."))
    update(store, folder)
    assert titles(store, folder).keys() == left
    (folder / "old.eml").unlink()
    update(store, folder)
    assert require_current(store).excluded == ()


def put_in_folder(folder: Path, mail: EmailMessage, name: str) -> None:
    (folder / name).write_bytes(mail.as_bytes())


def put_in_archive(folder: Path, mail: EmailMessage, name: str) -> None:
    with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
        archive.writestr("sent/mail.eml", mail.as_bytes())


@pytest.mark.parametrize(
    ("put", "held"), [(put_in_folder, ""), (put_in_archive, ".zip/sent/mail.eml")]
)
def test_a_removed_attachment_stays_out_when_its_mail_moves_and_changes_at_once(
    tmp_path: Path, update: Update, put: Callable[..., None], held: str
) -> None:
    folder, store = tmp_path / "docs", tmp_path / "store"
    folder.mkdir()
    mail = make_mail("Budget", "See the list.", Message_ID="<budget@example.org>")
    attach(mail, "prices.csv", "port,fee\nKiel,9\n")
    attach(mail, "report.md", "The crane is tall.")
    put(folder, mail, "mail.eml")
    (folder / "note.txt").write_text("The bridge is long.")
    update(store, folder)
    remove_documents(store, [str(folder / f"mail.eml{held}/prices.csv")])

    for path in folder.glob("mail*"):
        path.unlink()
    mail["X-Status"] = "read"
    put(folder, mail, "old.eml")
    # What another mail has under the same name is another file.
    other = attach(make_mail("Fees", "Also.", Message_ID="<fees@example.org>"), "prices.csv", "a,b")
    put_in_folder(folder, other, "other.eml")
    report = update(store, folder)

    old = f"old.eml{held}"
    assert report.plan.excluded == (str(folder / old / "prices.csv"),)
    expected = {"note.txt", "other.eml", "other.eml/prices.csv", old, f"{old}/report.md"}
    expected |= {"old.eml.zip"} if held else set()
    assert titles(store, folder).keys() == expected
    assert update(store, folder).plan.empty
    update(store, next(folder.glob("old*")))
    assert titles(store, folder).keys() == expected | {f"{old}/prices.csv"}


def test_a_removed_attachment_is_indexed_from_a_copy_of_its_mail(
    tmp_path: Path, update: Update
) -> None:
    folder, store = tmp_path / "docs", tmp_path / "store"
    folder.mkdir()
    mail = make_mail("Budget", "See the list.", Message_ID="<budget@example.org>")
    put_in_folder(folder, attach(mail, "prices.csv", "port,fee\nKiel,9\n"), "mail.eml")
    update(store, folder)
    remove_documents(store, [str(folder / "mail.eml/prices.csv")])
    put_in_folder(folder, mail, "copy.eml")
    update(store, folder)
    assert titles(store, folder).keys() == {"mail.eml", "copy.eml", "copy.eml/prices.csv"}
    # That the other mail is gone now does not remove what is indexed.
    (folder / "mail.eml").unlink()
    mail["X-Status"] = "read"
    put_in_folder(folder, mail, "copy.eml")
    update(store, folder)
    assert titles(store, folder).keys() == {"copy.eml", "copy.eml/prices.csv"}


def test_a_removed_attachment_is_indexed_again_by_its_own_name(
    store: Path, folder: Path, update: Update
) -> None:
    remove_documents(store, [str(folder / name) for name in ("mail.eml/offer.eml", "note.txt")])
    remove_documents(store, [str(folder / "mail.eml/report.md")])
    update(store, folder / "mail.eml/report.md")
    assert titles(store, folder).keys() == {"mail.eml", "mail.eml/report.md"}
    with pytest.raises(SourceError, match="does not exist"):
        update(store, folder / "note.txt/report.md")


def test_an_update_in_parts_does_not_part_a_mail(
    tmp_path: Path, folder: Path, update: Update
) -> None:
    store = tmp_path / "parts"
    report = update(store, folder, most=1)
    assert (report.documents, report.left) == (4, 1)
    assert update(store, folder, most=1).documents == 5


def test_names_of_attachments_are_no_paths(tmp_path: Path, update: Update) -> None:
    mail = make_mail("Names", "See below.")
    for name in (
        "../../etc/a.txt",
        "C:\\b.txt",
        "..",
        ".c.txt",
        "a.txt",
        "d\x1b[1m.txt",
        "x" * 999,
    ):
        attach(mail, name, "The crane is tall.\n")
    attach(mail, "e" * 999 + ".txt", "The crane is tall.\n")
    _, attachments = load_with_members(mail.as_bytes(), "a.eml")
    names = ["a.txt", "b.txt", "c.txt", "a (2).txt", "d[1m.txt", "e" * 100 + ".txt"]
    assert [*attachments] == names
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    report = update(tmp_path / "store", tmp_path / "a.eml")
    assert (report.documents, report.failures) == (7, ())
    assert {path.name for path in tmp_path.iterdir()} == {"a.eml", "store"}


@pytest.mark.parametrize("name", ["", ".", "a/../b.txt", "a//b.txt", "/etc/passwd", "a\n.txt"])
def test_names_of_a_parser_that_was_taken_over_are_checked(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        check_name(name)


def test_an_attachment_that_stops_the_parser_fails_alone(tmp_path: Path) -> None:
    mail = make_mail("Cranes", "See below.")
    attach(mail, "bomb.json", "[" * 100_000 + "]" * 100_000)
    attach(mail, "huge.csv", "a,b\n" + "1,2\n" * 400_000)
    attach(mail, "report.txt", "The crane is tall.\n")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    file = SourceFile("a.eml", str(tmp_path / "a.eml"), "", 1)
    with DocumentParser(Limits(memory=250 * 2**20)) as parser:
        results = {each.path: result for each, result in parser.parse([file])}
    failed = {path for path, result in results.items() if isinstance(result, Failure)}
    assert failed == {"a.eml/bomb.json", "a.eml/huge.csv"}
    assert results.keys() - failed == {"a.eml", "a.eml/report.txt"}


def test_attachments_in_a_folder_of_mail_name_their_message(tmp_path: Path, update: Update) -> None:
    line = b"From ann@example.org Sat Nov 28 09:00:00 2026\n"
    mails = [attach(make_mail(f"Mail {n}", "See."), "a.txt", f"The crane {n}.") for n in (1, 2)]
    (tmp_path / "a.mbox").write_bytes(b"".join(line + mail.as_bytes() + b"\n" for mail in mails))
    update(tmp_path / "store", tmp_path / "a.mbox")
    found = titles(tmp_path / "store", tmp_path)
    assert found["a.mbox/a.txt"] == "a.txt (attached to: Mail 1)"
    assert found["a.mbox/a (2).txt"] == "a (2).txt (attached to: Mail 2)"


def test_pages_and_bytes_of_an_attachment(tmp_path: Path, update: Update) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(stream, "PDF")
    file = tmp_path / "a.eml"
    file.write_bytes(attach(make_mail("Scan", "See."), "a.pdf", stream.getvalue()).as_bytes())
    update(tmp_path / "store", file)
    mail = require_current(tmp_path / "store").documents[0]
    record = DocumentRecord(
        *(f"{mail.path}/a.pdf", f"{mail.source}/a.pdf", "A", "pdf", mail.sha256, mail.size),
        *("", "s", 0, 1, 1),
        within=mail.source,
    )
    reader = PageReader()
    try:
        assert reader.draw(record, 1).startswith(b"\xff\xd8")
        assert reader.extract(record) == stream.getvalue()
        file.write_bytes(make_mail("Scan", "No more.").as_bytes())
        with pytest.raises(UnreadableDocumentError, match="has changed since"):
            reader.extract(record)
    finally:
        reader.parser.close()
    assert is_changed(record) is True


def test_lost_text_of_an_attachment_is_restored_from_the_mail(
    store: Path, folder: Path, encoder: Encoder
) -> None:
    if ON_SERVER:
        pytest.skip("the server still has the text")
    for name in require_current(store).segments:
        StoreLayout(store).segment(name).texts.write_bytes(b"")
    repair = repair_index(store, load=lambda name: encoder)
    assert repair.lost == ()
    assert titles(store, folder) == ALL


def test_what_needed_an_extra_is_read_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = DocumentRecord("a.eml", "/a.eml", "A", "eml", "1", 1, "", "s", 0, 1, 1)
    scan = DocumentRecord(
        *("a.eml/b.pdf", "/a.eml/b.pdf", "B", "pdf", "1", 1, "", "s", 0, 1, 1),
        needs="ocr",
        within="/a.eml",
    )
    picture = Failure(
        *("a.eml/c.png", "is a picture", "/a.eml/c.png", "1"), needs="ocr", within="/a.eml"
    )
    found = Scan(("/",), (SourceFile("a.eml", "/a.eml", "1", 1),), {})
    for known in (Known((mail, scan)), Known((mail,), (picture,))):
        monkeypatch.setattr("index.ingest.members.is_installed", lambda extra: False)
        assert plan_steps(known, found).fresh == ()
        monkeypatch.setattr("index.ingest.members.is_installed", lambda extra: extra == "ocr")
        assert plan_steps(known, found).plan.changed == ("a.eml",)


def test_a_reply_names_the_mail_that_it_answers(tmp_path: Path, update: Update) -> None:
    folder, store = tmp_path / "docs", tmp_path / "store"
    folder.mkdir()
    reply = make_mail("Re: Budget 2026", "Nine.", Message_ID="<2@x>", References="<0@x> <1@x>")
    (folder / "a.eml").write_bytes(reply.as_bytes())
    second = make_mail("Thanks", "Good.", In_Reply_To="<2@x>", References="<1@x> <2@x>")
    (folder / "b.eml").write_bytes(second.as_bytes())
    update(store, folder)
    assert find(store, "a.eml").answered == ""
    assert find(store, "b.eml").answered == "Re: Budget 2026 (2026-11-28)"
    first = make_mail("Budget 2026", "How much?", Message_ID="<1@x>")
    (folder / "c.eml").write_bytes(first.as_bytes())
    assert update(store, folder).plan.added == (str(folder / "c.eml"),)
    assert find(store, "a.eml").answered == "Budget 2026 (2026-11-28)"
    (folder / "c.eml").unlink()
    update(store, folder)
    assert find(store, "a.eml").answered == ""
    line = b"From ann@example.org Sat Nov 28 09:00:00 2026\n"
    other = make_mail("Other", "No.", Message_ID="<9@x>")
    (folder / "d.mbox").write_bytes(
        b"".join(line + mail.as_bytes() + b"\n" for mail in (first, other))
    )
    update(store, folder)
    assert find(store, "a.eml").answered == "Budget 2026 (2026-11-28)"


def test_a_mail_that_says_it_answers_itself_answers_none() -> None:
    record = DocumentRecord(
        *("a", "/a", "A", "eml", "1", 1, "", "s", 0, 1, 1),
        messages=(Message("1", "A", "", ("1",)),),
    )
    assert name_answered([record]) == [record]


def test_what_is_kept_of_a_message_is_limited() -> None:
    ids = " ".join(f"<{n}@x>" for n in range(99))
    mail = make_mail("Cranes " * 99, "Nine.", Message_ID=f"<{'1' * 600}@x>", References=ids)
    (message,) = load_with_members(mail.as_bytes(), "a.eml")[0].messages
    assert (message.id, len(message.topic), len(message.answers)) == ("", 200, 20)
    assert message.answers[0] == "<98@x>"
