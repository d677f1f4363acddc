"""How well scanned pages are read: pages of real PDFs, rendered with noise and askew.

Usage: ``python -m benchmarks.scans FOLDER [--pages 20] [--tesseract] [--each]``

FOLDER has PDFs with a text layer in Latin script, for example those in the test folders of
py-pdf/pypdf, jsvine/pdfplumber, Unstructured-IO/unstructured and docling-project/docling. From each
file one page is taken, with the text that lies within it. It is rendered at 150 to 200 dpi,
blurred, rotated by 0.5 to 2 degrees and given noise; every fourth page lies on its side or upside
down. Printed for each page:

- words right: of the words of the text layer, the share that was recognised (as often as it
  occurs, in any order).
- in order: the share of words in the longest common subsequence of both texts.
- CPU seconds: of all threads, which does not depend on what else runs on the machine. With the
  threads of two cores a page takes about half of it.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter

from benchmarks.documents import common_length, split_words
from index.documents import load_document
from index.documents.outline import Outline
from index.errors import DocumentError

_FEWEST_WORDS, _MOST_WORDS = 150, 700
_LATIN = 0x250


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as a picture, with the words of its text layer."""

    name: str
    png: bytes
    words: tuple[str, ...]


def make_scans(folder: Path, count: int) -> Iterator[Scan]:
    """Yield scans of pages of the PDFs in a folder: the same ones in each run."""
    made = 0
    seen: set[tuple[str, ...]] = set()
    files = sorted(folder.rglob("*.pdf"))
    random.Random(0).shuffle(files)
    for file in files:
        if made == count:
            return
        chosen = _choose_page(file)
        if chosen is None or chosen[1][:50] in seen:
            continue
        image, words = chosen
        seen.add(words[:50])
        turn = (0, 0, 0, 90, 0, 0, 0, 180)[made % 8]
        yield Scan(f"{file.stem[:40]} {turn or ''}", _age(image, made, turn), words)
        made += 1


def _choose_page(file: Path) -> tuple[Image.Image, tuple[str, ...]] | None:
    """Return the first page with enough text, and its words."""
    try:
        with pdfium.PdfDocument(file) as pdf:
            for page in list(pdf)[:6]:
                text = page.get_textpage().get_text_bounded(*page.get_bbox())
                words = tuple(split_words(text.replace("\ufffe\r\n", "").replace("\ufffe", "")))
                latin = sum(ord(character) < _LATIN for character in text) > 0.97 * len(text)
                if latin and _FEWEST_WORDS <= len(words) <= _MOST_WORDS:
                    dots = random.Random(len(words)).randint(150, 200)
                    return page.render(scale=dots / 72).to_pil().convert("L"), words
    except (pdfium.PdfiumError, OSError):
        pass
    return None


def _age(image: Image.Image, seed: int, turn: int) -> bytes:
    """Return the picture as a scanner might give it."""
    chance = random.Random(seed)
    angle = chance.uniform(0.5, 2) * chance.choice((-1, 1))
    image = image.filter(ImageFilter.GaussianBlur(0.6))
    image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
    noise = np.random.default_rng(seed).normal(-8, 14, (image.height, image.width))
    pixels = np.clip(np.asarray(image, np.float32) * 0.94 + noise, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).rotate(turn, expand=True).save(stream, "PNG")
    return stream.getvalue()


def read_footnote(png: bytes) -> tuple[list[str], float]:
    """Return the words that Footnote reads, and the CPU seconds."""
    start = time.process_time()
    try:
        document = load_document(png, "scan.png")
        text = "\n".join(block.text for block in Outline(document).blocks())
    except DocumentError:
        text = ""
    return split_words(text), time.process_time() - start


def read_tesseract(png: bytes) -> tuple[list[str], float]:
    """Return the words that tesseract reads with its detection of orientation."""
    start = _children_seconds()
    command = ["tesseract", "-", "-", "--psm", "1"]
    done = subprocess.run(command, input=png, capture_output=True, check=False)
    return split_words(done.stdout.decode().replace("-\n", "")), _children_seconds() - start


def _children_seconds() -> float:
    times = __import__("os").times()
    return float(times.children_user + times.children_system)


def score(words: Sequence[str], read: Sequence[str]) -> tuple[float, float]:
    """Return the share of words read in any order, and in the same order."""
    right = (Counter(words) & Counter(read)).total()
    return right / len(words), common_length(words, read) / len(words)


def main() -> None:
    """Print the scores of each engine."""
    parser = argparse.ArgumentParser(description="How well are scanned pages read?")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--each", action="store_true", help="print every page as well")
    parser.add_argument("--tesseract", action="store_true", help="also measure tesseract")
    parser.add_argument("--keep", type=Path, help="folder for the pictures and what was read")
    options = parser.parse_args()
    readers = {"footnote": read_footnote}
    if options.tesseract:
        readers["tesseract"] = read_tesseract
    results: dict[str, list[tuple[float, float, float]]] = {name: [] for name in readers}
    for number, scan in enumerate(make_scans(options.folder, options.pages)):
        for name, read in readers.items():
            words, seconds = read(scan.png)
            results[name].append((*score(scan.words, words), seconds))
            if options.each:
                _print_line(f"{name} {scan.name}", results[name][-1:])
            if options.keep:
                (options.keep / f"{number:02}.png").write_bytes(scan.png)
                (options.keep / f"{number:02}.{name}.txt").write_text(" ".join(words))
    for name, scores in results.items():
        _print_line(f"{name} ({len(scores)} pages)", scores)


def _print_line(name: str, scores: Sequence[tuple[float, float, float]]) -> None:
    right, ordered, seconds = (mean(column) for column in zip(*scores, strict=True))
    print(f"{name:55} words right {right:.3f}  in order {ordered:.3f}  CPU {seconds:5.1f} s")


if __name__ == "__main__":
    main()
