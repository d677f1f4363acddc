"""The documents attached to e-mails in an update: they follow the mail that holds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TypeVar

from index.documents import is_installed
from index.ingest.scan import Scan
from index.types import DocumentRecord, Failure

_Entry = TypeVar("_Entry", DocumentRecord, Failure)


@dataclass(frozen=True, slots=True)
class Following:
    """What becomes of attached documents. `removed` are the paths of those whose mail is gone."""

    records: tuple[DocumentRecord, ...]
    failures: tuple[Failure, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attached:
    """The attached documents of an index, those that failed, and all mails by their sources."""

    records: tuple[DocumentRecord, ...]
    failures: tuple[Failure, ...]
    mails: Mapping[str, DocumentRecord]

    @classmethod
    def among(cls, documents: Iterable[DocumentRecord], failures: Iterable[Failure]) -> Attached:
        """Return the attached documents among those of an index."""
        records = tuple(documents)
        return cls(
            tuple(record for record in records if record.within),
            tuple(failure for failure in failures if failure.within),
            {record.source: record for record in records if not record.within},
        )

    def find_incomplete(self, scan: Scan, restored: Iterable[str]) -> set[str]:
        """Return the mails to read again, although they have not changed.

        An attached document can be read now, was removed by the user until now (`restored` are the
        sources of such documents), or failed and the user names the mail.
        """
        incomplete = {record.within for record in self.records if is_installed(record.needs)}
        for failure in self.failures:
            # Without a hash it failed by accident.
            if not failure.sha256 or is_installed(failure.needs) or scan.names(failure.within):
                incomplete.add(failure.within)
        return incomplete | {find_mail(source, self.mails) for source in restored}

    def follow(self, kept: Mapping[str, DocumentRecord], fresh: Collection[str]) -> Following:
        """Move the attached documents with their mails, and remove those whose mail is not kept.

        `kept` are the records of mails by their sources until now. Of the mails in `fresh` it will
        be seen which attached documents fail.
        """
        return Following(
            tuple(_move(r, kept[r.within]) for r in self.records if r.within in kept),
            tuple(
                _move(failure, kept[failure.within])
                for failure in self.failures
                if failure.within in kept and kept[failure.within].source not in fresh
            ),
            tuple(record.path for record in self.records if record.within not in kept),
        )


def _move(entry: _Entry, mail: DocumentRecord) -> _Entry:
    name = entry.source.removeprefix(entry.within)  # begins with a slash
    return replace(
        entry, path=f"{mail.path}{name}", source=f"{mail.source}{name}", within=mail.source
    )


def find_mail(source: str, files: Collection[str]) -> str:
    """Return the file to which `source` is attached, of some files; empty if it is none."""
    above = map(str, PurePosixPath(source).parents)
    return next((folder for folder in above if folder in files), "")
