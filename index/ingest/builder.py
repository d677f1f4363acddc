"""Builds a new snapshot: embed the fresh documents, merge small segments, check, publish.

Published files are never changed. All fresh documents go into one new segment, and the new
manifest names the live documents of all segments. Small segments are merged into the new segment
with their vectors, so the number of segments grows with the logarithm of the index's size.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from index.encoders.protocol import Encoder, ModelIdentity
from index.errors import FootnoteError, NoDocumentsError, StoreBrokenError
from index.files.current import current_id, restore_pointer
from index.files.layout import StoreLayout, sync_folder, sync_tree
from index.files.manifest import Manifest, new_id, now
from index.ingest.embedding_cache import VectorCache, clear_cache, note_snapshot
from index.ingest.plan import choose_merges
from index.ingest.prepare import (
    FreshDocument,
    KnownVectors,
    PreparedDocument,
    batch_documents,
    embed_each,
    prepare_document,
)
from index.ingest.threads import name_answered
from index.ingest.titles import choose_titles
from index.remote.protocol import Remote
from index.snapshots.checks import check_segment, require_sound
from index.snapshots.publish import publish
from index.snapshots.segments import IndexedDocument, Segment, SegmentWriter
from index.text.passages import TOKEN_BUDGET
from index.types import DocumentRecord, Failure, OnProgress, Progress

Embedded = tuple[list[IndexedDocument | Exception], int]
"""Each document with its vectors or the error; the number of passages that were embedded."""

FindVectors = Callable[[Sequence[DocumentRecord]], KnownVectors]
"""Records of documents -> stored vectors of passages that these documents may contain."""


@dataclass(slots=True)
class Rebuild:
    """Builds one new snapshot of a store.

    `records` are the documents to keep, by absolute path; fresh documents replace them. `segments`
    are open segments from which kept documents may be merged. `before` is the published snapshot;
    with `can_go_back`, a rollback can return to it. `failures`, by absolute path, and `excluded`
    may grow while fresh documents are parsed. `load` returns the encoder; it is called when there
    is something to embed.
    """

    remote: Remote
    load: Callable[[], Encoder]
    find_vectors: FindVectors
    on_progress: OnProgress
    records: dict[str, DocumentRecord]
    segments: Mapping[str, Segment] = field(default_factory=dict)
    before: Manifest | None = None
    can_go_back: bool = True
    roots: tuple[str, ...] = ()
    failures: dict[str, Failure] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    embedded: int = 0
    _encoder: Encoder | None = None

    @property
    def store(self) -> Path:
        """The folder of the index."""
        return self.remote.store

    def run(self, fresh: Iterable[FreshDocument], total: int) -> Manifest:
        """Build the snapshot and publish it. `total` is the expected number of fresh documents.

        If it fails, the published snapshot stays. Raises `OSError`, `StoreBrokenError` or
        `ModelError`.
        """
        segment = new_id()
        folder = StoreLayout(self.store).segment(segment).root
        manifest: Manifest | None = None
        try:
            if self.before is not None and self.can_go_back:
                # With two snapshots and no pointer it would be unknown which one is published.
                restore_pointer(self.store, self.before.id)
            self._write_segment(iter(fresh), total, segment, folder)
            manifest = self._make_manifest()
            note_snapshot(self.store, manifest.id)
            publish(self.remote, manifest)
        except BaseException:
            # The interruption may have come after the snapshot was published.
            if manifest is None or current_id(self.store) != manifest.id:
                shutil.rmtree(folder, ignore_errors=True)
                if manifest is not None:
                    StoreLayout(self.store).manifest(manifest.id).unlink(missing_ok=True)
            raise
        clear_cache(self.store)
        return manifest

    def _write_segment(
        self, fresh: Iterator[FreshDocument], total: int, segment: str, folder: Path
    ) -> None:
        first = next(fresh, None)
        if first is not None:
            self._encoder = self.load()
        writer = SegmentWriter(folder, self.remote)
        try:
            if first is not None and self._encoder is not None:
                self._embed(chain([first], fresh), total, self._encoder, writer, segment)
            self._merge_segments(writer, segment)
            rows = len(writer)
            if rows:
                self.on_progress(Progress("store", 0, 1))
                writer.finish(self._identity().dimension)
        finally:
            writer.close()
        if not rows:
            shutil.rmtree(folder)
            return
        with closing(Segment(folder, self.remote)) as written:
            faults = check_segment(written, range(rows))
        if faults:
            raise StoreBrokenError(f"the new index is damaged ({faults[0]})", "try again")
        sync_tree(folder)
        sync_folder(folder.parent)
        self.remote.push(segment)
        self.on_progress(Progress("store", 1, 1))

    def _identity(self) -> ModelIdentity:
        if self._encoder is not None:
            return self._encoder.identity
        if self.before is None:
            return self.load().identity
        return self.before.model

    def _embed(
        self,
        fresh: Iterable[FreshDocument],
        total: int,
        encoder: Encoder,
        writer: SegmentWriter,
        segment: str,
    ) -> None:
        cache = VectorCache(self.store, encoder.identity)
        pending: list[FreshDocument] = []  # prepared, but not embedded yet

        def prepare() -> Iterator[PreparedDocument]:
            for done, item in enumerate(fresh):
                self.on_progress(Progress("embed", done, max(total, done), item.record.path))
                prepared = None
                with self._isolate(item.record, encoder):
                    prepared = prepare_document(item, encoder)
                if prepared is not None:
                    pending.append(item)
                    yield prepared

        def store(items: Sequence[FreshDocument], embedded: Future[Embedded]) -> None:
            indexed, count = embedded.result()
            self.embedded += count
            for each, stored in zip(items, indexed, strict=True):
                with self._isolate(each.record, encoder):
                    self._store(each.record, require_sound(stored), writer, segment)

        # While a batch is embedded, the previous batch is stored and the next one is parsed.
        with ThreadPoolExecutor(1, "embed") as pool:
            running: tuple[Sequence[FreshDocument], Future[Embedded]] | None = None
            try:
                for batch in batch_documents(prepare()):
                    items = tuple(pending)
                    pending.clear()
                    known = dict(self.find_vectors([item.record for item in items]))
                    known |= cache.find(
                        text for item in batch for text in item.texts if text not in known
                    )
                    future = pool.submit(embed_each, batch, encoder, known, cache.keep)
                    if running:
                        store(*running)
                    running = items, future
                if running:
                    store(*running)
            finally:
                pool.shutdown(cancel_futures=True)
        self.on_progress(Progress("embed", total, total))
        self._check_kept(encoder, segment)

    def _check_kept(self, encoder: Encoder, segment: str) -> None:
        if not self.records:
            raise NoDocumentsError.from_failures(self.failures.values())
        if self.before is not None and self.before.model != encoder.identity:
            kept = [r for r in self.records.values() if r.segment != segment]
            if kept:
                raise AssertionError(f"{kept[0].path} still has another model's vectors")

    @contextmanager
    def _isolate(self, record: DocumentRecord, encoder: Encoder) -> Iterator[None]:
        """Record an error as the failure of this document, and continue.

        The old version of the document stays in the index if its vectors are of the same model.
        """
        try:
            yield
        except (OSError, FootnoteError):  # not caused by the document
            raise
        except Exception as error:  # noqa: BLE001 - no document may stop the others
            self._give_up(record, error, encoder)

    def _give_up(self, record: DocumentRecord, error: Exception, encoder: Encoder) -> None:
        # The error's message may contain text of the document, so only its type is reported.
        reason = f"cannot be indexed ({type(error).__name__}): convert it to another format"
        # Without a hash the file is tried again: the next time there may be enough memory.
        sha256 = "" if isinstance(error, MemoryError) else record.sha256
        self.failures[record.source] = Failure(
            record.path, reason, record.source, sha256, within=record.within
        )
        if self.before is not None and self.before.model != encoder.identity:
            self.records.pop(record.source, None)

    def _store(
        self, record: DocumentRecord, item: IndexedDocument, writer: SegmentWriter, segment: str
    ) -> None:
        self.records[record.source] = replace(
            record,
            segment=segment,
            row=writer.add(item),
            sentences=len(item.sentences),
            passages=len(item.passages),
        )

    def _merge_segments(self, writer: SegmentWriter, segment: str) -> None:
        live = Counter({name: 0 for name in self.segments})
        fresh = 0
        for record in self.records.values():
            if record.segment == segment:
                fresh += record.passages
            else:
                live[record.segment] += record.passages
        stored = {name: self.segments[name].count("passages") for name in live}
        merged = set(choose_merges(live, stored, fresh))
        for record in list(self.records.values()):
            if record.segment in merged:
                item = self.segments[record.segment].indexed(record.row)
                self._store(record, item, writer, segment)

    def _previous(self, records: Sequence[DocumentRecord]) -> str | None:
        """Return the id of the last snapshot with other documents, for a rollback."""
        if self.before is None or not self.can_go_back:
            return None
        same = {*records} == {*self.before.documents}
        return self.before.previous if same else self.before.id

    def _make_manifest(self) -> Manifest:
        titled = choose_titles(sorted(self.records.values(), key=lambda record: record.path))
        records = name_answered(titled)
        return Manifest(
            id=new_id(),
            created=now(),
            model=self._identity(),
            token_budget=TOKEN_BUDGET,
            segments=tuple(sorted({record.segment for record in records})),
            documents=tuple(records),
            previous=self._previous(records),
            roots=self.roots,
            failures=tuple(self.failures[source] for source in sorted(self.failures)),
            excluded=self.excluded,
        )
