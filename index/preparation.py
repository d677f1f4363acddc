"""File -> Document -> its sentences, passages and vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.documents import load_document
from index.embedding import Encoder, PassageText
from index.manifest import now
from index.passages import pack_passages
from index.segments import IndexedDocument, readable
from index.sentences import split_sentences
from index.sources import SourceFile
from index.types import Document, DocumentRecord, Passage, Sentence, Vectors

KnownVectors = Mapping[PassageText, tuple[Vectors, Vectors]]
"""What was embedded before: a passage's vector, shape (d,), and its sentences', (n, d)."""

_BATCH_PASSAGES = 128  # embedded together: enough to sort by length, little to lose


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document split and packed, with the texts to embed."""

    document: Document
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    texts: tuple[PassageText, ...]


def load_file(file: SourceFile) -> tuple[DocumentRecord, Document]:
    """Read a file; its record is not stored anywhere yet. Raises a `DocumentError`."""
    data = file.read()
    document = load_document(data, file.path)
    record = DocumentRecord(
        path=file.path,
        source=file.source,
        title=document.title,
        format=document.format,
        # The file may have changed since it was scanned.
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        indexed_at=now(),
        segment="",
        row=0,
        sentences=0,
        passages=0,
    )
    return record, document


def prepare_document(document: Document, encoder: Encoder) -> PreparedDocument:
    """Split a document into sentences and pack them into passages."""
    sentences = split_sentences(document.text, document.blocks)
    plain = [_plain_text(document, sentence) for sentence in sentences]
    passages = pack_passages(sentences, encoder.count_tokens(plain), document.blocks)
    texts = tuple(_join(plain[passage.first : passage.last + 1]) for passage in passages)
    return PreparedDocument(document, sentences, passages, texts)


def list_passage_texts(item: IndexedDocument) -> list[PassageText]:
    """Return the texts that the passages of an indexed document were embedded from."""
    plain = [_plain_text(item.document, sentence) for sentence in item.sentences]
    return [_join(plain[passage.first : passage.last + 1]) for passage in item.passages]


def _plain_text(document: Document, sentence: Sentence) -> str:
    text = readable(document.text[sentence.start : sentence.end], document.format)
    return " ".join(text.split())


def _join(sentences: Sequence[str]) -> PassageText:
    spans: list[tuple[int, int]] = []
    length = 0
    for sentence in sentences:
        spans.append((length, length + len(sentence)))
        length += len(sentence) + 1
    return PassageText(" ".join(sentences), tuple(spans))


def batch_documents(documents: Iterable[PreparedDocument]) -> Iterator[list[PreparedDocument]]:
    """Group documents so that each group has passages enough to be embedded well together."""
    batch: list[PreparedDocument] = []
    for document in documents:
        batch.append(document)
        if sum(len(item.passages) for item in batch) >= _BATCH_PASSAGES:
            yield batch
            batch = []
    if batch:
        yield batch


def embed_documents(
    documents: Sequence[PreparedDocument], encoder: Encoder, known: KnownVectors
) -> tuple[list[IndexedDocument], int]:
    """Embed the passages of documents that are not `known`; also return how many those were."""
    fresh = list(
        dict.fromkeys(text for item in documents for text in item.texts if text not in known)
    )
    vectors = dict(known)
    for start in range(0, len(fresh), _BATCH_PASSAGES):
        block = fresh[start : start + _BATCH_PASSAGES]
        whole, parts = encoder.encode_passages(block)
        first = 0
        for row, text in enumerate(block):
            vectors[text] = whole[row], parts[first : first + len(text.spans)]
            first += len(text.spans)
    dimension = encoder.identity.dimension
    return [_index(item, vectors, dimension) for item in documents], len(fresh)


def _index(item: PreparedDocument, vectors: KnownVectors, dimension: int) -> IndexedDocument:
    none = [np.empty((0, dimension), np.float32)]  # a document may hold no sentence at all
    return IndexedDocument(
        item.document,
        item.sentences,
        item.passages,
        np.concatenate([vectors[text][1] for text in item.texts] or none),
        np.concatenate([vectors[text][0][None] for text in item.texts] or none),
    )
