"""Formats beside the usual ones. Each file is made here, by hand or with a library."""

import io
import struct
import zipfile
from email.message import EmailMessage

import pytest

from index import Document, EmptyDocumentError, Place, UnreadableDocumentError
from index.documents import load_document
from index.documents.doc import _split
from index.documents.outline import Outline


def blocks(data: bytes | str, name: str) -> list[tuple[str, str]]:
    return show(read(data, name))


def read(data: bytes | str, name: str) -> Document:
    return load_document(data.encode() if isinstance(data, str) else data, name)


def show(document: Document) -> list[tuple[str, str]]:
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def pack(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_rtf_with_a_table() -> None:
    row = r"\trowd\cellx1\cellx2 {}\cell {}\cell\row"
    source = (
        r"{\rtf1\ansi{\info{\title Harbours}}The harbour of K\'f6ln.\par "
        + row.format("Crane", "Tons") + row.format("Nine", "40") + r"\pard The end.\par}"
    )  # fmt: skip
    document = read(source, "a.rtf")
    assert document.title == "Harbours"
    assert show(document) == [
        ("paragraph", "The harbour of Köln."),
        ("header", "Crane | Tons"),
        ("row", "Nine | 40"),
        ("paragraph", "The end."),
    ]


ODF = "urn:oasis:names:tc:opendocument:xmlns"
OPEN_DOCUMENT = (
    f'<office:document-content xmlns:office="{ODF}:office:1.0" xmlns:text="{ODF}:text:1.0" '
    f'xmlns:table="{ODF}:table:1.0" xmlns:draw="{ODF}:drawing:1.0" '
    f'xmlns:presentation="{ODF}:presentation:1.0"><office:body>{{}}</office:body>'
    "</office:document-content>"
)


def open_document(kind: str, body: str) -> bytes:
    return pack(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": OPEN_DOCUMENT.format(body),
        }
    )


def test_odt_headings_lists_notes_and_merged_cells() -> None:
    cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"
    body = (
        '<office:text><text:h text:outline-level="2">Cranes</text:h>'
        "<text:p>Nine<text:s/>of<text:line-break/>them.<text:note><text:note-citation>1"
        "</text:note-citation><text:note-body><text:p>A source.</text:p></text:note-body>"
        "</text:note></text:p><text:list><text:list-item><text:p>one</text:p></text:list-item>"
        "</text:list><table:table><table:table-header-rows><table:table-row>"
        + cell.format("", "Port") + cell.format("", "Tons")
        + "</table:table-row></table:table-header-rows><table:table-row>"
        + cell.format(' table:number-rows-spanned="2"', "Kiel") + cell.format("", "40")
        + "</table:table-row><table:table-row><table:covered-table-cell/>"
        + cell.format("", "40") + "</table:table-row></table:table></office:text>"
    )  # fmt: skip
    assert blocks(open_document("text", body), "a.odt") == [
        ("heading", "Cranes"),
        ("paragraph", "Nine of\nthem."),
        ("paragraph", "A source."),
        ("item", "one"),
        ("header", "Port | Tons"),
        ("row", "Kiel | 40"),
        ("row", "Kiel | 40"),
    ]


def test_ods_sheets_and_odp_slides_have_places() -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    rows = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>"
        for row in (["Item", "Price"], ["Rope", "5,00 €"])
    )
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/>'
    table = f'<table:table table:name="Costs">{rows}{empty}</table:table-row></table:table>'
    sheet = f"<office:spreadsheet>{table}</office:spreadsheet>"
    document = read(open_document("spreadsheet", sheet), "a.ods")
    assert show(document)[1:] == [("row", "Item | Price"), ("row", "Item: Rope | Price: 5,00 €")]
    place = Outline(document).place_at(document.text.index("Rope"))
    assert (place.sheet, place.row) == ("Costs", 2)
    slides = "".join(
        '<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>Title '
        f"{n}</text:p></draw:text-box></draw:frame></draw:page>"
        for n in (1, 2)
    )
    body = f"<office:presentation>{slides}</office:presentation>"
    document = read(open_document("presentation", body), "a.odp")
    place = Outline(document).place_at(document.text.index("Title 2"))
    assert place == Place(slide=2, heading="Title 2")


def test_a_flat_open_document() -> None:
    body = "<office:text><text:p>Flat.</text:p></office:text>"
    assert blocks(OPEN_DOCUMENT.format(body), "a.fodt") == [("paragraph", "Flat.")]


def test_subtitles_are_sentences_with_their_speakers() -> None:
    vtt = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>The harbour\n\n"
        "00:02.000 --> 00:03.000\n<v Ann>has <b>nine</b> cranes.\n\n"
        "00:03.000 --> 00:04.000\n<v Bob>Really?\n"
    )
    document = read(vtt, "a.vtt")
    assert show(document) == [
        ("heading", "Ann"),
        ("paragraph", "The harbour has nine cranes."),
        ("heading", "Bob"),
        ("paragraph", "Really?"),
    ]
    assert [block.row for block in document.blocks] == [0, 1, 0, 3]
    srt = "1\n00:00:01,000 --> 00:00:02,000\nFirst line\nsecond line.\n\n2\n"
    srt += "00:00:03,000 --> 00:00:04,000\nEnd.\n"
    assert blocks(srt, "a.srt") == [("paragraph", "First line second line."), ("paragraph", "End.")]


def test_events_and_persons() -> None:
    ics = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Harbour\r\n  meeting\r\n"
        "DTSTART;TZID=Europe/Berlin:20261128T090000\r\nLOCATION:Kiel\\, pier 5\r\n"
        'ORGANIZER;CN="Lee, Ann":mailto:ann@example.org\r\nDESCRIPTION:Bring the plans.\r\n'
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert blocks(ics, "a.ics") == [
        (
            "row",
            "Summary: Harbour meeting | Start: 2026-11-28 09:00 | Location: Kiel, pier 5 | "
            "Organizer: Lee, Ann <ann@example.org>",
        ),
        ("paragraph", "Bring the plans."),
    ]
    vcf = (
        "BEGIN:VCARD\nFN:Ann Lee\nTEL;TYPE=work:+49 431 5\n"
        "ADR:;;Pier 5;Kiel;;24103;Germany\nEND:VCARD"
    )
    assert blocks(vcf, "a.vcf") == [
        ("row", "Name: Ann Lee | Phone: +49 431 5 | Address: Pier 5, Kiel, 24103, Germany")
    ]


def test_xml_values_have_names_and_books_have_chapters() -> None:
    xml = (
        '<ports><port id="5"><name>Kiel</name><cranes>9</cranes><note>A long note about the cranes '
        "of this harbour, which were built between 1954 and 1961.</note></port></ports>"
    )
    assert blocks(xml, "a.xml") == [
        ("row", "ports.port.id: 5 | name: Kiel | cranes: 9"),
        (
            "paragraph",
            "A long note about the cranes of this harbour, which were built between 1954 and 1961.",
        ),
    ]
    book = (
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>'
        "<book-title>The Port</book-title></title-info></description><body><section><title>"
        "<p>One</p></title><p>It <emphasis>rained</emphasis>.</p></section></body>"
        '<binary id="x">AAAA</binary></FictionBook>'
    )
    document = read(book, "a.fb2")
    assert document.title == "The Port"
    assert show(document)[-2:] == [("heading", "One"), ("paragraph", "It rained.")]
    assert "AAAA" not in document.text


def test_xml_entities_are_not_followed() -> None:
    xml = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b>text &x;</b></a>'
    assert "root" not in read(xml, "a.xml").text


def test_latex() -> None:
    source = r"""\documentclass{article}\newcommand{\port}{Kiel} % a comment
\title{The Harbour} \begin{document}
\section{Cranes} The harbour of \port{} has \emph{nine} cranes~\cite{x}, says M\"uller.\footnote{In
a letter.} They lift $40\,t$.
\begin{itemize} \item one \item two \end{itemize}
\begin{tabular}{ll} Crane & Tons \\ \hline Nine & 40 \\ \end{tabular}
\begin{equation} E = mc^2 \end{equation}
\begin{verbatim}
lift(40) % kept
\end{verbatim}
\end{document}"""
    assert blocks(source, "a.tex") == [
        ("heading", "The Harbour"),
        ("heading", "Cranes"),
        (
            "paragraph",
            "The harbour of Kiel has nine cranes , says Müller. They lift 40\\,t.",
        ),
        ("item", "one"),
        ("item", "two"),
        ("header", "Crane | Tons"),
        ("row", "Nine | 40"),
        ("paragraph", "E = mc^2"),
        ("code", "lift(40) % kept"),
        ("paragraph", "In\na letter."),
    ]


def test_asciidoc() -> None:
    source = (
        "= Harbour\n:author: Ann\n\n== Cranes\n\nThe *nine* cranes, see https://x.org[the site]."
        "\n\n. Open\n.. Turn\n\n.Loads\n|===\n|Crane |Tons\n\n|Nine\n|40\n|===\n\n"
        "----\nlift(40)\n----\n"
    )
    assert blocks(source, "a.adoc") == [
        ("heading", "Harbour"),
        ("heading", "Cranes"),
        ("paragraph", "The nine cranes, see the site."),
        ("item", "Open"),
        ("item", "Turn"),
        ("caption", "Loads"),
        ("header", "Crane | Tons"),
        ("row", "Nine | 40"),
        ("code", "lift(40)"),
    ]


def test_org() -> None:
    source = (
        "#+TITLE: Harbour\n* Cranes :tag:\n:PROPERTIES:\n:ID: 5\n:END:\nThe *nine* cranes, see "
        "[[https://x.org][the site]].\n- one\n  1. two\n\n"
        "| Crane | Tons |\n|---+---|\n| Nine | 40 |\n"
        "#+BEGIN_SRC python\nlift(40)\n#+END_SRC\n"
    )
    document = read(source, "a.org")
    assert document.title == "Harbour"
    assert show(document) == [
        ("heading", "Cranes"),
        ("paragraph", "The nine cranes, see the site."),
        ("item", "one"),
        ("item", "two"),
        ("header", "Crane | Tons"),
        ("row", "Nine | 40"),
        ("code", "lift(40)"),
    ]


def test_a_saved_page() -> None:
    source = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: text/html; charset=iso-8859-1\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<title>Port</title><p>The harbour of K=F6ln.</p>\r\n--b--\r\n"
    )
    assert blocks(source, "a.mhtml") == [("paragraph", "The harbour of Köln.")]


def make_mail(subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "ann@example.org", "bob@example.org"
    mail["Date"] = "Sat, 28 Nov 2026 09:00:00 +0100"
    mail.set_content(text)
    return mail


def test_mail_with_attachments_and_a_forwarded_message() -> None:
    mail = make_mail(
        "Cranes", "See below.\n\nOn 27 Nov 2026, Bob wrote:\n> How many\n> are there?\n"
    )
    mail.add_attachment(b"port,cranes\nKiel,9\n", "text", "csv", filename="../port.csv")
    mail.add_attachment(b"\xff\xd8", "image", "jpeg", filename="photo.jpg")
    mail.add_attachment(make_mail("The old mail", "Nine."))
    assert blocks(mail.as_bytes(), "a.eml") == [
        ("heading", "Cranes"),
        ("row", "From: ann@example.org"),
        ("row", "To: bob@example.org"),
        ("row", "Date: Sat, 28 Nov 2026 09:00:00 +0100"),
        ("paragraph", "See below."),
        ("heading", "On 27 Nov 2026, Bob wrote:"),
        ("paragraph", "How many"),
        ("paragraph", "are there?"),
        ("row", "Attachment: port.csv"),
        ("row", "Attachment: photo.jpg"),
        ("heading", "The old mail"),
        ("row", "From: ann@example.org"),
        ("row", "To: bob@example.org"),
        ("row", "Date: Sat, 28 Nov 2026 09:00:00 +0100"),
        ("paragraph", "Nine."),
    ]


def test_a_folder_of_mail() -> None:
    line = b"From ann@example.org Sat Nov 28 09:00:00 2026\n"
    data = b"".join(
        line + make_mail(f"Mail {n}", ">From here on.\n").as_bytes() + b"\n" for n in (1, 2)
    )
    found = blocks(data, "a.mbox")
    assert [text for kind, text in found if kind == "heading"] == ["Mail 1", "Mail 2"]


def test_text_below_a_quotation_is_by_the_sender_again() -> None:
    text = "Hello.\n\nOn 27 Nov 2026, Bob wrote:\n> How many?\n>> Which?\n\nNine.\n> When?\nNow.\n"
    assert blocks(make_mail("Re: Cranes", text).as_bytes(), "a.eml")[4:] == [
        ("paragraph", "Hello."),
        ("heading", "On 27 Nov 2026, Bob wrote:"),
        ("paragraph", "How many?"),
        ("paragraph", "Which?"),
        ("heading", "From: ann@example.org"),
        ("paragraph", "Nine."),
        ("paragraph", "When?"),
        ("heading", "From: ann@example.org"),
        ("paragraph", "Now."),
    ]


def test_a_message_below_header_fields_is_by_its_own_sender() -> None:
    text = (
        "Nine.\n\n-----Ursprüngliche Nachricht-----\nVon: Bob <bob@example.org>\n"
        "Gesendet: Freitag, 27. November 2026 10:00\nAn: Ann\nBetreff: Kräne\n\nWie viele?\n"
        "> Welche?\nDie alten.\n\nFrom: Kiel\nTo: Riga\nAt: 9:00\n"
    )
    assert blocks(make_mail("AW: Kräne", text).as_bytes(), "a.eml")[4:] == [
        ("paragraph", "Nine."),
        ("heading", "Von: Bob <bob@example.org>"),
        ("row", "Gesendet: Freitag, 27. November 2026 10:00"),
        ("row", "An: Ann"),
        ("row", "Betreff: Kräne"),
        ("paragraph", "Wie viele?"),
        ("paragraph", "Welche?"),
        ("heading", "Von: Bob <bob@example.org>"),
        ("paragraph", "Die alten."),
        ("paragraph", "From: Kiel"),
        ("paragraph", "To: Riga"),
        ("paragraph", "At: 9:00"),
    ]


def test_a_reply_names_the_message_that_it_answers() -> None:
    first, second = make_mail("Cranes", "How many?\n"), make_mail("Other words", "Nine.\n")
    first["Message-ID"] = "<1@example.org>"
    second["In-Reply-To"], second["References"] = "<lost@example.org>", "<0@x> <1@example.org>"
    line = b"From ann@example.org Sat Nov 28 09:00:00 2026\n"
    data = b"".join(line + mail.as_bytes() + b"\n" for mail in (second, first))
    rows = [text for _, text in blocks(data, "a.mbox") if text.startswith("In reply")]
    named = "Cranes, ann@example.org, Sat, 28 Nov 2026 09:00:00 +0100"
    assert rows == [f"In reply to: {named}"]


def test_a_suffix_that_lies() -> None:
    assert read("{\\rtf1 Text.}", "a.doc").format == "rtf"
    assert read("<!DOCTYPE html><html><p>Text.</p></html>", "a.xls").format == "html"
    odt = open_document("text", "<office:text><text:p>Text.</text:p></office:text>")
    assert read(odt, "a.docx").format == "odf"
    assert read(odt, "a.txt").format == "odf"


def ppt_record(kind: int, content: bytes, instance: int = 0, container: bool = False) -> bytes:
    return struct.pack("<HHI", instance << 4 | 0xF * container, kind, len(content)) + content


def test_texts_of_old_slides() -> None:
    from index.documents.ppt import _Reader

    title = ppt_record(3999, struct.pack("<I", 0)) + ppt_record(4008, b"Cranes")
    text = ppt_record(3999, struct.pack("<I", 1)) + ppt_record(
        4000, "Nün.\rTen".encode("utf-16-le")
    )
    outline = ppt_record(1011, b"") + title + text
    box = ppt_record(1006, ppt_record(4008, b"In a box"), container=True)
    master = ppt_record(1016, ppt_record(4008, b"Click to edit"), container=True)
    reader = _Reader()
    reader.add_slides(master + ppt_record(4080, outline, container=True) + box)
    content = reader.builder.build()
    assert content.text.split("\n\n") == ["Cranes", "Nün.", "Ten", "In a box"]
    assert [(part.kind, part.number) for part in content.parts] == [("slide", 1)]


def test_paragraphs_and_rows_of_old_word_documents() -> None:
    text = "Title\rA \x13HYPERLINK x\x14link\x15.\ra\x07b\rc\x07\x07End\r"
    assert [part for part in _split(text) if part] == [
        "Title",
        "A link.",
        "a\x07b\rc\x07\x07",
        "End",
    ]


@pytest.mark.parametrize(
    "name",
    "a.doc a.ppt a.xls a.msg a.odt a.rtf a.zip a.mbox a.ics a.srt a.mhtml a.docx a.pptx".split(),
)
@pytest.mark.parametrize(
    "data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing", b"PK\x03\x04 x", b"x"]
)
def test_damaged_files_are_named(name: str, data: bytes) -> None:
    with pytest.raises((UnreadableDocumentError, EmptyDocumentError)) as caught:
        read(data, name)
    assert name in str(caught.value)


def test_mail_in_utf_16() -> None:
    data = make_mail("Cranes", "Nine.\n").as_string().encode("utf-16")
    assert blocks(data, "a.eml")[0] == ("heading", "Cranes")
