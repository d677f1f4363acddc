"""The members of e-mails and archives in an update: they follow the file that holds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeVar

from index.documents import is_installed
from index.ingest.scan import Scan, SourceFile
from index.messages import Message
from index.types import DocumentRecord, Failure

_Entry = TypeVar("_Entry", DocumentRecord, Failure)


@dataclass(frozen=True, slots=True)
class Departed:
    """The members that the user removed from e-mails that are gone.

    `paths` are their paths in the mail, by its Message-ID. `arrived` are the sources of the new
    files: one of them may hold the mail, which was moved and changed at once.
    """

    paths: Mapping[str, Collection[str]]
    arrived: Collection[str]

    def find(self, file: SourceFile, messages: Iterable[Message]) -> dict[str, str]:
        """Return those that are in a file with these messages: their sources with paths to show."""
        if (file.within or file.source) not in self.arrived:
            return {}
        paths = [path for message in messages for path in self.paths.get(message.id, ())]
        return {f"{file.source}/{path}": f"{file.path}/{path}" for path in paths}


@dataclass(frozen=True, slots=True)
class Following:
    """What becomes of members. `removed` are the paths of those whose holder is gone.

    `excluded` are the sources of those that stay out of the index, with the paths to show.
    """

    records: tuple[DocumentRecord, ...]
    failures: tuple[Failure, ...]
    removed: tuple[str, ...]
    excluded: Mapping[str, str]
    departed: Departed


@dataclass(frozen=True, slots=True)
class Members:
    """The members in an index: documents, those that failed, and those that the user removed.

    `holders` are all other documents, by their sources.
    """

    records: tuple[DocumentRecord, ...]
    failures: tuple[Failure, ...]
    excluded: tuple[str, ...]
    holders: Mapping[str, DocumentRecord]

    @classmethod
    def among(
        cls,
        documents: Iterable[DocumentRecord],
        failures: Iterable[Failure],
        excluded: Iterable[str],
    ) -> Members:
        """Return the members among the documents, failures and removed files of an index."""
        records = tuple(documents)
        holders = {record.source: record for record in records if not record.within}
        return cls(
            tuple(record for record in records if record.within),
            tuple(failure for failure in failures if failure.within),
            tuple(source for source in excluded if find_holder(source, holders)),
            holders,
        )

    def find_incomplete(self, scan: Scan) -> set[str]:
        """Return the holders to read again, although they have not changed.

        A member can be read now, or it failed or was removed and the user names it or its holder.
        """
        incomplete = {record.within for record in self.records if is_installed(record.needs)}
        for failure in self.failures:
            # Without a hash it failed by accident.
            if not failure.sha256 or is_installed(failure.needs) or scan.names(failure.within):
                incomplete.add(failure.within)
        named = (
            find_holder(each, self.holders) for each in self.excluded if self._named(each, scan)
        )
        return incomplete | {*named}

    def _named(self, source: str, scan: Scan) -> bool:
        return scan.names(source) or scan.names(find_holder(source, self.holders))

    def follow(
        self, kept: Mapping[str, DocumentRecord], fresh: Collection[str], scan: Scan
    ) -> Following:
        """Move the members with their holders, and remove those whose holder is not kept.

        `kept` are the records of holders by their sources until now. Of the holders in `fresh` it
        will be seen which members fail.
        """
        excluded = {}
        for source in self.excluded:
            within = find_holder(source, self.holders)
            if within in kept and not self._named(source, scan):
                name, holder = source.removeprefix(within), kept[within]
                excluded[f"{holder.source}{name}"] = f"{holder.path}{name}"
        arrived = {each for each in fresh if each not in kept and not scan.names(each)}
        return Following(
            tuple(_move(r, kept[r.within]) for r in self.records if r.within in kept),
            tuple(
                _move(failure, kept[failure.within])
                for failure in self.failures
                if failure.within in kept and kept[failure.within].source not in fresh
            ),
            tuple(record.path for record in self.records if record.within not in kept),
            excluded,
            Departed(self._find_departed(kept), arrived),
        )

    def _find_departed(self, kept: Collection[str]) -> Mapping[str, Collection[str]]:
        """Return the removed members of mails that are not kept, by the ids of these mails."""
        records = (*self.holders.values(), *self.records)
        ids = {r.source: [each.id for each in r.messages if each.id] for r in records}
        mails = {source: found for source, found in ids.items() if found}
        departed: defaultdict[str, set[str]] = defaultdict(set)
        for source in self.excluded:
            mail = find_holder(source, mails)
            if mail and find_holder(source, self.holders) not in kept:
                for message_id in mails[mail]:
                    departed[message_id].add(source.removeprefix(f"{mail}/"))
        return departed


def _move(entry: _Entry, holder: DocumentRecord) -> _Entry:
    name = entry.source.removeprefix(entry.within)  # begins with a slash
    return replace(
        entry, path=f"{holder.path}{name}", source=f"{holder.source}{name}", within=holder.source
    )


def find_holder(source: str, files: Collection[str]) -> str:
    """Return the file of which `source` is a member, of some files; empty if it is none."""
    above = map(str, PurePosixPath(source).parents)
    return next((folder for folder in above if folder in files), "")
