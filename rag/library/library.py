"""A store of documents as the rest of the program uses it: snapshots, updates, checks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Event, Thread
from typing import Self

from index import (
    Block,
    Document,
    DocumentRecord,
    Encoder,
    Failure,
    Limits,
    OnProgress,
    PageLayout,
    PageLine,
    Part,
    Plan,
    Progress,
    Repair,
    Report,
    Snapshot,
    SourceError,
    check_index,
    copy_index,
    is_address,
    is_changed,
    join_lines,
    known_suffixes,
    load_encoder,
    name_store,
    plan_update,
    read_unchanged,
    readable,
    remove_documents,
    repair_index,
    require_current,
    restore_index,
    split_readable,
    split_sources,
    update_index,
    watch_forks,
    watch_paths,
)
from rag.concurrency.gate import Gate
from rag.library.documents import choose_documents
from rag.library.models import Models
from rag.library.pages import PrintedPages
from rag.library.reading import OpenDocument
from rag.library.shared_snapshot import SharedSnapshot
from rag.library.sources import DEFAULT_DOCUMENTS, choose_sources, find_uploads
from rag.library.stores import choose_store, choose_target
from rag.library.update_log import note_update
from rag.settings import Settings, make_web

log = logging.getLogger(__name__)

__all__ = [
    "DEFAULT_DOCUMENTS",
    "Block",
    "Document",
    "DocumentRecord",
    "Failure",
    "Library",
    "OnProgress",
    "PageLayout",
    "PageLine",
    "Part",
    "Plan",
    "Progress",
    "Repair",
    "Report",
    "is_address",
    "is_changed",
    "join_lines",
    "known_suffixes",
    "read_unchanged",
    "readable",
    "split_readable",
]


class Library:
    """One store and its embedding model, shared by any number of conversations and threads.

    `rag.library.shared_snapshot` decides which snapshot is used.
    """

    def __init__(self, settings: Settings, load: Callable[[str], Encoder] = load_encoder) -> None:
        self.settings = settings
        self._store = choose_store(settings)
        self._shared = SharedSnapshot(self._store, followed=settings.chroma_url is not None)
        self.models = Models(settings, load)
        self.gate = Gate()
        self.pages = PrintedPages(self._store)
        self._warming: Thread | None = None
        self._closing = Event()
        watch_forks(self)

    def renew_after_fork(self) -> None:
        """Replace, in a forked process, what threads of the parent process used."""
        self.gate, self._warming, self._closing = Gate(), None, Event()

    @property
    def store(self) -> Path:
        """The folder of the index, or of the local copy of a server's index."""
        return self._store

    @property
    def place(self) -> str:
        """The name of the index for messages: its folder, or the server that holds it."""
        return name_store(self.store)

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Use the published snapshot. Raises `StoreMissingError` or `StoreBrokenError`."""
        return self._shared.use()

    def warm_up_soon(self, documents: Collection[str] | None = None) -> Thread:
        """Start to load what the first question needs. What fails, the first question says."""

        def run() -> None:
            try:
                with self.snapshot() as snapshot:
                    chosen = choose_documents(snapshot.documents, documents or ())
                    paths = [record.path for record in chosen]
                    for _ in self.models.warm_up(snapshot, paths or None):
                        if self._closing.is_set():
                            return
            except Exception as error:  # noqa: BLE001 - the question will report it
                log.info("not warmed up: %s", error)

        self._warming = Thread(target=run, name="warm-up", daemon=True)
        self._warming.start()
        return self._warming

    @property
    def warming(self) -> bool:
        """Whether what the first question needs is being loaded."""
        return self._warming is not None and self._warming.is_alive()

    def warm_up_once(self) -> None:
        """Start to load what the first question needs, unless this was started before."""
        if self._warming is None:
            self.warm_up_soon()

    def documents(self) -> tuple[DocumentRecord, ...]:
        """Return the indexed documents, sorted by path. Raises `StoreMissingError`."""
        return require_current(self.store).documents

    def failures(self) -> tuple[Failure, ...]:
        """Return the files that could not be indexed, and why."""
        return require_current(self.store).failures

    def find_document(self, name: str) -> DocumentRecord:
        """Return the document with this path, absolute path, or unique name.

        Raises `UnknownDocumentError`.
        """
        return choose_documents(self.documents(), [name])[0]

    def open_document(self, path: str) -> OpenDocument | None:
        """Return an indexed document with its record, by its path; None if there is none."""
        with self.snapshot() as snapshot:
            record = snapshot.find_record(path)
            return OpenDocument(record, snapshot.read(record)) if record is not None else None

    def read_document(self, path: str) -> Document | None:
        """Return an indexed document by its path; None if there is none."""
        with self.snapshot() as snapshot:
            return snapshot.document(path)

    @property
    def uploads(self) -> Path:
        """The folder of documents that were added in the window; it may not be there."""
        return find_uploads(self.settings)

    def sources(self) -> list[str | Path]:
        """Return the paths and addresses that an update indexes by default; see `choose_sources`.

        Raises `SourceError` if what the index was made from is gone, and `StoreError`.
        """
        return choose_sources(self.settings, self.store)

    def plan(self, paths: Sequence[str | Path] = (), *, full: bool = False) -> Plan:
        """Return what `update` would do. Raises as it does."""
        return plan_update(self.store, paths or self.sources(), full=full)

    def update(
        self,
        paths: Sequence[str | Path] = (),
        on_progress: OnProgress = lambda progress: None,
        on_wait: Callable[[str], None] | None = None,
        *,
        full: bool = False,
        most: int | None = None,
    ) -> Report:
        """Update the index from files, folders and web pages, by default those of `sources`.

        With `full` everything is read and embedded anew. With `most` it stops after so many new and
        changed documents. `on_wait` is told for whom it waits when another process writes; without
        it that is a `StoreBusyError`. Raises also `SourceError`, other `StoreError` or
        `ModelError`; the published index stays as it is.
        """
        report = update_index(
            self.store,
            paths or self.sources(),
            model=self.settings.embedding_model,
            load=self.models.load,
            full=full,
            web=make_web(self.settings),
            most=most,
            limits=Limits(ocr_pages=self.settings.ocr_pages, ocr_seconds=self.settings.ocr_seconds),
            on_progress=on_progress,
            on_wait=on_wait,
        )
        return note_update(self.store, report)

    def watch(self, paths: Sequence[str | Path] = ()) -> Iterator[int]:
        """Yield when files have changed and come to rest, and at first; never ends.

        Web pages are not watched. Raises `SourceError`.
        """
        return watch_paths(self.settings.store, self.local_sources(paths))

    def local_sources(self, paths: Sequence[str | Path] = ()) -> tuple[str | Path, ...]:
        """Return the given or usual sources, no web pages. Raises `SourceError` if none is left."""
        local = split_sources(paths or self.sources()).paths
        if not local:
            raise SourceError("web pages cannot be watched", "name files or folders")
        return local

    def remove(self, names: Sequence[str], on_wait: Callable[[str], None] | None = None) -> Report:
        """Remove documents from the index; their files stay.

        Updates of their folder leave them out until they are given by their own names. Raises
        `UnknownDocumentError`, else as `update`.
        """
        sources = {record.source for record in choose_documents(self.documents(), names)}
        return note_update(self.store, remove_documents(self.store, sources, on_wait=on_wait))

    def restore(self, on_wait: Callable[[str], None] | None = None) -> int:
        """Go back to the snapshot before the last update; return its number of documents."""
        return restore_index(self.store, on_wait)

    def copy_to(
        self,
        target: str,
        on_progress: OnProgress = lambda progress: None,
        on_wait: Callable[[str], None] | None = None,
    ) -> Report:
        """Copy the index to another folder or to a server (`http…`) without embedding again.

        Raises `SettingsError` and as `update`.
        """
        return copy_index(self.store, choose_target(self.settings, target), on_progress, on_wait)

    def check(self) -> list[str]:
        """Return the faults of the index, one line each; empty if there are none."""
        return check_index(self.store)

    def repair(
        self,
        on_progress: OnProgress = lambda progress: None,
        on_wait: Callable[[str], None] | None = None,
    ) -> Repair:
        """Rebuild the damaged parts from the stored text. Raises `StoreError`."""
        load = self.models.load
        return repair_index(self.store, load=load, on_progress=on_progress, on_wait=on_wait)

    def close(self) -> None:
        """Close the index and all connections."""
        # If Python ends while a thread is in native code, the process crashes.
        self._closing.set()
        if self._warming is not None:
            self._warming.join()
        self.models.close()
        self.pages.close()
        self._shared.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
