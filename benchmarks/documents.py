"""How well documents are read: their text against a reference text beside each file.

Usage: ``python -m benchmarks.documents FOLDER [--each]``

The reference of FILE.pdf is FILE.pdf.txt, FILE.pdf.md, FILE.txt or FILE.md; other files are left
out. Test sets of other projects have such pairs, for example apache/pdfbox in
``pdfbox/src/test/resources/input`` and docling-project/docling in ``tests/data``. Printed for each
suffix:

- F1, precision and recall of the words in their order: from the longest common subsequence of the
  words of both texts.
- pairs: of the neighbouring words in the reference, the share that are neighbours in our text.
  Text of another column between two lines lowers it.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean

from index.documents import FORMATS, load_document, read_bytes
from index.documents.outline import Outline
from index.errors import DocumentError
from index.text.markup import readable

_MARKUP = re.compile(r"<!--.*?-->|</?\w[^>]*>|!\[[^\]]*\]\([^)]*\)", re.DOTALL)
_RAISED = re.compile(r"[⁰¹²³⁴-⁹]+")  # marks of footnotes; references have them as words
# Scripts without spaces between words: each character counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Score:
    """The comparison of one file with its reference. All figures are fractions but `seconds`."""

    name: str
    precision: float
    recall: float
    pairs: float
    seconds: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def find_pairs(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each file of a known format with its reference."""
    for file in sorted(folder.rglob("*")):
        names = (f"{file.name}.txt", f"{file.name}.md", f"{file.stem}.txt", f"{file.stem}.md")
        if file.suffix.lower() in FORMATS and file.suffix not in (".txt", ".md"):
            found = [file.with_name(name) for name in names if file.with_name(name).is_file()]
            if found:
                yield file, found[0]


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without markup."""
    text = _RAISED.sub(r" \g<0> ", _MARKUP.sub(" ", text))
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def read_words(file: Path) -> list[str]:
    """Return the words of a file as Footnote reads it; none if it cannot be read."""
    try:
        document = load_document(read_bytes(file, file.name), file.name)
    except DocumentError as error:
        print(f"{file.name}: {error}", file=sys.stderr)
        return []
    blocks = Outline(document).blocks()
    return split_words("\n".join(readable(block.text, document.format) for block in blocks))


def common_length(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Bit-parallel (Hyyrö 2004): bit i of `state` is 0 if the subsequence grows at word i of `first`.
    """
    places: dict[str, int] = {}
    for at, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << at
    everything = (1 << len(first)) - 1
    state = everything
    for word in second:
        matched = state & places.get(word, 0)
        state = ((state + matched) | (state - matched)) & everything
    return len(first) - state.bit_count()


def compare(name: str, words: Sequence[str], reference: Sequence[str], seconds: float) -> Score:
    """Return the score of the words of a file."""
    common = common_length(reference, words)
    wanted = Counter(pairwise(reference))
    kept = sum((wanted & Counter(pairwise(words))).values())
    return Score(
        name,
        common / len(words) if words else 0.0,
        common / len(reference),
        kept / max(1, wanted.total()),
        seconds,
    )


def main() -> None:
    """Compare the files of a folder with their references."""
    parser = argparse.ArgumentParser(description="How well are documents read?")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", action="store_true", help="print every file as well")
    options = parser.parse_args()
    by_suffix: dict[str, list[Score]] = {}
    for file, reference in find_pairs(options.folder):
        expected = split_words(reference.read_text("utf-8", "replace"))
        if not expected:
            continue
        start = time.perf_counter()
        words = read_words(file)
        score = compare(file.name, words, expected, time.perf_counter() - start)
        by_suffix.setdefault(file.suffix.lower(), []).append(score)
    print(f"{'':40}     F1  prec.   rec.  pairs  seconds")
    for suffix, scores in by_suffix.items():
        for score in scores if options.each else ():
            _print_line(score.name, [score])
        _print_line(f"{suffix} ({len(scores)} files)", scores)


def _print_line(name: str, scores: Sequence[Score]) -> None:
    values = (
        mean(getattr(s, key) for s in scores) for key in ("f1", "precision", "recall", "pairs")
    )
    shown = " ".join(f"{value:6.3f}" for value in values)
    print(f"{name[:40]:40} {shown} {sum(score.seconds for score in scores):8.1f}")


if __name__ == "__main__":
    main()
