"""Terms, posting lists and idf for BM25. Posting lists are memory-mapped numpy files.

Scores follow Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), with the non-negative idf of Lucene. Document frequencies are counted over the live rows of
all segments when a question is asked, so removed documents never influence them.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import Stemmer

from index.arrays import Scores, map_array, map_bytes
from index.text.languages import DEFAULT_LANGUAGE, STEMMERS
from index.text.superscripts import set_apart
from index.text.unspaced import split_unspaced

K1 = 1.2
B = 0.75
_CACHED_TEXTS = 2048  # cached sentences and titles: those of about twenty questions
_CACHED_TERMS = 4096  # cached results of `Postings.find`
BM25_LIMIT = K1 + 1  # times its idf: the most that a term adds to a score

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|\w")  # noqa: RUF001
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def split_terms(text: str, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Return the terms of a text in order: case-folded, without accents, and stemmed.

    ``5,000`` and ``5000`` give the same term. Languages without a stemmer are not stemmed. In
    scripts without spaces between words every two neighbouring characters are a term.
    """
    words = _WORD.findall(set_apart(text))
    if not text.isascii():
        words = [part for word in words for part in split_unspaced(word)]
    return [_normalise(word, language) for word in words]


@lru_cache(maxsize=_CACHED_TEXTS)
def distinct_terms(text: str, language: str = DEFAULT_LANGUAGE) -> frozenset[str]:
    """Return the distinct terms of a text. Cached, because evidence is compared repeatedly."""
    return frozenset(split_terms(text, language))


@lru_cache(maxsize=1 << 16)
def _normalise(word: str, language: str) -> str:
    if _GROUPED.fullmatch(word):
        return word.replace(",", "")
    whole = unicodedata.normalize("NFC", word.casefold())
    whole = re.sub(r"['’]s$|['’]", "", whole)  # noqa: RUF001
    # Accents are removed after stemming: the stemmer needs them, but users often omit them.
    stem = unicodedata.normalize("NFKD", _STEMMERS.stem(whole, language))
    return "".join(c for c in stem if not unicodedata.combining(c))


class _Stemmers(threading.local):
    """The stemmers of one thread. A stemmer must not be used by two threads at once."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def stem(self, word: str, language: str) -> str:
        """Return the stem of a word, or the word itself if its language has no stemmer."""
        name = STEMMERS.get(language)
        if name is None:
            return word
        if name not in self._loaded:
            self._loaded[name] = Stemmer.Stemmer(name)
        return str(self._loaded[name].stemWord(word))


_STEMMERS = _Stemmers()


def _to_bytes(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")  # a text may contain a lone surrogate


class PostingsWriter:
    """Collects the terms of rows (sentences or passages) and writes their posting lists."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._terms = array("i")
        self._rows = array("i")
        self._lengths = array("i")

    def add(self, terms: Iterable[str]) -> None:
        """Add the terms of the next row."""
        row = len(self._lengths)
        length = 0
        for term in terms:
            self._terms.append(self._numbers.setdefault(term, len(self._numbers)))
            self._rows.append(row)
            length += 1
        self._lengths.append(length)

    def write(self, folder: Path) -> None:
        """Write the posting lists, sorted by the UTF-8 bytes of their terms.

        At least one row must have been added.
        """
        folder.mkdir(parents=True)
        names = sorted(self._numbers, key=_to_bytes)
        order = np.empty(len(names), np.int64)
        for rank, name in enumerate(names):
            order[self._numbers[name]] = rank
        terms = order[np.frombuffer(self._terms, np.int32)]
        rows = np.frombuffer(self._rows, np.int32)
        width = len(self._lengths)
        pairs, counts = np.unique(terms * width + rows, return_counts=True)
        encoded = [_to_bytes(name) for name in names]
        np.save(folder / "rows.npy", (pairs % width).astype(np.int32))
        np.save(folder / "counts.npy", counts.astype(np.float32))
        np.save(folder / "starts.npy", np.searchsorted(pairs, np.arange(len(names) + 1) * width))
        np.save(folder / "lengths.npy", np.array(self._lengths, np.float32))
        np.save(folder / "offsets.npy", np.cumsum([0, *map(len, encoded)]))
        (folder / "terms.bin").write_bytes(b"".join(encoded))


class Postings:
    """The posting lists of one segment at one level, memory-mapped.

    `rows` and `counts` have shape (postings,): the row and how often the term occurs in it.
    `lengths` has shape (rows,): the number of terms of each row.
    """

    def __init__(self, folder: Path) -> None:
        self.rows: npt.NDArray[np.int32] = map_array(folder / "rows.npy", np.int32)
        self.counts: Scores = map_array(folder / "counts.npy", np.float32)
        self.lengths: Scores = map_array(folder / "lengths.npy", np.float32)
        self._starts: npt.NDArray[np.int64] = map_array(folder / "starts.npy", np.int64)
        self._names = _TermList(
            map_bytes(folder / "terms.bin"), map_array(folder / "offsets.npy", np.int64)
        )

        # Cached, because one question looks up the same terms several times.
        self.find = lru_cache(_CACHED_TERMS)(self._find)

    def __len__(self) -> int:
        return len(self.lengths)

    def _find(self, term: str) -> slice:
        """Return the slice of `rows` and `counts` with a term's postings; empty if it has none."""
        wanted = _to_bytes(term)
        number = bisect_left(self._names, wanted)
        if number < len(self._names) and self._names[number] == wanted:
            return slice(int(self._starts[number]), int(self._starts[number + 1]))
        return slice(0, 0)

    def terms_from(self, prefix: str) -> Iterator[str]:
        """Yield the terms that begin with a prefix, in the order of their UTF-8 bytes."""
        wanted = _to_bytes(prefix)
        for number in range(bisect_left(self._names, wanted), len(self._names)):
            name = self._names[number]
            if not name.startswith(wanted):
                return
            yield name.decode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class _TermList(Sequence[bytes]):
    """The sorted terms of a segment, as UTF-8 bytes in a memory-mapped file."""

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]
        return bytes(self.data[self.offsets[number] : self.offsets[number + 1]])


@dataclass(frozen=True, slots=True)
class TermWeight:
    """A query term and its inverse document frequency in the live rows."""

    term: str
    idf: float


def weigh_terms(
    segments: Sequence[Postings],
    live: Sequence[npt.NDArray[np.bool_] | None],
    terms: Iterable[str],
) -> list[TermWeight]:
    """Return the idf of each distinct term over the live rows; unknown terms get the largest idf.

    `live` holds one mask of rows per segment; None means that every row is live.
    """
    total = sum(
        len(segment) if mask is None else int(mask.sum())
        for segment, mask in zip(segments, live, strict=True)
    )
    weights = []
    for term in dict.fromkeys(terms):
        holding = 0
        for segment, mask in zip(segments, live, strict=True):
            rows = segment.rows[segment.find(term)]
            holding += len(rows) if mask is None else int(mask[rows].sum())
        idf = float(np.log1p((total - holding + 0.5) / (holding + 0.5)))
        weights.append(TermWeight(term, idf))
    return weights
