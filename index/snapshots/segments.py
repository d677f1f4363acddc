"""Segments: immutable files with documents, sentences, passages, vectors and posting lists."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from index.arrays import Rows, Scores, Vectors, map_array
from index.chroma.collections import write_collections
from index.documents.codec import decode_document, encode_document, open_line, seal_line
from index.errors import StoreBrokenError, StoreError, StoreUnreachableError
from index.files.layout import SegmentLayout, hash_file
from index.files.seals import check_seal, write_seal
from index.remote.protocol import Remote
from index.text.postings import Postings, PostingsWriter, split_terms
from index.text.structure import Structure
from index.types import LEVELS, ROLES, BlockKind, Document, Level, Passage, Role, Sentence

log = logging.getLogger(__name__)

Table = npt.NDArray[np.int32]

_COLUMNS: dict[Level, int] = {"sentences": 5, "passages": 3}  # columns of the tables


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document with all its stored data.

    `sentence_vectors` has shape (sentences, d), `passage_vectors` (passages, d).
    """

    document: Document
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    sentence_vectors: Vectors
    passage_vectors: Vectors

    def passage_span(self, passage: Passage) -> tuple[int, int]:
        """Return the start and end of a passage in the document's text."""
        return self.sentences[passage.first].start, self.sentences[passage.last].end


class SegmentWriter:
    """Writes a segment, document by document. Vectors are written to disk immediately."""

    def __init__(self, folder: Path, remote: Remote) -> None:
        self._layout = SegmentLayout(folder)
        self._remote = remote
        folder.mkdir(parents=True)
        for level in LEVELS:
            self._layout.vectors(level).parent.mkdir(exist_ok=True)
        self._texts = self._layout.texts.open("wb")
        self._raw: dict[Level, BinaryIO] = {lv: self._raw_file(lv).open("wb") for lv in LEVELS}
        self._postings = {level: PostingsWriter() for level in LEVELS}
        self._documents: list[tuple[int, int, int]] = [(0, 0, 0)]
        self._tables: dict[Level, list[tuple[int, ...]]] = {level: [] for level in LEVELS}

    def __len__(self) -> int:
        return len(self._documents) - 1

    def _raw_file(self, level: Level) -> Path:
        return self._layout.vectors(level).with_suffix(".f32")

    def add(self, item: IndexedDocument) -> int:
        """Append a document; return its row in the segment."""
        row = len(self)
        base_sentence = len(self._tables["sentences"])
        base_passage = len(self._tables["passages"])
        document = item.document
        structure = Structure(document, item.sentences)
        # Everything that may fail is computed first, so that no document is written partly.
        line = seal_line(encode_document(document))
        tables: dict[Level, list[tuple[int, ...]]] = {level: [] for level in LEVELS}
        terms: list[list[list[str]]] = []  # for each passage the terms of each of its sentences
        for number, passage in enumerate(item.passages):
            tables["passages"].append(
                (row, base_sentence + passage.first, base_sentence + passage.last)
            )
            terms.append([])
            for at in range(passage.first, passage.last + 1):
                sentence, text = item.sentences[at], structure.readable(at)
                terms[-1].append(split_terms(text, document.language))
                role = _role(text, structure.block(at).kind)
                tables["sentences"].append(
                    (row, sentence.start, sentence.end, base_passage + number, ROLES.index(role))
                )
        for passage, found in zip(item.passages, terms, strict=True):
            for each in found:
                self._postings["sentences"].add(each)
            # Passages can also be found by the words of the headings above them.
            above = split_terms(structure.context(passage.first), document.language)
            self._postings["passages"].add(chain(above, *found))
        for level in LEVELS:
            self._tables[level] += tables[level]
        self._raw["sentences"].write(np.ascontiguousarray(item.sentence_vectors, np.float32).data)
        self._raw["passages"].write(np.ascontiguousarray(item.passage_vectors, np.float32).data)
        self._texts.write(line)
        self._documents.append(
            (self._texts.tell(), len(self._tables["sentences"]), len(self._tables["passages"]))
        )
        return row

    def finish(self, dimension: int) -> None:
        """Write the tables, posting lists, Chroma store, checksums and seal.

        Raises `OSError` and `StoreError`.
        """
        self._texts.close()
        np.save(self._layout.documents, np.array(self._documents, np.int64))
        for level in LEVELS:
            self._raw[level].close()
            np.save(self._layout.table(level), np.array(self._tables[level], np.int32))
            self._postings[level].write(self._layout.lexical(level))
            raw = np.fromfile(self._raw_file(level), np.float32).reshape(-1, dimension)
            np.save(self._layout.vectors(level), raw)
            self._raw_file(level).unlink()
        hashes = {name: hash_file(file) for name, file in self._layout.list_files()}
        self._layout.checksums.write_text(json.dumps(hashes, indent=1), "utf-8")
        if not self._remote.searches:
            write_collections(self._layout)
        write_seal(self._layout)

    def close(self) -> None:
        """Close the files, also if the segment is not finished."""
        self._texts.close()
        for stream in self._raw.values():
            stream.close()


def _role(text: str, kind: BlockKind) -> Role:
    if text.endswith("?"):
        return "question"
    return "heading" if kind in ("heading", "header") else "statement"


class Segment:
    """A segment opened for reading. Its tables and vectors are memory-mapped.

    Raises `StoreBrokenError` if the quick check of the seal finds a missing or changed file. With
    `damaged`, the seal is not checked, so that a repair can read the undamaged rest.
    """

    def __init__(self, folder: Path, remote: Remote, *, damaged: bool = False) -> None:
        self.layout = SegmentLayout(folder)
        self.id = folder.name
        if not damaged:
            check_seal(self.layout, chroma=False)
        documents = map_array(self.layout.documents, np.int64, 3)
        self.documents: npt.NDArray[np.int64] = np.array(documents)
        self.tables: dict[Level, Table] = {
            lv: map_array(self.layout.table(lv), np.int32, _COLUMNS[lv]) for lv in LEVELS
        }
        self.postings = {level: Postings(self.layout.lexical(level)) for level in LEVELS}
        try:
            self._texts = self.layout.texts.open("rb")
        except OSError as error:
            raise StoreBrokenError(
                f"{self.layout.texts} of the index cannot be read", "run `rag doctor --repair`"
            ) from error
        self.collections = remote.open_vectors(self.layout)

    @cached_property
    def vectors(self) -> dict[Level, Vectors]:
        """The vectors of each level, shape (rows, d)."""
        return {lv: map_array(self.layout.vectors(lv), np.float32, None) for lv in LEVELS}

    def count(self, level: Level) -> int:
        """Return the number of rows at a level."""
        return len(self.tables[level])

    def nearest(self, level: Level, vector: Vectors, count: int) -> tuple[Rows, Scores]:
        """Return up to `count` rows and their cosines to a vector, shape (d,), best first.

        If Chroma fails, the segment's vector file is scanned instead. Reasons are damaged files, a
        server that does not answer, and a full or read-only disk, because Chroma writes when it
        opens its store.
        """
        try:
            return self.collections.nearest(level, vector, count)
        except StoreUnreachableError as error:
            log.info("%s: searched without the server (%s)", self.id, error.problem)
        except StoreError as error:
            log.warning("%s: searched without Chroma (%s)", self.id, error.problem)
        scores = np.asarray(self.vectors[level] @ vector, np.float32)
        rows = np.argsort(-scores, kind="stable")[:count]
        return rows, scores[rows]

    def document(self, row: int) -> Document:
        """Return the document in a row. Raises `StoreBrokenError`."""
        start, end = int(self.documents[row, 0]), int(self.documents[row + 1, 0])
        # pread does not use the file's shared position, so several threads may read at once.
        try:
            return decode_document(open_line(_read_at(self._texts, start, end - start)))
        except ValueError as error:
            raise StoreBrokenError(
                f"the text of a document in {self.layout.texts} is damaged",
                "run `rag doctor --repair`",
            ) from error

    def rows(self, level: Level, document: int) -> range:
        """Return the rows of a document's sentences or passages."""
        column = 1 if level == "sentences" else 2
        return range(
            int(self.documents[document, column]), int(self.documents[document + 1, column])
        )

    def indexed(self, row: int) -> IndexedDocument:
        """Return the document in a row with all its stored data. Raises `StoreBrokenError`."""
        sentences, passages = self.rows("sentences", row), self.rows("passages", row)
        spans = self.tables["sentences"][sentences.start : sentences.stop]
        runs = self.tables["passages"][passages.start : passages.stop]
        base = sentences.start
        return IndexedDocument(
            self.document(row),
            tuple(Sentence(int(start), int(end)) for _, start, end, *_ in spans),
            tuple(Passage(int(first) - base, int(last) - base) for _, first, last in runs),
            self.vectors["sentences"][sentences.start : sentences.stop],
            self.vectors["passages"][passages.start : passages.stop],
        )

    def close(self) -> None:
        """Close the segment's files."""
        self.collections.close()
        self._texts.close()


def _read_at(stream: BinaryIO, offset: int, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0:
        piece = os.pread(stream.fileno(), size, offset)
        if not piece:
            raise StoreBrokenError("a text of the index is cut off", "run `rag doctor --repair`")
        pieces.append(piece)
        offset += len(piece)
        size -= len(piece)
    return b"".join(pieces)
