"""Mends a damaged index from what it holds."""

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
from index.files.seals import find_damaged_files
from index.ingest.builder import Rebuild
from index.ingest.parser import DocumentReader, Limits
from index.ingest.prepare import FreshDocument, KnownVectors, list_known
from index.ingest.scan import SourceFile
from index.operations.doctor import (
    check_copy,
    check_pointer,
    check_previous,
    check_records,
    list_records,
)
from index.operations.update import make_record
from index.remote.local import LocalOnly
from index.remote.opening import open_remote
from index.remote.protocol import Remote
from index.snapshots.checks import check_document
from index.snapshots.publish import point_to, publish, read_manifest, require_current
from index.snapshots.segments import Segment
from index.snapshots.writer_lock import hold_writer_lock
from index.text.sentences import split_sentences
from index.types import Document, DocumentRecord, Failure, OnProgress, OnWait

log = logging.getLogger(__name__)

_APART = ("lexical/", "chroma/", "checksums.json")  # what vectors do not depend on


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did.

    `faults` were found; `rebuilt` documents were made anew, for which `embedded` passages were
    embedded; `lost` are the paths of those that nothing was left of. `unmended` says what else
    could not be mended, a line each.
    """

    faults: tuple[str, ...]
    rebuilt: int = 0
    embedded: int = 0
    lost: tuple[str, ...] = ()
    unmended: tuple[str, ...] = ()


def repair_index(
    store: Path,
    *,
    load: Callable[[str], Encoder] = load_encoder,
    limits: Limits | None = None,
    on_progress: OnProgress = lambda progress: None,
    on_wait: OnWait | None = None,
) -> Repair:
    """Rebuild what is damaged, and publish the result.

    Damaged parts are made anew from the text that the index holds, without the original files;
    a document whose very text is damaged is read from its file, if that is as it was. Vectors
    that are sound are kept. Where the pointer or the manifest is damaged, the newest whole
    snapshot is taken. Raises `StoreMissingError`, `StoreBrokenError` when nothing is left to
    mend it from, and as `update_index` does.
    """
    remote = open_remote(store)
    with hold_writer_lock(remote, on_wait), ExitStack() as stack:
        manifest, faults, unmended = _find_manifest(remote)
        segments: dict[str, Segment] = {}
        broken: list[DocumentRecord] = []
        for name in manifest.segments:
            records = list_records(manifest, name)
            found = check_records(remote, name, records)
            faults += found
            if found and not _mend_copy(remote, name, records):
                broken += records
            else:
                folder = StoreLayout(store).segment(name).root
                segments[name] = stack.enter_context(closing(Segment(folder, remote)))
        before = check_previous(remote, manifest)
        if before:
            faults += before
            unmended.append("the state before the last update is lost: it cannot be gone back to")
        if not broken:
            if before:
                publish(remote, replace(manifest, id=new_id(), previous=None))
            elif faults and _pointer(store) != manifest.id:
                point_to(remote, manifest.id)
            return Repair(tuple(faults), unmended=tuple(unmended))
        rebuild = Rebuild(
            remote=remote,
            load=lambda: load(manifest.model.name),
            recall=lambda records: _recall(store, manifest, records),
            on_progress=on_progress,
            records={r.source: r for r in manifest.documents if r.segment in segments},
            segments=segments,
            before=manifest,
            can_go_back=False,
            roots=manifest.roots,
            failures={failure.source: failure for failure in manifest.failures},
            excluded=manifest.excluded,
        )
        reader = stack.enter_context(DocumentReader(limits))
        lost: list[str] = []
        try:
            rebuild.run(_read_stored(store, broken, reader, lost), len(broken))
        except OSError as error:
            raise StoreNotWritableError(
                f"the index at {store} could not be written ({error.strerror or error})",
                "make room; nothing that is left is lost",
            ) from error
        return Repair(
            tuple(faults),
            len(broken) - len(lost),
            rebuild.embedded,
            tuple(lost),
            tuple(unmended),
        )


def _mend_copy(remote: Remote, name: str, records: Sequence[DocumentRecord]) -> bool:
    """Mend a segment of a shared index from where it is sound, the copy or the shared store.

    Returns False if it is still damaged.
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
    """Return the published manifest, or the newest whole one.

    With it, what was wrong, and what of that it cannot make good.
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
                continue  # of a build that did not get so far as to publish it
            which = "newest state" if lost else "state that CURRENT names" if pointer else ""
            unmended = [_describe_older(which, manifest)] if which else []
            return manifest, [error.problem], unmended
        raise StoreBrokenError(error.problem, "run `rag index --full` to start over") from error


def _describe_older(which: str, manifest: Manifest) -> str:
    return (
        f"the {which} is lost: this is now that of {manifest.created} with "
        f"{len(manifest.documents)} documents; run `rag index` to bring it up to date"
    )


def _pointer(store: Path) -> str | None:
    """Return what the pointer names; None if it is lost or damaged."""
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


def _read_stored(
    store: Path, records: Sequence[DocumentRecord], reader: DocumentReader, lost: list[str]
) -> Iterator[FreshDocument]:
    """Yield the documents of damaged segments; those whose text is lost from their files."""
    unreadable: list[DocumentRecord] = []
    lines: dict[str, list[bytes]] = {}
    for record in records:
        if record.segment not in lines:
            lines[record.segment] = _read_lines(store, record.segment)
        document = _open_document(lines[record.segment], record.row)
        if document is None:
            unreadable.append(record)
        else:
            sentences = split_sentences(document.text, document.blocks, document.language)
            yield FreshDocument(record, document, sentences)
    files = [SourceFile(r.path, r.source, r.sha256, r.size) for r in unreadable]
    for (file, result), record in zip(reader.read(files), unreadable, strict=True):
        if isinstance(result, Failure) or result.sha256 != record.sha256:
            lost.append(record.path)
        else:
            yield FreshDocument(make_record(file, result), result.document, result.sentences)


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


def _recall(store: Path, manifest: Manifest, records: Sequence[DocumentRecord]) -> KnownVectors:
    """Return the vectors of these documents where the files that hold them are sound."""
    known: dict[PassageText, tuple[Vectors, Vectors]] = {}
    for name in {record.segment for record in records if record.segment}:
        try:
            layout = StoreLayout(store).segment(name)
            # Of no weight for the vectors; the texts are compared with their own hashes.
            if not all(f.startswith(_APART) for f in find_damaged_files(layout)):
                continue
            with closing(Segment(layout.root, LocalOnly(store), damaged=True)) as segment:
                for record in records:
                    if record.segment == name:
                        item = segment.indexed(record.row)
                        if not any(check_document(item)):
                            known |= list_known(item)
        except Exception:  # noqa: BLE001 - numbers that are not as written may do anything
            log.info("the vectors of %s are not used again", name)
    return known
