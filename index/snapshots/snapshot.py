"""A snapshot: all segments of one published state of the index, searched and read as one.

The rows of all segments are numbered consecutively, in the order of the segments.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import IO

import numpy as np
import numpy.typing as npt

from index.arrays import NO_ROWS, NO_SCORES, Rows, Scores, Vectors, multiply
from index.errors import StoreBrokenError, StoreError
from index.files.layout import StoreLayout
from index.files.manifest import Manifest
from index.files.snapshot_locks import share_reader_lock
from index.remote.protocol import Remote
from index.snapshots.documents import StoredDocuments
from index.snapshots.masks import Mask, mask_rows, measure_rows
from index.snapshots.nearest import EXACT_ROWS, find_nearest
from index.snapshots.publish import require_current
from index.snapshots.segments import Segment
from index.text.bm25 import match_rows, score_rows
from index.text.postings import TermWeight, weigh_terms
from index.text.structure import Structure
from index.types import LEVELS, ROLES, Document, DocumentRecord, Level, Selection, StoredSentence


class Snapshot:
    """A published snapshot, open for reading. Safe to use from many threads.

    `languages` are the languages of its documents.
    """

    def __init__(self, remote: Remote, manifest: Manifest, lock: IO[bytes]) -> None:
        self.store = remote.store
        self.manifest = manifest
        self._lock = lock
        self._segments: list[Segment] = []
        try:
            for name in manifest.segments:
                folder = StoreLayout(self.store).segment(name).root
                self._segments.append(Segment(folder, remote))
            self._number_rows()
        except StoreError:
            self.close()
            raise
        except (ValueError, IndexError, KeyError) as error:
            self.close()
            raise StoreBrokenError(
                f"the index at {self.store} is damaged ({type(error).__name__})",
                "run `rag doctor --repair`",
            ) from error
        self._documents = StoredDocuments(self._segments, self._records)

    def _number_rows(self) -> None:
        """Compute the first row of each segment, and the masks of rows of live documents."""
        manifest = self.manifest
        self._bases: dict[Level, npt.NDArray[np.int64]] = {
            level: np.cumsum([0, *(len(s.tables[level]) for s in self._segments)])
            for level in LEVELS
        }
        self._starts = {level: bases.tolist() for level, bases in self._bases.items()}
        self.languages = tuple(sorted({record.language for record in manifest.documents}))
        self._numbers = {segment.id: number for number, segment in enumerate(self._segments)}
        self._records = {(self._numbers[r.segment], r.row): r for r in manifest.documents}
        # Two files may have the same relative path; then the first one is used.
        self._by_path = {record.path: record for record in reversed(manifest.documents)}
        self._live = {
            level: mask_rows(self._segments, level, manifest.documents) for level in LEVELS
        }
        self._mean_length = {
            level: measure_rows(self._segments, level, self._live[level]) for level in LEVELS
        }

    @property
    def id(self) -> str:
        """The snapshot's id."""
        return self.manifest.id

    @property
    def documents(self) -> tuple[DocumentRecord, ...]:
        """The live documents, sorted by path."""
        return self.manifest.documents

    def count(self, level: Level) -> int:
        """Return the number of rows at a level, including those of removed documents."""
        return int(self._bases[level][-1])

    def select(self, documents: Collection[str] | None, language: str | None = None) -> Selection:
        """Select the rows of documents with these paths and this language; None selects all."""
        if documents is None and (language is None or self.languages == (language,)):
            return Selection(self._live, exact=False)
        chosen = [
            record
            for record in self.documents
            if (documents is None or record.path in documents)
            and language in (None, record.language)
        ]
        masks = self._mask(chosen)
        few = sum(record.sentences for record in chosen) <= EXACT_ROWS
        return Selection(masks, exact=few)

    def nearest(
        self, level: Level, vector: Vectors, count: int, selection: Selection
    ) -> tuple[Rows, Scores]:
        """Return up to `count` selected rows and their cosines to a vector, shape (d,)."""
        found = []
        for number, segment in enumerate(self._segments):
            masks = {each: selection.masks[each][number] for each in LEVELS}
            rows, scores = find_nearest(segment, level, vector, count, masks, selection.exact)
            found.append((self._bases[level][number] + rows, scores))
        if not found:
            return NO_ROWS, NO_SCORES
        rows = np.concatenate([rows for rows, _ in found])
        scores = np.concatenate([scores for _, scores in found])
        order = np.argsort(-scores, kind="stable")[:count]
        return rows[order], scores[order]

    def cosines(self, level: Level, vector: Vectors, rows: Rows) -> Scores:
        """Return the cosines of the rows to a vector, shape (d,), in the order of `rows`."""
        return multiply(self.vectors_of(level, rows), vector)

    def vectors_of(self, level: Level, rows: Rows) -> Vectors:
        """Return the vectors of the rows, shape (rows, d), in the order of `rows`."""
        width = self.manifest.model.dimension
        vectors = np.empty((len(rows), width), np.float32)
        for number, inside in self._by_segment(level, rows):
            local = rows[inside] - self._bases[level][number]
            vectors[inside] = self._segments[number].vectors[level][local]
        return vectors

    def weigh(self, level: Level, terms: Iterable[str]) -> list[TermWeight]:
        """Return the distinct terms with their inverse document frequencies at a level."""
        postings = [segment.postings[level] for segment in self._segments]
        return weigh_terms(postings, self._live[level], terms)

    def known_terms(self, terms: Iterable[str]) -> frozenset[str]:
        """Return the terms that occur in a sentence of any document, also a removed one."""
        postings = [segment.postings["sentences"] for segment in self._segments]
        found = ((term, each.find(term)) for term in terms for each in postings)
        return frozenset(term for term, where in found if where.stop > where.start)

    def match(
        self, level: Level, weights: Sequence[TermWeight], count: int, selection: Selection
    ) -> Rows:
        """Return up to `count` selected rows of each segment with the best BM25 scores."""
        found = [NO_ROWS]
        mean = self._mean_length[level]
        for number, mask in enumerate(selection.masks[level]):
            rows = match_rows(self._segments[number].postings[level], weights, mean, count, mask)
            found.append(self._bases[level][number] + rows)
        return np.concatenate(found)

    def lexical(self, level: Level, weights: Sequence[TermWeight], rows: Rows) -> Scores:
        """Return the BM25 scores of the rows, in the order of `rows`."""
        scores = np.zeros(len(rows), np.float32)
        mean = self._mean_length[level]
        for number, inside in self._by_segment(level, rows):
            local = rows[inside] - self._bases[level][number]
            postings = self._segments[number].postings[level]
            scores[inside] = score_rows(postings, weights, mean, local)
        return scores

    def passages_of(self, sentences: Rows) -> Rows:
        """Return the passage row of each sentence row."""
        passages = np.empty(len(sentences), np.int64)
        for number, inside in self._by_segment("sentences", sentences):
            local = sentences[inside] - self._bases["sentences"][number]
            in_segment = self._segments[number].tables["sentences"][local, 3]
            passages[inside] = self._bases["passages"][number] + in_segment
        return passages

    def statements_among(self, sentences: Rows) -> npt.NDArray[np.bool_]:
        """Return a mask of the sentence rows that are neither headings nor questions."""
        stated = np.zeros(len(sentences), bool)
        for number, inside in self._by_segment("sentences", sentences):
            local = sentences[inside] - self._bases["sentences"][number]
            role = self._segments[number].tables["sentences"][local, 4]
            stated[inside] = role == ROLES.index("statement")
        return stated

    def sentences_in(self, passage: int) -> range:
        """Return the sentence rows of a passage."""
        number, local = self._locate("passages", passage)
        _, first, last = self._segments[number].tables["passages"][local]
        base = int(self._bases["sentences"][number])
        return range(base + int(first), base + int(last) + 1)

    def sentence(self, row: int) -> StoredSentence:
        """Return the sentence in a row. Raises `StoreBrokenError`."""
        number, local = self._locate("sentences", row)
        in_document, start, end, passage, role = map(
            int, self._segments[number].tables["sentences"][local]
        )
        stored = self._documents.get(number, in_document)
        text = stored.document.text[start:end]
        return StoredSentence(
            row=row,
            passage=int(self._bases["passages"][number]) + passage,
            document=self._records[number, in_document],
            start=start,
            end=end,
            text=text,
            readable=stored.structure.readable(local - stored.first),
            place=stored.outline.place_at(start),
            role=ROLES[role],
            headings=stored.structure.headings(local - stored.first),
            marker=stored.structure.marker(local - stored.first),
        )

    def readable_in(self, passage: int) -> tuple[str, ...]:
        """Return the sentences of a passage without markup."""
        number, local = self._locate("passages", passage)
        in_document, first, last = map(int, self._segments[number].tables["passages"][local])
        stored = self._documents.get(number, in_document)
        return tuple(stored.structure.readable(at - stored.first) for at in range(first, last + 1))

    def structure_around(self, row: int) -> tuple[Structure, int]:
        """Return the structure of a sentence's document, and the row of its first sentence."""
        number, local = self._locate("sentences", row)
        stored = self._documents.get(
            number, int(self._segments[number].tables["sentences"][local, 0])
        )
        return stored.structure, int(self._bases["sentences"][number]) + stored.first

    def record(self, row: int) -> DocumentRecord:
        """Return the record of a sentence's document, without reading its text."""
        number, local = self._locate("sentences", row)
        return self._records[number, int(self._segments[number].tables["sentences"][local, 0])]

    def sentences_of(self, path: str) -> range:
        """Return the sentence rows of the document with this path; empty if there is none."""
        record = self._by_path.get(path)
        if record is None:
            return range(0)
        number = self._numbers[record.segment]
        base = int(self._bases["sentences"][number])
        rows = self._segments[number].rows("sentences", record.row)
        return range(base + rows.start, base + rows.stop)

    def find_record(self, path: str) -> DocumentRecord | None:
        """Return the record of the document with this path, or None if there is none."""
        return self._by_path.get(path)

    def document(self, path: str) -> Document | None:
        """Return the document with this path, or None if there is none."""
        record = self._by_path.get(path)
        return None if record is None else self.read(record)

    def read(self, record: DocumentRecord) -> Document:
        """Return the document of a record of this snapshot. Raises `StoreBrokenError`."""
        return self._documents.get(self._numbers[record.segment], record.row).document

    @property
    def segments(self) -> dict[str, Segment]:
        """The open segments by id."""
        return {segment.id: segment for segment in self._segments}

    def segment(self, name: str) -> Segment:
        """Return the open segment with this id."""
        return self._segments[self._numbers[name]]

    def _mask(self, records: Sequence[DocumentRecord]) -> dict[Level, list[Mask]]:
        return {level: mask_rows(self._segments, level, records) for level in LEVELS}

    def _locate(self, level: Level, row: int) -> tuple[int, int]:
        bases = self._starts[level]
        number = bisect_right(bases, row) - 1
        return number, row - bases[number]

    def _by_segment(self, level: Level, rows: Rows) -> Iterable[tuple[int, npt.NDArray[np.bool_]]]:
        numbers = np.searchsorted(self._bases[level], rows, "right") - 1
        for number in np.unique(numbers):
            yield int(number), numbers == number

    def close(self) -> None:
        """Close the files and release the reader lock; the snapshot may then be collected."""
        for segment in self._segments:
            segment.close()
        self._lock.close()


def open_snapshot(remote: Remote) -> Snapshot:
    """Open the published snapshot. Raises `StoreMissingError` or `StoreBrokenError`."""
    for _ in range(10):
        # A snapshot may be replaced and collected between reading its name and locking it.
        manifest = require_current(remote)
        lock = share_reader_lock(remote.store, manifest.id)
        if lock is not None:
            return Snapshot(remote, manifest, lock)
    raise StoreBrokenError(
        f"the index at {remote.store} changes too fast to be opened", "run the command again"
    )
