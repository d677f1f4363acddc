"""File -> Document -> its sentences, passages and vectors."""

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
"""What was embedded before: a passage's vector, shape (d,), and its sentences', (n, d)."""

OnEmbedded = Callable[[Sequence[PassageText], Vectors, Vectors], None]
"""Is told of passages with their vectors (passages, d) and those of all sentences (n, d)."""

_BATCH_PASSAGES = 128  # embedded together: enough to keep the cores busy, little to lose
_FIRST_PASSAGES = 8
_PLAIN = "The tower is tall."  # what any model can embed


@dataclass(frozen=True, slots=True)
class FreshDocument:
    """A document to embed; its record does not say yet where it is stored."""

    record: DocumentRecord
    document: Document
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document split and packed, with the texts to embed."""

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
    """Return the vectors of an indexed document by the texts that they were made of."""
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
    """Group documents so that each group has passages enough to be embedded well together.

    The first groups are small, so that embedding begins while others are still read.
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
    """Embed the passages of documents that are not `known`; also return how many those were.

    Each batch is given to `keep` at once.
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
    """Do as `embed_documents`; a document that cannot be embedded yields why, in its place.

    Raises what is no document's fault: `OSError`, `FootnoteError`, and what the model fails with
    on any text.
    """
    try:
        indexed, count = embed_documents(documents, encoder, known, keep)
        return [*indexed], count
    except (OSError, FootnoteError):
        raise
    except Exception:  # noqa: BLE001 - which document it is, is found out now
        encoder.encode_passages([join_sentences([_PLAIN])])
    results: list[IndexedDocument | Exception] = []
    total = 0
    for item in documents:
        try:
            (one,), count = embed_documents([item], encoder, known, keep)
        except (OSError, FootnoteError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it stays this document's
            results.append(error)
        else:
            results.append(one)
            total += count
    return results, total


def _index(item: PreparedDocument, vectors: KnownVectors, dimension: int) -> IndexedDocument:
    none = [np.empty((0, dimension), np.float32)]  # a document may hold no sentence at all
    return IndexedDocument(
        item.document,
        item.sentences,
        item.passages,
        np.concatenate([vectors[text][1] for text in item.texts] or none),
        np.concatenate([vectors[text][0][None] for text in item.texts] or none),
    )
