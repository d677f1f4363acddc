"""The new and changed files of an update, parsed one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from index.errors import NoDocumentsError
from index.files.manifest import now
from index.ingest.builder import Rebuild
from index.ingest.members import Departed, find_holder
from index.ingest.model_choice import ParsedFile
from index.ingest.parser import ParsedDocument
from index.ingest.prepare import FreshDocument
from index.ingest.scan import SourceFile
from index.snapshots.snapshot import Snapshot
from index.types import DocumentRecord, Failure


class FreshFiles:
    """Parses the files of an update; at most `most` documents come out if `most` is given.

    A file that cannot be parsed becomes a failure of `rebuild`, and its old version stays. The
    members of an e-mail or archive come after it. They are not counted, and stay together. Those in
    `departed` are added to what `rebuild` excludes; `left_out` are their paths.
    """

    def __init__(
        self,
        parse: Callable[[Sequence[SourceFile]], Iterator[ParsedFile]],
        files: Sequence[SourceFile],
        rebuild: Rebuild,
        departed: Departed,
        most: int | None = None,
    ) -> None:
        self._parse = parse
        self._files = {file.source: file for file in files}
        self._rebuild = rebuild
        self._departed = departed
        self._most = most
        self.left_out: list[str] = []
        self._members: defaultdict[str, list[str]] = defaultdict(list)
        for record in rebuild.records.values():
            if record.within:
                self._members[record.within].append(record.source)

    @property
    def left(self) -> list[str]:
        """The shown paths of the files that were not parsed yet."""
        return [file.path for file in self._files.values()]

    def read(self, snapshot: Snapshot | None = None) -> Iterator[FreshDocument]:
        """Yield the documents, then those of the kept records that have to be embedded again.

        The texts of kept documents come from `snapshot`; without it they are not embedded again.
        Raises `NoDocumentsError` if the new snapshot would have no documents.
        """
        kept = dict(self._rebuild.records)
        some = bool(kept)
        for item in self._parse_files():
            some = True
            kept.pop(item.record.source, None)
            yield item
        if not some:
            raise NoDocumentsError.from_failures(self._rebuild.failures.values())
        for source, record in kept.items() if snapshot else ():
            if snapshot and source in self._rebuild.records:
                stored = snapshot.segment(record.segment).indexed(record.row)
                yield FreshDocument(record, stored.document, stored.sentences)

    def _parse_files(self) -> Iterator[FreshDocument]:
        excluded = {*self._rebuild.excluded}
        count = coming = 0  # files so far, without members; members that are to come
        for file, result in self._parse(list(self._files.values())):
            self._files.pop(file.source, None)
            coming -= 1 if file.within else 0
            if isinstance(result, ParsedDocument):
                coming += len(result.members)
                excluded |= self._exclude_departed(file, result)
            if file.source in excluded or find_holder(file.source, excluded):
                pass
            elif isinstance(result, Failure):
                self._rebuild.failures[file.source] = result
            else:
                self._forget_members(file, result)
                yield FreshDocument(make_record(file, result), result.document, result.sentences)
                count += 0 if file.within else 1
            if count == self._most and not coming:
                return

    def _exclude_departed(self, file: SourceFile, result: ParsedDocument) -> set[str]:
        """Return the sources of the members that were removed from the mail at its old place."""
        found = self._departed.find(file, result.document.messages)
        if not found:
            return set()
        names = {f"{file.source}/{name}" for name in result.members}
        paths = {
            source: path
            for source, path in found.items()
            if source in names or find_holder(source, names)
        }
        self._rebuild.excluded = tuple(sorted({*self._rebuild.excluded, *paths}))
        self.left_out.extend(sorted(paths.values()))
        return {*paths}

    def _forget_members(self, file: SourceFile, result: ParsedDocument) -> None:
        """Remove the documents that were in a file before, and are not any more."""
        start = f"{file.source}/"
        names = {start + name for name in result.members}
        for source in self._members[file.within or file.source]:
            if source.startswith(start) and not (source in names or find_holder(source, names)):
                self._rebuild.records.pop(source, None)


def make_record(file: SourceFile, result: ParsedDocument) -> DocumentRecord:
    """Return the record of a parsed file, without its segment and row, which are not known yet."""
    return DocumentRecord(
        path=file.path,
        source=file.source,
        title=result.document.title,
        format=result.document.format,
        language=result.document.language,
        titles=result.document.titles,
        opening=result.document.opening,
        # The file may have changed since it was scanned.
        sha256=result.sha256,
        size=result.size,
        indexed_at=now(),
        segment="",
        row=0,
        sentences=0,
        passages=0,
        stamp=file.stamp if result.sha256 == file.sha256 else "",
        remark=result.document.remark,
        needs=result.document.needs,
        within=file.within,
        messages=result.document.messages,
    )
