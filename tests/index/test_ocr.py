"""Text recognition: pictures of pages are read, and scanned pages of PDFs."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from fpdf import FPDF
from PIL import Image

from index import Document, DocumentParser, FootnoteError, Limits, Progress
from index.changes import Plan
from index.documents import load_document, read_bytes
from index.documents.ocr import budget
from index.documents.ocr.budget import Budget
from index.documents.ocr.order import order_lines
from index.documents.ocr.pages import PictureReader, name_pages
from index.documents.outline import Outline
from index.documents.page_image import open_pages
from index.encoders.protocol import ModelIdentity
from index.errors import EmptyDocumentError, UnknownFormatError, UnreadableDocumentError
from index.files.manifest import Manifest
from index.ingest.plan import Known, plan_steps
from index.ingest.scan import Scan as FolderScan
from index.ingest.scan import SourceFile
from index.operations.update import make_report
from index.page_text import Scan
from index.types import DocumentRecord, Failure
from tests.printed import find_boxes
from ui.left_out import count_unsupported

CRANE = ("The harbour crane is forty metres tall.", "It was built in May 1954.")
OWNER = ("Two engineers own the company.", "They live in Hamburg.")


def make_pdf(*writers: Callable[[FPDF], None]) -> bytes:
    pdf = FPDF(format=(148, 210))
    pdf.set_font("Helvetica", size=14)
    for write in writers:
        pdf.add_page()
        write(pdf)
    return bytes(pdf.output())


def write_page(pdf: FPDF) -> None:
    for number, line in enumerate(CRANE):
        pdf.text(20, 40 + 7 * number, line)
    for number, line in enumerate(OWNER):
        pdf.text(20, 90 + 7 * number, line)


def draw(write: Callable[[FPDF], None] = write_page, dots: int = 110) -> Image.Image:
    with pdfium.PdfDocument(make_pdf(write)) as pdf:
        return pdf[0].render(scale=dots / 72).to_pil().convert("RGB")


def save(*images: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    images[0].save(stream, kind, save_all=len(images) > 1, append_images=images[1:])
    return stream.getvalue()


def blocks(document: Document) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks]


@cache
def read_straight() -> tuple[bytes, Document]:
    data = save(draw())
    return data, load_document(data, "a.png")


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)


def test_a_picture_is_read_in_paragraphs() -> None:
    _, document = read_straight()
    assert blocks(document) == [" ".join(CRANE), " ".join(OWNER)]
    assert document.format == "picture"
    assert document.remark == ""
    assert document.scans[0].confidence > 0.9
    assert Outline(document).place_at(0).page == 1


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_and_marked_where_its_words_are(turn: int) -> None:
    data = save(draw().rotate(turn, expand=True))
    document = load_document(data, "a.png")
    assert blocks(document) == [" ".join(CRANE), " ".join(OWNER)]
    (box,) = find_boxes(data, document, "May")
    (plain,) = find_boxes(*read_straight(), "May")
    x, y = (plain[0] + plain[2]) / 2, (plain[1] + plain[3]) / 2
    expected = {90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[turn]
    found = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    assert found == pytest.approx(expected, abs=0.02)


def write_line(pdf: FPDF) -> None:
    pdf.text(10, 30, "  ".join(["pdf_haystack"] * 5))  # runs out of the page


@pytest.mark.parametrize("turn", [0, 180])
def test_a_picture_with_a_single_line_is_read_upright(turn: int) -> None:
    document = load_document(save(draw(write_line, 150).rotate(turn)), "a.png")
    assert document.text.startswith("pdf_haystack pdf_haystack pdf_haystack")


def test_a_citation_has_its_place_on_the_picture() -> None:
    (box,) = find_boxes(*read_straight(), CRANE[1])
    left, top, _, bottom = box
    assert top == pytest.approx(47 / 210, abs=0.03)  # millimetres of the page's height
    assert left == pytest.approx(20 / 148, abs=0.03)
    assert 0.19 < top < bottom < 0.25


def test_a_skewed_page_with_two_columns_is_read_column_by_column() -> None:
    left = [
        "The bridge over the river was",
        "opened in 1932 and it carries",
        "two lanes to the city.",
    ]
    right = [
        "A ferry used to cross here but",
        "it sank in a storm in 1929 and",
        "was never replaced.",
    ]

    def write(pdf: FPDF) -> None:
        pdf.set_font("Helvetica", size=11)
        for number, (first, second) in enumerate(zip(left, right, strict=True)):
            pdf.text(12, 40 + 6 * number, first)
            pdf.text(78, 40 + 6 * number, second)

    image = draw(write, 140).rotate(1.5, Image.Resampling.BICUBIC, fillcolor="white")
    document = load_document(save(image), "a.png")
    assert " ".join(document.text.split()) == " ".join([*left, *right])


def scan_page(pdf: FPDF) -> None:
    pdf.image(draw(), x=0, y=0, w=148)


def test_a_scanned_page_in_a_pdf_with_text_is_recognised() -> None:
    data = make_pdf(lambda pdf: pdf.text(20, 40, "The first page has text."), scan_page)
    document = load_document(data, "a.pdf")
    assert blocks(document)[0] == "The first page has text."
    assert " ".join(CRANE) in document.text
    assert [scan.page for scan in document.scans] == [2]
    assert Outline(document).place_at(document.text.index("It was")).page == 2
    (box,) = find_boxes(data, document, "It was", 2)
    assert box[1] == pytest.approx(47 / 210, abs=0.03)


def test_a_page_without_size_does_not_lose_the_others() -> None:
    data = make_pdf(write_page, write_page)
    second = data.rindex(b"/Type /Page\n")
    box = b"/MediaBox [0 0 9 9] /CropBox [99 99 199 199]"
    data = data[:second] + box + data[second:]
    assert "The harbour crane" in load_document(data, "a.pdf").text


def test_without_the_extra_scanned_pages_are_named(without_extra: None) -> None:
    text = lambda pdf: pdf.text(20, 40, "The first page has text.")  # noqa: E731
    document = load_document(make_pdf(text, scan_page, scan_page), "a.pdf")
    assert document.remark.startswith(
        "pages 2-3 were not read, being pictures: install footnote-rag"
    )
    assert document.needs == "ocr"


def test_without_the_extra_a_scanned_pdf_says_what_to_install(without_extra: None) -> None:
    with pytest.raises(EmptyDocumentError, match=r"install footnote-rag\[ocr\]") as caught:
        load_document(make_pdf(scan_page), "a.pdf")
    assert caught.value.as_failure().needs == "ocr"


def test_without_the_extra_pictures_are_counted_with_other_formats(
    without_extra: None, tmp_path: Path
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"x")
    with pytest.raises(UnknownFormatError, match=r"is a picture: install footnote-rag\[ocr\]") as e:
        read_bytes(file, "a.png")
    line = count_unsupported([e.value.as_failure()])
    assert line.endswith("1 .png; to read pictures, install footnote-rag[ocr]")


@pytest.mark.parametrize("installed", [True, False])
def test_what_needed_the_extra_is_read_when_it_is_there(
    installed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not installed:
        monkeypatch.setitem(sys.modules, "rapidocr", None)
    record = DocumentRecord("a", "/a", "A", "pdf", "1", 1, "", "s", 0, 1, 1, needs="ocr")
    failure = Failure("b", "holds no text", "/b", "2", needs="ocr")
    files = SourceFile("a", "/a", "1", 1), SourceFile("b", "/b", "2", 1)
    steps = plan_steps(Known((record,), (failure,)), FolderScan(("/",), files, {}))
    assert [file.path for file in steps.fresh] == (["a", "b"] if installed else [])
    assert steps.plan.empty is not installed  # otherwise an update would stop here


def test_a_budget_limits_the_pages_of_a_file() -> None:
    image = draw(lambda pdf: pdf.text(20, 40, "The crane is tall."))
    told: list[tuple[int, int]] = []
    allowed = Budget(pages=1, on_page=lambda number, total: told.append((number, total)))
    with budget.limit(allowed):
        document = load_document(save(image, image, image, kind="TIFF"), "a.tiff")
    assert blocks(document) == ["The crane is tall."]
    assert told == [(1, 3)]
    assert document.remark.startswith("pages 2-3 were not read, because")
    assert "RAG_OCR_PAGES" in document.remark
    assert Budget(seconds=0).is_spent


def test_a_picture_of_a_telephone_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (Path(__file__).parent / "crane.heic").read_bytes()  # made with pillow-heif
    for name in ("a.heic", "a.jpg"):
        document = load_document(data, name)
        assert (document.format, blocks(document)) == ("picture", ["The crane is tall."])
    assert open_pages(data).draw(1).startswith(b"\xff\xd8")  # a JPEG
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(UnreadableDocumentError, match=r"footnote-rag\[ocr\]"):
        load_document(data, "a.heic")


def test_low_confidence_is_told() -> None:
    reader = PictureReader(2)
    reader.scans += [Scan(1, 0.98, ()), Scan(2, 0.71, ())]
    assert reader.remark().startswith("page 2 was recognised with low confidence (71%)")


def test_pages_are_named_as_ranges() -> None:
    assert name_pages([4]) == "page 4 was"
    assert name_pages([7, 2, 6, 5]) == "pages 2, 5-7 were"


def test_a_picture_is_read_in_the_process_and_its_progress_told(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(save(draw()))
    told: list[Progress] = []
    limits = Limits(seconds=300)  # a busy machine takes long to load the packages
    with DocumentParser(limits, told.append) as parser:
        document = parser.parse_file(str(file))
    assert blocks(document) == [" ".join(CRANE), " ".join(OWNER)]
    assert document.scans == read_straight()[1].scans
    assert told == [Progress("read", 1, 1, str(file))]


def make_bomb(side: int) -> bytes:
    """Return a small PNG that says it is a square with this many pixels on each side."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n"
    for name, content in parts:
        check = struct.pack(">I", zlib.crc32(name + content))
        png += struct.pack(">I", len(content)) + name + content + check
    return png


@pytest.mark.parametrize("side", [11_000, 60_000])
def test_a_picture_with_too_many_pixels_is_not_decoded(side: int) -> None:
    with pytest.raises(UnreadableDocumentError, match="more than 100 million pixels"):
        load_document(make_bomb(side), "a.png")


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\nrest", b"no picture", save(draw())[:2000]])
def test_a_damaged_picture_is_named(data: bytes) -> None:
    with pytest.raises(FootnoteError, match=r"a\.png is (not a readable|a damaged) picture"):
        load_document(data, "a.png")


def test_a_picture_without_text_is_named() -> None:
    with pytest.raises(EmptyDocumentError, match="no text was found"):
        load_document(save(Image.new("RGB", (300, 200), "white")), "a.jpg")


@dataclass(frozen=True)
class Box:
    name: str
    left: float
    top: float
    right: float

    @property
    def bottom(self) -> float:
        return self.top - 10


def test_lines_are_ordered_by_columns_but_tables_by_rows() -> None:
    title = Box("title", 0, 100, 300)
    columns = [
        Box(f"{c}{r}", 160 * n, 80 - 14 * r, 160 * n + 140)
        for n, c in enumerate("ab")
        for r in range(3)
    ]
    end = Box("end", 0, 30, 300)
    mixed = [end, *columns[::-1], title]
    assert [box.name for box in order_lines(mixed)] == [
        "title",
        "a0",
        "a1",
        "a2",
        "b0",
        "b1",
        "b2",
        "end",
    ]
    cells = [
        Box(f"{c}{r}", 160 * n, 80 - 14 * r, 160 * n + 40)
        for n, c in enumerate("ab")
        for r in range(3)
    ]
    assert [box.name for box in order_lines(cells)] == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_a_remark_is_reported_when_it_is_new() -> None:
    model = ModelIdentity("model", "1", 4)
    record = DocumentRecord(
        "a", "/a", "A", "pdf", "1", 1, "", "s", 0, 1, 1, remark="page 2 was not read"
    )
    before = Manifest("1", "", model, 100, (), (), ())
    after = Manifest("2", "", model, 100, (), (), (record,))
    report = make_report(after, Plan(), known=before)
    assert report.remarks == (("a", "page 2 was not read"),)
    assert make_report(after, Plan(), known=after).remarks == ()


_WITH_LITTLE_MEMORY = """
import re, resource, sys
from pathlib import Path
from PIL import Image
from index.documents.ocr.engine import look_at
image = Image.open(sys.argv[1]).resize((1400, 2000))
look_at(image.resize((70, 100)))  # loads the models
used = int(re.search(r"VmSize:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (used + 250 * 2**20,) * 2)
try:
    look_at(image)
except MemoryError:
    print("out of memory")
"""


def test_a_picture_for_which_memory_is_missing_says_so(tmp_path: Path) -> None:
    # The parser then reads the file once more, in a new process.
    (tmp_path / "page.png").write_bytes(save(draw()))
    command = [sys.executable, "-c", _WITH_LITTLE_MEMORY, str(tmp_path / "page.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "out of memory\n", done.stderr
