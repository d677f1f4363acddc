"""Repairs a damaged index from its own undamaged data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from index.arrays import Vectors
from index.documents.codec import decode_document, open_line
from index.encoders.load import load_encoder
from index.encoders.protocol import Encoder, PassageText
from index.errors import StoreBrokenError, StoreNotWritableError, StoreOutdatedError
from index.files.current import read_pointer
from index.files.layout import StoreLayout
from index.files.manifest import Manifest, new_id
from index.files.named_paths import is_named
from index.files.seals import find_damaged_files
from index.ingest.builder import Rebuild
from index.ingest.parser import DocumentParser, Limits
from index.ingest.prepare import FreshDocument, KnownVectors, list_known
from index.ingest.scan import SourceFile
from index.operations.doctor import (
    check_copy,
    check_pointer,
    check_previous,
    check_records,
    list_records,
)
from index.operations.fresh import make_record
from index.remote.local import LocalOnly
from index.remote.opening import open_remote
from index.remote.protocol import Remote
from index.snapshots.checks import check_document
from index.snapshots.publish import point_to, publish, read_manifest, require_current
from index.snapshots.segments import Segment
from index.snapshots.writer_lock import hold_writer_lock
from index.text.sentences import split_sentences
from index.types import Document, DocumentRecord, Failure, OnProgress, OnWait
from index.web.addresses import is_address
from index.web.kept import find_kept

log = logging.getLogger(__name__)

_INDEPENDENT = ("lexical/", "chroma/", "checksums.json")  # files that vectors do not depend on


@dataclass(frozen=True, slots=True)
class Repair:
    """The result of a repair.

    `faults` are the faults found. `rebuilt` counts the documents that were indexed again, and
    `embedded` the passages embedded for them. `lost` are the paths of documents that could not be
    restored. `unrepaired` are the other faults that could not be repaired, one line each.
    """

    faults: tuple[str, ...]
    rebuilt: int = 0
    embedded: int = 0
    lost: tuple[str, ...] = ()
    unrepaired: tuple[str, ...] = ()


def repair_index(
    store: Path,
    *,
    load: Callable[[str], Encoder] = load_encoder,
    limits: Limits | None = None,
    on_progress: OnProgress = lambda progress: None,
    on_wait: OnWait | None = None,
) -> Repair:
    """Rebuild the damaged parts of the index and publish the result.

    - Damaged segments are rebuilt from the text that they store; undamaged vectors are reused.
    - A document whose stored text is damaged is parsed from its file, if the file has not changed.
      For a shared index, only files below paths that were indexed on this machine are read.
    - If the pointer or the manifest is damaged, the newest undamaged snapshot is used.

    Raises `StoreMissingError`, `StoreBrokenError` if there is no undamaged manifest, and the errors
    of `update_index`.
    """
    remote = open_remote(store)
    with hold_writer_lock(remote, on_wait), ExitStack() as stack:
        manifest, faults, unrepaired = _find_manifest(remote)
        segments: dict[str, Segment] = {}
        broken: list[DocumentRecord] = []
        for name in manifest.segments:
            records = list_records(manifest, name)
            found = check_records(remote, name, records)
            faults += found
            if found and not _repair_copy(remote, name, records):
                broken += records
            else:
                folder = StoreLayout(store).segment(name).root
                segments[name] = stack.enter_context(closing(Segment(folder, remote)))
        before = check_previous(remote, manifest)
        if before:
            faults += before
            unrepaired.append(
                "the state before the last update is lost: a rollback is not possible"
            )
        if not broken:
            if before:
                publish(remote, replace(manifest, id=new_id(), previous=None))
            elif faults and _pointer(store) != manifest.id:
                point_to(remote, manifest.id)
            return Repair(tuple(faults), unrepaired=tuple(unrepaired))
        rebuild = Rebuild(
            remote=remote,
            load=lambda: load(manifest.model.name),
            find_vectors=lambda records: _find_vectors(store, manifest, records),
            on_progress=on_progress,
            records={r.source: r for r in manifest.documents if r.segment in segments},
            segments=segments,
            before=manifest,
            can_go_back=False,
            roots=manifest.roots,
            failures={failure.source: failure for failure in manifest.failures},
            excluded=manifest.excluded,
        )
        parser = stack.enter_context(DocumentParser(limits, on_progress))
        lost: list[str] = []
        try:
            rebuild.run(_load_stored(remote, broken, parser, lost), len(broken))
        except OSError as error:
            raise StoreNotWritableError(
                f"the index at {store} could not be written ({error.strerror or error})",
                "free disk space and try again; the undamaged data is unchanged",
            ) from error
        return Repair(
            tuple(faults),
            len(broken) - len(lost),
            rebuild.embedded,
            tuple(lost),
            tuple(unrepaired),
        )


def _repair_copy(remote: Remote, name: str, records: Sequence[DocumentRecord]) -> bool:
    """Repair a segment of a shared index from the copy or the shared store, whichever is sound.

    Returns False if it is still damaged afterwards, and if the index is not shared.
    """
    if not remote.is_copy:
        return False
    if not check_copy(remote.store, name, records):
        remote.push(name, anew=True)
    else:
        try:
            if not remote.fetch_segment(name):
                return False
        except (StoreBrokenError, OSError):
            return False
    return not check_records(remote, name, records)


def _find_manifest(remote: Remote) -> tuple[Manifest, list[str], list[str]]:
    """Return the published manifest, or the newest undamaged one.

    Also return the faults found, and those that cannot be repaired.
    """
    store = remote.store
    try:
        return require_current(remote), check_pointer(store), []
    except StoreOutdatedError:
        raise
    except StoreBrokenError as error:
        if _fetch_current(remote):
            return require_current(remote), [error.problem], []
        layout, pointer = StoreLayout(store), _pointer(store)
        files = sorted(layout.snapshots.glob("*.json"), reverse=True)
        lost = False
        for file in files:
            try:
                manifest = read_manifest(store, file.stem)
            except (OSError, StoreBrokenError):
                lost = True
                continue
            if not all(layout.segment(name).root.exists() for name in manifest.segments):
                continue  # a build was interrupted before it published this manifest
            which = "newest state" if lost else "state that CURRENT names" if pointer else ""
            unrepaired = [_describe_older(which, manifest)] if which else []
            return manifest, [error.problem], unrepaired
        raise StoreBrokenError(error.problem, "run `rag index --full` to start over") from error


def _describe_older(which: str, manifest: Manifest) -> str:
    return (
        f"the {which} is lost: the index now has the state of {manifest.created} with "
        f"{len(manifest.documents)} documents; run `rag index` to bring it up to date"
    )


def _pointer(store: Path) -> str | None:
    """Return the id in the pointer; None if the pointer is missing or damaged."""
    try:
        return read_pointer(store)
    except StoreBrokenError:
        return None


def _fetch_current(remote: Remote) -> bool:
    """Download the current manifest again.

    Returns False if the index is not shared, or the shared store's manifest is no better.
    """
    if not remote.is_copy:
        return False
    layout, snapshot = StoreLayout(remote.store), _pointer(remote.store)
    try:
        if snapshot is None:
            layout.current.unlink(missing_ok=True)
            return remote.pull()
        layout.manifest(snapshot).unlink(missing_ok=True)
        return remote.fetch(snapshot)
    except StoreBrokenError:
        return False


def _load_stored(
    remote: Remote, records: Sequence[DocumentRecord], parser: DocumentParser, lost: list[str]
) -> Iterator[FreshDocument]:
    """Yield the documents of damaged segments from their stored text, or else from their files.

    Appends the paths of documents that have neither to `lost`.
    """
    unreadable: list[DocumentRecord] = []
    lines: dict[str, list[bytes]] = {}
    for record in records:
        if record.segment not in lines:
            lines[record.segment] = _read_lines(remote.store, record.segment)
        document = _open_document(lines[record.segment], record.row)
        if document is None and not _may_read(remote, record):
            lost.append(record.path)
        elif document is None:
            unreadable.append(record)
        else:
            sentences = split_sentences(document.text, document.blocks, document.language)
            yield FreshDocument(record, document, sentences)
    wanted = {record.source: record for record in unreadable}
    files = [_find_file(remote.store, record) for record in unreadable]
    for file, result in parser.parse(files, members=False):
        record = wanted[file.source]
        if isinstance(result, Failure) or result.sha256 != record.sha256:
            lost.append(record.path)
        else:
            yield FreshDocument(make_record(file, result), result.document, result.sentences)


def _may_read(remote: Remote, record: DocumentRecord) -> bool:
    if is_address(record.file):
        return find_kept(remote.store, record.file) is not None
    return not remote.is_copy or is_named(remote.store, record.file)


def _find_file(store: Path, record: DocumentRecord) -> SourceFile:
    copy = find_kept(store, record.file) if is_address(record.file) else None
    place = str(copy.absolute()) if copy is not None else ""
    shown = (record.path, record.source, record.sha256, record.size)
    return SourceFile(*shown, copy=place, within=record.within)


def _read_lines(store: Path, segment: str) -> list[bytes]:
    try:
        return StoreLayout(store).segment(segment).texts.read_bytes().split(b"\n")
    except OSError:
        return []


def _open_document(lines: Sequence[bytes], row: int) -> Document | None:
    try:
        return decode_document(open_line(lines[row]))
    except (IndexError, ValueError, KeyError, TypeError):
        return None


def _find_vectors(
    store: Path, manifest: Manifest, records: Sequence[DocumentRecord]
) -> KnownVectors:
    """Return the stored vectors of these documents that are not damaged."""
    known: dict[PassageText, tuple[Vectors, Vectors]] = {}
    for name in {record.segment for record in records if record.segment}:
        try:
            layout = StoreLayout(store).segment(name)
            # Vectors do not depend on the files in `_INDEPENDENT`. Texts have hashes of their own.
            if not all(f.startswith(_INDEPENDENT) for f in find_damaged_files(layout)):
                continue
            with closing(Segment(layout.root, LocalOnly(store), damaged=True)) as segment:
                for record in records:
                    if record.segment == name:
                        item = segment.indexed(record.row)
                        if not any(check_document(item)):
                            known |= list_known(item)
        except Exception:  # noqa: BLE001 - damaged numbers may cause any error
            log.info("the vectors of %s are damaged and not reused", name)
    return known
