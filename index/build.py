"""Bring a store up to date with files: plan, apply, publish.

A rebuild never touches what is published: it writes one new segment with what was added or
changed, and a manifest that names the live documents of all segments. Small segments are merged
into the new one, vectors carried over, so their number grows with the logarithm of the index.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

from index.embedding import BUNDLED_MODEL, Encoder, ModelIdentity, PassageText, load_encoder
from index.errors import DocumentError, SourceError, StoreBrokenError, StoreNotWritableError
from index.garbage import collect_garbage
from index.layout import StoreLayout, sync_tree
from index.locks import OnWait, hold_writer_lock
from index.manifest import Manifest, new_id, now, publish, read_current
from index.passages import TOKEN_BUDGET
from index.plans import Steps, choose_merges, plan_steps
from index.preparation import (
    PreparedDocument,
    batch_documents,
    embed_documents,
    list_passage_texts,
    load_file,
    prepare_document,
)
from index.segments import IndexedDocument, Segment, SegmentWriter, check_segment
from index.snapshot import Snapshot, open_snapshot
from index.sources import Scan, scan_paths
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
    on_wait: OnWait | None = None,
) -> Report:
    """Bring the index at `store` up to date with files and folders, and publish the result.

    Files that are new or changed are indexed, documents whose files are gone from the given
    folders are removed, all others stay. A file that cannot be read is reported, and keeps what
    was indexed of it. With another `model` than before everything is embedded anew. Whatever
    goes wrong, the published index stays as it is.

    While another process writes the index this one waits, and `on_wait` is told for whom; without
    `on_wait` it fails with `StoreBusyError`.

    Raises `SourceError`, `StoreError` or `ModelError`.
    """
    scan = scan_paths(paths)
    with hold_writer_lock(store, on_wait) as waited, ExitStack() as stack:
        scan = scan_paths(paths) if waited else scan
        current = read_current(store)
        collect_garbage(store)
        steps = plan_steps(current.documents if current else (), scan)
        same_model = current is not None and current.model.name == model
        if current and same_model and steps.plan.empty:
            return _report(steps.plan, scan.failed, current, embedded=0)
        snapshot = stack.enter_context(closing(open_snapshot(store))) if current else None
        job = _Job(store, scan, steps, snapshot, partial(load, model), on_progress)
        if not same_model:
            job.encoder = load(model)
        try:
            return job.run()
        except OSError as error:
            raise StoreNotWritableError(
                f"the index at {store} could not be written ({error.strerror or error})",
                "make room or choose another folder with --store; nothing indexed is lost",
            ) from error


def _report(plan: Plan, failed: dict[str, Failure], manifest: Manifest, embedded: int) -> Report:
    return Report(
        plan=plan.without(failed.values()),
        failures=tuple(failed.values()),
        snapshot=manifest.id,
        documents=len(manifest.documents),
        sentences=sum(record.sentences for record in manifest.documents),
        passages=sum(record.passages for record in manifest.documents),
        embedded=embedded,
    )


@dataclass(slots=True)
class _Job:
    """One update under way. The encoder is loaded when there is something to embed."""

    store: Path
    scan: Scan
    steps: Steps
    snapshot: Snapshot | None
    load: Callable[[], Encoder]
    on_progress: OnProgress
    encoder: Encoder | None = None
    embedded: int = 0
    old: dict[str, DocumentRecord] = field(default_factory=dict)  # by absolute path
    failed: dict[str, Failure] = field(default_factory=dict)  # likewise
    records: dict[str, DocumentRecord] = field(default_factory=dict)  # likewise

    def run(self) -> Report:
        self.failed = dict(self.scan.failed)
        self.records = {record.source: record for record in self.steps.kept}
        if self.snapshot is not None:
            self.old = {record.source: record for record in self.snapshot.documents}
        files = self._load_files()
        first = next(files, None)
        if first is not None and self.encoder is None:
            self.encoder = self.load()
        elif self.snapshot and not self._model_changed and self.records == self.old:
            # Nothing but files that cannot be read.
            return _report(
                self.steps.plan,
                self.failed,
                self.snapshot.manifest,
                embedded=0,
            )
        fresh = chain([first] if first else [], files, self._stored_documents())
        segment = new_id()
        folder = StoreLayout(self.store).segment(segment).root
        try:
            self._write_segment(fresh, segment, folder)
            if not self.records:
                reasons = "; ".join(f"{f.path} {f.reason}" for f in self.failed.values())
                raise SourceError(f"nothing to index: {reasons}")
            manifest = self._make_manifest()
            publish(self.store, manifest)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return _report(self.steps.plan, self.failed, manifest, self.embedded)

    def _write_segment(
        self, fresh: Iterator[tuple[DocumentRecord, Document]], segment: str, folder: Path
    ) -> None:
        writer = SegmentWriter(folder, self._identity().dimension)
        try:
            if self.encoder is not None:
                self._embed(fresh, self.encoder, writer, segment)
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

    def _load_files(self) -> Iterator[tuple[DocumentRecord, Document]]:
        """Yield the files that are new or have changed; of broken ones the old version stays."""
        for file in self.steps.fresh:
            try:
                yield load_file(file)
            except DocumentError as error:
                self.failed[file.source] = error.as_failure()
                if file.source in self.old:
                    self.records[file.source] = self.old[file.source]

    def _stored_documents(self) -> Iterator[tuple[DocumentRecord, Document]]:
        """Yield what must be embedded again because the model is another one."""
        if self.snapshot is not None and self._model_changed:
            for record in list(self.records.values()):
                if record.segment in self.snapshot.manifest.segments:
                    yield record, self.snapshot.read(record)

    def _embed(
        self,
        fresh: Iterator[tuple[DocumentRecord, Document]],
        encoder: Encoder,
        writer: SegmentWriter,
        segment: str,
    ) -> None:
        total = len(self.steps.fresh) + (len(self.records) if self._model_changed else 0)
        pending: list[DocumentRecord] = []  # of the documents prepared but not yet embedded

        def prepare() -> Iterator[PreparedDocument]:
            for done, (record, document) in enumerate(fresh):
                self.on_progress(Progress("embed", done, total, record.path))
                pending.append(record)
                yield prepare_document(document, encoder)

        for batch in batch_documents(prepare()):
            indexed, count = embed_documents(batch, encoder, self._known_vectors(pending))
            self.embedded += count
            for record, item in zip(pending, indexed, strict=True):
                self._store(record, item, writer, segment)
            pending.clear()
        self.on_progress(Progress("embed", total, total))

    def _known_vectors(
        self, pending: Sequence[DocumentRecord]
    ) -> dict[PassageText, tuple[Vectors, Vectors]]:
        """Return the vectors that an earlier version of these documents had, by their text."""
        known: dict[PassageText, tuple[Vectors, Vectors]] = {}
        if self.snapshot is None or self._model_changed:
            return known
        for record in pending:
            if record.source in self.old:
                before = self.old[record.source]
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
            previous=self.snapshot.id if self.snapshot else None,
        )
