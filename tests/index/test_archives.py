"""The files in an archive are documents of their own, like those of a folder."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image

from index import (
    DocumentParser,
    PageReader,
    Report,
    UnreadableDocumentError,
    open_snapshot,
    remove_documents,
    require_current,
)
from index.documents import load_with_members
from index.documents.content import ContentError
from index.documents.members import OpenFile
from index.files.layout import StoreLayout
from index.files.manifest import FORMAT
from index.ingest import parser as parsing
from index.ingest import parser_process
from index.ingest.parser import ParsedDocument
from index.ingest.scan import SourceFile
from index.types import DocumentRecord, Failure

Update = Callable[..., Report]
Files = dict[str, str | bytes]


def pack(files: Files, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packed) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def make_mail(subject: str, text: str, **attached: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = subject, "ann@example.org"
    mail.set_content(text)
    for name, content in attached.items():
        file = name.replace("__", ".")
        mail.add_attachment(content.encode(), "application", "octet-stream", filename=file)
    return mail.as_bytes()


def encrypt(data: bytes, name: str) -> bytes:
    """Mark a file of an archive as encrypted, in both of its headers."""
    changed = bytearray(data)
    for signature, flags, at in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        place = data.find(signature)
        while place >= 0:
            if data[place + at :].startswith(name.encode()):
                changed[place + flags] |= 1
            place = data.find(signature, place + 1)
    return bytes(changed)


def draw_pdf() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(stream, "PDF")
    return stream.getvalue()


def names(data: bytes) -> list[str]:
    return [*load_with_members(data, "a.zip")[1]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    files: Files = {
        "docs/port.md": "# Port\n\nThe port has nine cranes.\n",
        "docs/broken.docx": b"PK\x03\x04",
        "docs/empty.txt": "",
        "mail.eml": make_mail("Offer", "The list is attached.", prices__csv="port,fee\nKiel,9\n"),
        "plan.dwg": b"x",
        "inner.zip": pack({"x.txt": "deep"}),
        ".hidden.txt": "no",
        "__MACOSX/a.txt": "no",
    }
    (folder / "pack.zip").write_bytes(pack(files))
    (folder / "note.txt").write_text("The bridge is long.")
    return folder


@pytest.fixture
def store(tmp_path: Path, folder: Path, update: Update) -> Path:
    update(tmp_path / "store", folder)
    return tmp_path / "store"


def titles(store: Path, folder: Path) -> dict[str, str]:
    documents = require_current(store).documents
    return {str(Path(each.path).relative_to(folder)): each.title for each in documents}


def find(store: Path, name: str) -> DocumentRecord:
    documents = require_current(store).documents
    return next(record for record in documents if record.path.endswith(name))


ALL = {
    "note.txt": "note",
    "pack.zip": "pack",
    "pack.zip/docs/port.md": "Port",
    "pack.zip/mail.eml": "Offer",
    "pack.zip/mail.eml/prices.csv": "prices.csv (attached to: Offer)",
}


def test_the_files_in_an_archive_are_documents(store: Path, folder: Path, update: Update) -> None:
    assert titles(store, folder) == ALL
    record = find(store, "port.md")
    assert (record.format, record.within) == ("markdown", str(folder / "pack.zip"))
    with closing(open_snapshot(store)) as snapshot:
        assert snapshot.read(record).text == "# Port\n\nThe port has nine cranes.\n"
        assert snapshot.read(find(store, "pack.zip")).text.splitlines() == [
            *("docs/broken.docx", "", "docs/empty.txt", "", "docs/port.md", "", "inner.zip", ""),
            *("mail.eml", "", "plan.dwg"),
        ]
    again = update(store, folder)
    assert (again.embedded, again.plan.empty) == (0, True)


def test_each_file_fails_alone_with_reason_and_remedy(store: Path, folder: Path) -> None:
    failures = {str(Path(f.path).relative_to(folder)): f for f in require_current(store).failures}
    assert {
        path: failure.reason for path, failure in failures.items() if not failure.unsupported
    } == {
        "pack.zip/docs/broken.docx": "is not a readable .docx file: open and save it again",
        "pack.zip/docs/empty.txt": "is empty: fill or remove it",
        "pack.zip/inner.zip": "is an archive in an archive: unpack it",
    }
    unsupported = failures["pack.zip/plan.dwg"]
    assert unsupported.unsupported
    assert unsupported.reason.startswith("has an unknown format (.dwg): convert it to one of")
    assert len(failures) == 4


def test_files_go_with_their_archive(store: Path, folder: Path, update: Update) -> None:
    (folder / "pack.zip").rename(folder / "old.zip")
    report = update(store, folder)
    assert (len(report.plan.moved), report.embedded) == (1, 0)
    assert titles(store, folder).keys() == {name.replace("pack", "old", 1) for name in ALL}
    (folder / "old.zip").write_bytes(pack({"docs/port.md": "# Port\n\nIt has ten cranes.\n"}))
    assert update(store, folder).failures == ()
    assert titles(store, folder).keys() == {"note.txt", "old.zip", "old.zip/docs/port.md"}
    (folder / "old.zip").unlink()
    update(store, folder)
    assert titles(store, folder).keys() == {"note.txt"}


def test_a_removed_file_stays_out_until_it_or_its_archive_is_named(
    store: Path, folder: Path, update: Update
) -> None:
    remove_documents(store, [str(folder / "pack.zip/mail.eml")])
    left = {"note.txt", "pack.zip", "pack.zip/docs/port.md"}
    assert titles(store, folder).keys() == left
    update(store, folder, full=True)
    assert titles(store, folder).keys() == left
    update(store, folder / "pack.zip/mail.eml")
    assert titles(store, folder) == ALL


def test_an_index_of_an_earlier_version_is_rebuilt(
    store: Path, folder: Path, update: Update
) -> None:
    """Such an index has the text of all files in an archive as one document."""
    manifest = require_current(store)
    records = tuple(record for record in manifest.documents if not record.within)
    earlier = replace(manifest, documents=records, failures=(), format=FORMAT - 1)
    StoreLayout(store).manifest(manifest.id).write_bytes(earlier.to_json())
    update(store, folder)
    assert titles(store, folder) == ALL


def test_names_in_an_archive_are_no_paths(tmp_path: Path, update: Update) -> None:
    files: Files = {
        "../../outside.txt": "no",
        "/etc/passwd.txt": "The crane is tall.",
        "C:\\docs\\a.txt": "The crane is tall.",
        "b\x1b[1m.txt": "The crane is tall.",
        "c/" * 50 + "d.txt": "The crane is tall.",
        "x" * 999 + ".txt": "The crane is tall.",
    }
    (tmp_path / "a.zip").write_bytes(pack(files))
    found = ["C:/docs/a.txt", "b[1m.txt", "c/" * 20 + "d.txt", "etc/passwd.txt", "x" * 100 + ".txt"]
    assert names(pack(files)) == found
    report = update(tmp_path / "store", tmp_path / "a.zip")
    assert (report.documents, report.failures) == (6, ())
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "store"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice(tmp_path: Path, update: Update) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("docs/a.txt", "docs/a.txt", "docs\\a.txt", "b.eml/a.txt"):
            archive.writestr(name, f"The crane {name} {len(stream.getvalue())} is tall.")
        archive.writestr("b.eml", make_mail("Offer", "See.", a__txt="The list."))
    found = [
        *("b.eml", "a.txt", "docs/a.txt", "docs/a (2).txt", "docs/a (3).txt"),
    ]
    assert names(stream.getvalue()) == found
    (tmp_path / "a.zip").write_bytes(stream.getvalue())
    update(tmp_path / "store", tmp_path)
    inside = {*(f"a.zip/{name}" for name in found), "a.zip/b.eml/a.txt", "a.zip"}
    assert titles(tmp_path / "store", tmp_path).keys() == inside
    with closing(open_snapshot(tmp_path / "store")) as snapshot:
        texts = {snapshot.read(record).text for record in snapshot.documents}
    assert len(texts) == len(inside)


@pytest.mark.parametrize("written", ["é".encode(), "é".encode("cp437")])
def test_names_that_do_not_say_their_encoding(written: bytes) -> None:
    data = pack({"@" * len(written) + ".txt": "The crane is tall."})
    assert names(data.replace(b"@" * len(written), written)) == ["é.txt"]


def test_damaged_and_encrypted_files_fail_alone(tmp_path: Path, update: Update) -> None:
    files: Files = {f"{name}.txt": f"The {name} crane is tall." for name in ("good", "bad", "shut")}
    data = encrypt(pack(files, zipfile.ZIP_STORED).replace(b"The bad", b"The BAD"), "shut.txt")
    (tmp_path / "a.zip").write_bytes(data)
    report = update(tmp_path / "store", tmp_path)
    assert report.documents == 2
    assert {Path(f.path).name: f.reason for f in report.failures} == {
        "bad.txt": "is damaged: pack it again",
        "shut.txt": "is encrypted: unpack it",
    }
    with pytest.raises(UnreadableDocumentError, match="is encrypted"):
        load_with_members(encrypt(pack({"a.txt": "x"}), "a.txt"), "a.zip")


def test_an_archive_without_documents() -> None:
    for files in ({"a.dwg": b"x"}, {"inner.zip": b"x"}, {"../a.txt": b"x"}):
        with pytest.raises(UnreadableDocumentError, match="holds no document that can be read"):
            load_with_members(pack({**files}), "a.zip")


def test_links_in_an_archive_are_not_followed() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.txt", "The crane is tall.")
    assert names(stream.getvalue()) == ["a.txt"]


def test_an_archive_with_too_many_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableDocumentError, match="more than 1000 documents or 200 MiB"):
        names(pack({f"{n}.txt": "word" for n in range(1001)}))
    monkeypatch.setattr("index.documents.zip._MAX_UNPACKED", 2**20)
    with pytest.raises(UnreadableDocumentError, match="or 1 MiB: unpack it and index the folder"):
        names(pack({"a.txt": bytes(600_000), "b.txt": bytes(600_000)}))
    many: Files = {f"{n}.dwg": "x" for n in range(1003)}
    document, members = load_with_members(pack(many | {"a.txt": "x"}), "a.zip")
    assert (len(members), document.remark) == (1001, "files in it that are not read: 3 more")


def test_archives_in_mails_in_archives_end(tmp_path: Path) -> None:
    data = pack({"a.txt": "The last crane."})
    for level in range(6):
        mail = EmailMessage()
        mail["Subject"] = f"Mail {level}"
        mail.set_content("See below.")
        mail.add_attachment(data, "application", "zip", filename="b.zip")
        data = pack({"c.eml": mail.as_bytes()})
    (tmp_path / "d.zip").write_bytes(data)
    file = SourceFile("d.zip", str(tmp_path / "d.zip"), "", len(data))
    with DocumentParser() as parser:
        results = [(each.member.count("/"), result) for each, result in parser.parse([file])]
    depth, last = results[-1]
    assert isinstance(last, Failure)
    assert (depth, last.reason) == (5, "is within too many files: save it as a file")


def test_a_file_has_a_limit_for_all_that_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "_MAX_MEMBERS", 3)
    mail = make_mail("Offer", "See.", a__txt="The crane.", b__txt="The port.")
    for name in ("a.zip", "b.zip"):
        (tmp_path / name).write_bytes(pack({"c.eml": mail, "d.eml": mail}))
    files = [SourceFile(name, str(tmp_path / name), "", 1) for name in ("a.zip", "b.zip")]
    with DocumentParser() as parser:
        results = {each.path: result for each, result in parser.parse(files)}
    assert [*results] == [
        *("a.zip", "a.zip/c.eml", "a.zip/d.eml", "b.zip", "b.zip/c.eml", "b.zip/d.eml"),
    ]
    cut = results["a.zip/d.eml"]
    assert isinstance(cut, ParsedDocument)
    assert cut.document.remark == "files in it that are not read: 2, as a file may hold 3 in all"


def test_pages_and_bytes_of_a_file_in_an_archive(tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    pdf = draw_pdf()
    file.write_bytes(pack({"docs/scan.pdf": pdf}))
    with DocumentParser() as parser:
        results = [*parser.parse([SourceFile("a.zip", str(file), "", 1)])]
    archive = results[0][1]
    assert isinstance(archive, ParsedDocument)
    record = DocumentRecord(
        *("a.zip/docs/scan.pdf", f"{file}/docs/scan.pdf", "A", "pdf", archive.sha256),
        *(archive.size, "", "s", 0, 1, 1),
        within=str(file),
    )
    reader = PageReader()
    try:
        assert reader.draw(record, 1).startswith(b"\xff\xd8")
        assert reader.extract(record) == pdf
    finally:
        reader.parser.close()


def test_pictures_and_scans_in_an_archive_wait_for_text_recognition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    file = tmp_path / "a.zip"
    file.write_bytes(pack({"b.png": b"\x89PNG", "c.pdf": draw_pdf()}))
    picture = parser_process._parse("a.zip/b.png", str(file), "b.png")
    assert (picture["problem"], picture["needs"]) == ("is a picture", "ocr")
    assert picture["unsupported"]
    scan = parser_process._parse("a.zip/c.pdf", str(file), "c.pdf")
    assert (scan["problem"], scan["needs"]) == ("holds no text", "ocr")
    assert not scan["unsupported"]
    assert scan["sha256"]  # the same bytes are not tried again


def test_only_the_file_that_is_wanted_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encrypt(pack({"a.txt": "The crane.", "b.txt": "The port."}), "b.txt")
    file = load_with_members(data, "a.zip")[1]
    assert file["a.txt"].read() == b"The crane."
    with pytest.raises(ContentError):
        file["b.txt"].read()
    with pytest.raises(ContentError, match="is not in its file any more"):
        OpenFile().find("key", type(file["a.txt"])("a.zip", lambda: data), "c.txt")
