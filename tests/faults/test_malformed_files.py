"""1,000 malformed files: each is reported by name, none blocks others, good files are indexed."""

import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from docx import Document as WordDocument
from fpdf import FPDF
from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation

from index import Encoder, Limits, Report, check_index, update_index

GOOD = "The harbour of {0} has {1} cranes. They were built in 1954."
MALFORMED = 1000
KINDS = ("truncated", "flipped", "mislabelled")
HEIC = Path(__file__).parents[1] / "index" / "crane.heic"
LIMITS = Limits(seconds=5, seconds_per_mib=0)


def make_pdf(text: str) -> bytes:
    pdf = FPDF()
    pdf.set_font("Times", size=12)
    pdf.add_page()
    pdf.multi_cell(0, 6, text)
    return bytes(pdf.output())


def make_docx(text: str) -> bytes:
    document, stream = WordDocument(), io.BytesIO()
    document.add_paragraph(text)
    document.save(stream)
    return stream.getvalue()


def make_xlsx(text: str) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    book.active.append(["place", "fact"])
    book.active.append(["harbour", text])
    book.save(stream)
    return stream.getvalue()


def make_pptx(text: str) -> bytes:
    presentation, stream = Presentation(), io.BytesIO()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Harbours"
    slide.placeholders[1].text = text
    presentation.save(stream)
    return stream.getvalue()


def pack(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def make_epub(text: str, opf: str = "") -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book.opf"/></rootfiles></container>'
    )
    opf = opf or (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    page = f"<html><body><p>{text}</p></body></html>"
    return pack({"META-INF/container.xml": container, "book.opf": opf, "a.xhtml": page})


def make_odt(text: str) -> bytes:
    names = "urn:oasis:names:tc:opendocument:xmlns"
    body = f"<o:body><o:text><t:p>{text}</t:p></o:text></o:body>"
    root = f'<o:document-content xmlns:o="{names}:office:1.0" xmlns:t="{names}:text:1.0">'
    kind = "application/vnd.oasis.opendocument.text"
    return pack({"mimetype": kind, "content.xml": f"{root}{body}</o:document-content>"})


def make_notebook(text: str) -> bytes:
    cell = {"cell_type": "markdown", "source": [text]}
    return json.dumps({"nbformat": 4, "cells": [cell]}).encode()


MAKERS: dict[str, Callable[[str], bytes]] = {
    ".txt": str.encode,
    ".md": lambda text: f"# Harbour\n\n{text}".encode(),
    ".rst": lambda text: f"Harbour\n=======\n\n{text}".encode(),
    ".html": lambda text: f"<html><body><p>{text}</p></body></html>".encode(),
    ".pdf": make_pdf,
    ".docx": make_docx,
    ".pptx": make_pptx,
    ".xlsx": make_xlsx,
    ".csv": lambda text: f"place,fact\nharbour,{text}\n".encode(),
    ".json": lambda text: json.dumps([{"fact": text}]).encode(),
    ".jsonl": lambda text: (json.dumps({"fact": text}) + "\n").encode(),
    ".epub": make_epub,
    ".eml": lambda text: f"Subject: Harbour\nFrom: a@example.org\n\n{text}\n".encode(),
    ".ipynb": make_notebook,
    ".py": lambda text: f'"""{text}"""\n\ndef crane():\n    return 1\n'.encode(),
    ".odt": make_odt,
    ".rtf": lambda text: f"{{\\rtf1 Harbour\\par {text}}}".encode(),
    ".xml": lambda text: f"<ports><port><fact>{text}</fact></port></ports>".encode(),
    ".adoc": lambda text: f"== Harbour\n\n{text}\n".encode(),
    ".org": lambda text: f"* Harbour\n{text}\n".encode(),
    ".tex": lambda text: f"\\section{{Harbour}} {text}\n".encode(),
    ".srt": lambda text: f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode(),
    ".ics": lambda text: f"BEGIN:VEVENT\nSUMMARY:{text}\nEND:VEVENT\n".encode(),
    ".mbox": lambda text: f"From a 2026\nSubject: Harbour\n\n{text}\n".encode(),
    ".zip": lambda text: pack({"a.txt": text}),
}


def bomb_pdf() -> bytes:
    """Return a PDF whose page decompresses to 400 MB of instructions that draw nothing."""
    compressor = zlib.compressobj(9)
    chunk = b"q Q " * 1_000_000
    stream = b"".join(compressor.compress(chunk) for _ in range(100)) + compressor.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(stream) + stream + b"\nendstream",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj" % number + part + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Root 1 0 R/Size 5>>startxref\n%d\n%%%%EOF" % len(body)
    return body + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


XML_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]><package><metadata><title>&a11;</title></metadata></package>"
)
ZEROS = b"\0" * 300_000_000


def special() -> Iterator[tuple[str, bytes]]:
    """Yield files that attack their parser."""
    yield "bomb.docx", pack({"[Content_Types].xml": "x", "word/document.xml": ZEROS * 4})
    yield "bomb.xlsx", pack({"xl/workbook.xml": ZEROS * 4})
    yield "bomb.epub", make_epub("x", XML_BOMB)
    yield "members.pptx", pack({f"m{n}": "" for n in range(60_000)})
    yield "lies.docx", lie_about_size(pack({"word/document.xml": ZEROS}))
    yield "hangs.pdf", bomb_pdf()
    yield "deep.html", b"Above.<div>" + b"<div>" * 10_000 + b"Deep." + b"</div>" * 10_000
    yield "deep.json", b"[" * 200_000
    yield "deep.rst", b"".join(b"  " * n + b"- a\n\n" for n in range(2000))
    yield "nothing.pdf", b"%PDF-1.7\n" + b"\0" * 1000
    yield "binary.txt", bytes(range(256)) * 50
    yield "binary.py", b"\x7fELF" + bytes(range(256)) * 50
    yield "empty.md", b" \n "
    yield "noname", b"text"
    yield "unknown.xyz", b"text"


def lie_about_size(data: bytes) -> bytes:
    """Return an archive whose directory claims that its first member is small."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", 10) + data[at + 28 :]


def spoil(
    data: bytes, suffix: str, chance: random.Random, kinds: Sequence[str] = KINDS
) -> tuple[bytes, str]:
    """Return a file that is truncated, has flipped bits, or has the suffix of another format."""
    kind = chance.choice(kinds)
    if kind == "truncated":
        return data[: chance.randrange(1, max(2, len(data)))], suffix
    if kind == "flipped":
        spoiled = bytearray(data)
        for _ in range(chance.randrange(1, 200)):
            spoiled[chance.randrange(len(spoiled))] ^= 1 << chance.randrange(8)
        return bytes(spoiled), suffix
    return data, chance.choice([other for other in MAKERS if other != suffix])


@pytest.mark.timeout(600)
def test_1000_malformed_files_cause_only_failures(tmp_path: Path, encoder: Encoder) -> None:
    folder, store = tmp_path / "docs", tmp_path / "store"
    folder.mkdir()
    chance = random.Random(7)
    good = {}
    for number, (suffix, make) in enumerate(MAKERS.items()):
        file = folder / f"good{suffix}"
        file.write_bytes(make(GOOD.format(f"Port{number}", number + 3)))
        good[str(file)] = f"The harbour of Port{number} has {number + 3} cranes."
    specials = dict(special())
    for name, data in specials.items():
        (folder / name).write_bytes(data)
    for number in range(MALFORMED - len(specials)):
        suffix = chance.choice(list(MAKERS))
        data, suffix = spoil(MAKERS[suffix](GOOD.format("X", number)), suffix, chance)
        (folder / f"bad-{number:04}{suffix}").write_bytes(data)

    def update() -> Report:
        return update_index(store, [folder], load=lambda name: encoder, limits=LIMITS)

    report = update()
    failures = {failure.path: failure.reason for failure in report.failures}
    indexed = {*report.plan.added}
    files = {str(file) for file in folder.iterdir()}
    assert len(files) == MALFORMED + len(good)
    assert indexed | failures.keys() == files
    assert not indexed & failures.keys()
    assert good.keys() <= indexed
    assert {str(folder / name) for name in specials} <= failures.keys()
    assert "nested too deeply" in failures[str(folder / "deep.html")]
    assert all(reason and "\n" not in reason for reason in failures.values())
    assert "took longer than" in failures[str(folder / "hangs.pdf")]
    assert len(failures) > 300
    assert check_index(store) == []
    # Files that failed because of their content are not tried again, so the second run is fast.
    again = update()
    assert (again.snapshot, again.embedded, again.failures) == (
        report.snapshot, 0, report.failures,
    )  # fmt: skip


def make_picture(text: str, suffix: str) -> bytes:
    image, stream = Image.new("RGB", (900, 90), "white"), io.BytesIO()
    font = ImageFont.load_default(size=28)
    ImageDraw.Draw(image).text((20, 20), text, "black", font)
    image.save(stream, Image.registered_extensions()[suffix])
    return stream.getvalue()


@pytest.mark.timeout(300)
def test_malformed_pictures_cause_only_failures(tmp_path: Path, encoder: Encoder) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    chance = random.Random(7)
    suffixes = (".png", ".jpg", ".tiff", ".webp")
    pictures = {suffix: make_picture("The harbour has nine cranes.", suffix) for suffix in suffixes}
    pictures[".heic"] = HEIC.read_bytes()
    for suffix, data in pictures.items():
        (folder / f"good{suffix}").write_bytes(data)
        for number in range(6):
            cut, kept = spoil(data, suffix, chance, ("truncated", "flipped"))
            (folder / f"bad-{number}{kept}").write_bytes(cut)
    report = update_index(tmp_path / "store", [folder], load=lambda name: encoder)
    failed = {failure.path for failure in report.failures}
    indexed = {*report.plan.added}
    assert indexed | failed == {str(file) for file in folder.iterdir()}
    assert not indexed & failed
    assert {str(folder / f"good{suffix}") for suffix in pictures} <= indexed
    assert len(failed) > 10


def test_a_parser_process_that_crashes_is_replaced(tmp_path: Path, encoder: Encoder) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a.txt", "z.txt"):
        (folder / name).write_text(GOOD.format(name, 4))
    (folder / "m.txt").write_text("word " * 30_000_000)
    tight = Limits(seconds=30, memory=400 * 1024**2)
    report = update_index(tmp_path / "store", [folder], load=lambda name: encoder, limits=tight)
    assert {Path(path).name for path in report.plan.added} == {"a.txt", "z.txt"}
    (failure,) = report.failures
    assert Path(failure.path).name == "m.txt"
    assert "memory" in failure.reason or "reader" in failure.reason
