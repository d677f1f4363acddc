"""Bring a store up to date with files: plan, apply, publish.

A rebuild never touches what is published: it writes one new segment with what was added or
changed, and a manifest that names the live documents of all segments. Small segments are merged
into the new one, vectors carried over, so their number grows with the logarithm of the index.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.documents import load_document
from index.embedding import BUNDLED_MODEL, Encoder, ModelIdentity, PassageText, load_encoder
from index.errors import DocumentError, SourceError, StoreBrokenError, StoreNotWritableError
from index.garbage import collect_garbage
from index.layout import StoreLayout, sync_tree
from index.locks import hold_writer_lock
from index.manifest import Manifest, new_id, now, publish, read_current
from index.passages import TOKEN_BUDGET
from index.plans import Steps, choose_merges, plan_steps
from index.preparation import (
    PreparedDocument,
    batch_documents,
    embed_documents,
    list_passage_texts,
    prepare_document,
)
from index.segments import IndexedDocument, Segment, SegmentWriter, check_segment
from index.snapshot import Snapshot, open_snapshot
from index.sources import Scan, SourceFile, scan_paths
from index.types import (
    Document,
    DocumentRecord,
    Failure,
    OnProgress,
    Plan,
    Progress,
    Report,
    Vectors,
)


def plan_update(store: Path, paths: Sequence[str | Path]) -> Plan:
    """Return what `update_index` would do; nothing is written. Raises as it does."""
    scan = scan_paths(paths)
    current = read_current(store)
    return plan_steps(current.documents if current else (), scan).plan


def update_index(
    store: Path,
    paths: Sequence[str | Path],
    *,
    model: str = BUNDLED_MODEL,
    load: Callable[[str], Encoder] = load_encoder,
    on_progress: OnProgress = lambda progress: None,
) -> Report:
    """Bring the index at `store` up to date with files and folders, and publish the result.

    Files that are new or changed are indexed, documents whose files are gone from the given
    folders are removed, all others stay. A file that cannot be read is reported, and keeps what
    was indexed of it. With another `model` than before everything is embedded anew. Whatever
    goes wrong, the published index stays as it is.

    Raises `SourceError`, `StoreError` or `ModelError`.
    """
    scan = scan_paths(paths)
    with hold_writer_lock(store), ExitStack() as stack:
        current = read_current(store)
        collect_garbage(store)
        steps = plan_steps(current.documents if current else (), scan)
        same_model = current is not None and current.model.name == model
        if current and same_model and steps.plan.empty:
            return _report(steps.plan, scan.failed, current, embedded=0)
        snapshot = stack.enter_context(closing(open_snapshot(store))) if current else None
        encoder = None if same_model and not steps.fresh else load(model)
        job = _Job(store, scan, steps, snapshot, encoder, on_progress)
        try:
            return job.run()
        except OSError as error:
            raise StoreNotWritableError(
                f"the index at {store} could not be written ({error.strerror or error})",
                "make room or choose another folder with --store; nothing indexed is lost",
            ) from error


def _report(plan: Plan, failed: dict[str, Failure], manifest: Manifest, embedded: int) -> Report:
    return Report(
        plan=plan,
        failures=tuple(failed.values()),
        snapshot=manifest.id,
        documents=len(manifest.documents),
        sentences=sum(record.sentences for record in manifest.documents),
        passages=sum(record.passages for record in manifest.documents),
        embedded=embedded,
    )


@dataclass(slots=True)
class _Job:
    """One update under way. `encoder` is None when nothing needs to be embedded."""

    store: Path
    scan: Scan
    steps: Steps
    snapshot: Snapshot | None
    encoder: Encoder | None
    on_progress: OnProgress
    embedded: int = 0
    failed: dict[str, Failure] = field(default_factory=dict)  # by absolute path
    records: dict[str, DocumentRecord] = field(default_factory=dict)  # likewise

    def run(self) -> Report:
        self.failed = dict(self.scan.failed)
        self.records = {record.source: record for record in self.steps.kept}
        segment = new_id()
        folder = StoreLayout(self.store).segment(segment).root
        try:
            self._write_segment(segment, folder)
            if not self.records:
                reasons = "; ".join(f"{f.path} {f.reason}" for f in self.failed.values())
                raise SourceError(f"nothing to index: {reasons}")
            manifest = self._make_manifest()
            publish(self.store, manifest)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return _report(self._plan_done(), self.failed, manifest, self.embedded)

    def _write_segment(self, segment: str, folder: Path) -> None:
        writer = SegmentWriter(folder, self._identity().dimension)
        try:
            self._embed_fresh(writer, segment)
            self._merge_segments(writer, segment)
            rows = len(writer)
            if rows:
                self.on_progress(Progress("store", 0, 1))
                writer.finish()
        finally:
            writer.close()
        if not rows:
            shutil.rmtree(folder)
            return
        with closing(Segment(folder)) as written:
            faults = check_segment(written, range(rows))
        if faults:
            raise StoreBrokenError(f"the new index is not sound ({faults[0]})", "try again")
        sync_tree(folder)
        self.on_progress(Progress("store", 1, 1))

    def _identity(self) -> ModelIdentity:
        if self.encoder is not None:
            return self.encoder.identity
        return self._old_snapshot().manifest.model

    def _old_snapshot(self) -> Snapshot:
        if self.snapshot is None:
            raise AssertionError("there is no earlier snapshot")
        return self.snapshot

    @property
    def _model_changed(self) -> bool:
        return self.snapshot is not None and self.snapshot.manifest.model != self._identity()

    def _embed_fresh(self, writer: SegmentWriter, segment: str) -> None:
        if self.encoder is None:
            return
        pending: list[DocumentRecord] = []
        documents = self._prepare(self.encoder, pending)
        for batch in batch_documents(documents):
            known = self._known_vectors(pending)
            indexed, count = embed_documents(batch, self.encoder, known)
            self.embedded += count
            for record, item in zip(pending, indexed, strict=True):
                self._store(record, item, writer, segment)
            pending.clear()

    def _prepare(
        self, encoder: Encoder, pending: list[DocumentRecord]
    ) -> Iterator[PreparedDocument]:
        """Yield the documents to embed; the record of each is put into `pending`."""
        total = len(self.steps.fresh) + (len(self.records) if self._model_changed else 0)
        sources = self._load_fresh()
        for done, (record, document) in enumerate(sources):
            self.on_progress(Progress("embed", done, total, record.path))
            pending.append(record)
            yield prepare_document(document, encoder)
        self.on_progress(Progress("embed", total, total))

    def _load_fresh(self) -> Iterator[tuple[DocumentRecord, Document]]:
        old = {r.source: r for r in self.snapshot.documents} if self.snapshot else {}
        for file in self.steps.fresh:
            try:
                yield _load(file)
            except DocumentError as error:
                self.failed[file.source] = error.as_failure()
                if file.source in old:
                    self.records[file.source] = old[file.source]
        if self._model_changed:
            snapshot = self._old_snapshot()
            for record in list(self.records.values()):
                if record.segment in snapshot.manifest.segments:
                    yield record, snapshot.read(record)

    def _known_vectors(
        self, pending: Sequence[DocumentRecord]
    ) -> dict[PassageText, tuple[Vectors, Vectors]]:
        """Return the vectors that an earlier version of these documents had, by their text."""
        known: dict[PassageText, tuple[Vectors, Vectors]] = {}
        if self.snapshot is None or self._model_changed:
            return known
        old = {record.source: record for record in self.snapshot.documents}
        for record in pending:
            if record.source in old:
                before = old[record.source]
                item = self.snapshot.segment(before.segment).indexed(before.row)
                for passage, text, vector in zip(
                    item.passages, list_passage_texts(item), item.passage_vectors, strict=True
                ):
                    parts = item.sentence_vectors[passage.first : passage.last + 1]
                    known[text] = vector, parts
        return known

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
        if self.snapshot is None:
            return
        live = Counter({name: 0 for name in self.snapshot.manifest.segments})
        fresh = 0
        for record in self.records.values():
            if record.segment == segment:
                fresh += record.passages
            else:
                live[record.segment] += record.passages
        stored = {name: self.snapshot.segment(name).count("passages") for name in live}
        merged = set(choose_merges(live, stored, fresh))
        for record in list(self.records.values()):
            if record.segment in merged:
                item = self.snapshot.segment(record.segment).indexed(record.row)
                self._store(record, item, writer, segment)

    def _make_manifest(self) -> Manifest:
        records = sorted(self.records.values(), key=lambda record: record.path)
        old_roots = self.snapshot.manifest.roots if self.snapshot else ()
        return Manifest(
            id=new_id(),
            created=now(),
            model=self._identity(),
            token_budget=TOKEN_BUDGET,
            roots=tuple(sorted({*old_roots, *self.scan.roots})),
            segments=tuple(sorted({record.segment for record in records})),
            documents=tuple(records),
        )

    def _plan_done(self) -> Plan:
        """Return the plan without the files that turned out to be unreadable."""
        failed = {failure.path for failure in self.failed.values()}
        plan = self.steps.plan
        return replace(
            plan,
            added=tuple(path for path in plan.added if path not in failed),
            changed=tuple(path for path in plan.changed if path not in failed),
        )


def _load(file: SourceFile) -> tuple[DocumentRecord, Document]:
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
