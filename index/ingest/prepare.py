"""Parsed documents -> passages -> vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Vectors
from index.encoders.protocol import Encoder, PassageText, join_sentences
from index.errors import FootnoteError
from index.snapshots.segments import IndexedDocument
from index.text.passages import pack_passages
from index.text.structure import Structure
from index.types import Document, DocumentRecord, Passage, Sentence

KnownVectors = Mapping[PassageText, tuple[Vectors, Vectors]]
"""Stored vectors: a passage's vector, shape (d,), and its sentences' vectors, shape (n, d)."""

OnEmbedded = Callable[[Sequence[PassageText], Vectors, Vectors], None]
"""Called with passages, their vectors (passages, d), and those of all their sentences (n, d)."""

_BATCH_PASSAGES = 128  # keeps all cores busy; at most this much is lost if the build is killed
_FIRST_PASSAGES = 8  # in the first batch
_PLAIN = "The tower is tall."  # a text that every model can embed


@dataclass(frozen=True, slots=True)
class FreshDocument:
    """A document to embed. Its record does not have its segment and row yet."""

    record: DocumentRecord
    document: Document
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document with its sentences, its passages and the texts to embed."""

    document: Document
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    texts: tuple[PassageText, ...]


def prepare_document(item: FreshDocument, encoder: Encoder) -> PreparedDocument:
    """Pack the sentences of a document into passages."""
    structure = Structure(item.document, item.sentences)
    plain = _plain_texts(structure)
    passages = pack_passages(
        item.sentences, plain, encoder.count_tokens(plain), item.document.blocks
    )
    texts = tuple(_join(structure, plain, passage) for passage in passages)
    return PreparedDocument(item.document, item.sentences, passages, texts)


def list_known(item: IndexedDocument) -> dict[PassageText, tuple[Vectors, Vectors]]:
    """Return the vectors of an indexed document by the texts from which they were computed."""
    structure = Structure(item.document, item.sentences)
    plain = _plain_texts(structure)
    return {
        _join(structure, plain, passage): (
            vector,
            item.sentence_vectors[passage.first : passage.last + 1],
        )
        for passage, vector in zip(item.passages, item.passage_vectors, strict=True)
    }


def _plain_texts(structure: Structure) -> list[str]:
    return [" ".join(structure.readable(number).split()) for number in range(len(structure))]


def _join(structure: Structure, plain: Sequence[str], passage: Passage) -> PassageText:
    sentences = plain[passage.first : passage.last + 1]
    return join_sentences(sentences, structure.context(passage.first))


def batch_documents(documents: Iterable[PreparedDocument]) -> Iterator[list[PreparedDocument]]:
    """Group documents into batches with enough passages to keep all cores busy.

    The first batches are small, so that embedding begins while other files are still parsed.
    """
    batch: list[PreparedDocument] = []
    enough = _FIRST_PASSAGES
    for document in documents:
        batch.append(document)
        if sum(len(item.passages) for item in batch) >= enough:
            yield batch
            batch = []
            enough = min(2 * enough, _BATCH_PASSAGES)
    if batch:
        yield batch


def embed_documents(
    documents: Sequence[PreparedDocument], encoder: Encoder, known: KnownVectors, keep: OnEmbedded
) -> tuple[list[IndexedDocument], int]:
    """Embed the passages that are not in `known`; also return the number of embedded passages.

    `keep` is called with each batch as soon as it is embedded.
    """
    fresh = list(
        dict.fromkeys(text for item in documents for text in item.texts if text not in known)
    )
    vectors = dict(known)
    for start in range(0, len(fresh), _BATCH_PASSAGES):
        block = fresh[start : start + _BATCH_PASSAGES]
        whole, parts = encoder.encode_passages(block)
        keep(block, whole, parts)
        first = 0
        for row, text in enumerate(block):
            vectors[text] = whole[row], parts[first : first + len(text.spans)]
            first += len(text.spans)
    dimension = encoder.identity.dimension
    return [_index(item, vectors, dimension) for item in documents], len(fresh)


def embed_each(
    documents: Sequence[PreparedDocument], encoder: Encoder, known: KnownVectors, keep: OnEmbedded
) -> tuple[list[IndexedDocument | Exception], int]:
    """Like `embed_documents`, but returns the error in place of a document that causes one.

    Raises errors that no document causes: `OSError`, `FootnoteError`, and the model's error if it
    cannot embed any text.
    """
    try:
        indexed, count = embed_documents(documents, encoder, known, keep)
        return [*indexed], count
    except (OSError, FootnoteError):
        raise
    except Exception:  # noqa: BLE001 - below, each document is embedded alone to find the cause
        encoder.encode_passages([join_sentences([_PLAIN])])
    results: list[IndexedDocument | Exception] = []
    total = 0
    for item in documents:
        try:
            (one,), count = embed_documents([item], encoder, known, keep)
        except (OSError, FootnoteError):
            raise
        except Exception as error:  # noqa: BLE001 - any error is reported as this document's
            results.append(error)
        else:
            results.append(one)
            total += count
    return results, total


def _index(item: PreparedDocument, vectors: KnownVectors, dimension: int) -> IndexedDocument:
    none = [np.empty((0, dimension), np.float32)]  # for a document without sentences
    return IndexedDocument(
        item.document,
        item.sentences,
        item.passages,
        np.concatenate([vectors[text][1] for text in item.texts] or none),
        np.concatenate([vectors[text][0][None] for text in item.texts] or none),
    )
