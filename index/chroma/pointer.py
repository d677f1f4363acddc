"""Which snapshot on a server is the published one: a record that is moved by making the next.

Each record has a number, is made once and never changed. Of two writers that both saw number n,
one makes n + 1 and the other learns that it was too late: nobody's work is overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass

from index.chroma.client import Connection
from index.files.names import check_id, read_number

_PREFIX = "footnote-published-"


@dataclass(frozen=True, slots=True)
class Pointer:
    """The published snapshot and the number of the record that names it."""

    number: int
    snapshot: str


def read_pointer(connection: Connection) -> Pointer | None:
    """Return what is published; None if nothing is.

    Raises `StoreUnreachableError`, and `StoreBrokenError` for a record that is none.
    """
    records = [
        Pointer(read_number(name, _PREFIX), check_id(data.get("snapshot")))
        for name, data in connection.list_names(_PREFIX).items()
    ]
    return max(records, key=lambda record: record.number, default=None)


def move_pointer(connection: Connection, before: Pointer | None, snapshot: str) -> bool:
    """Publish a snapshot in one atomic step; False if another was published since `before`.

    Raises `StoreUnreachableError`; it may have been published then.
    """
    number = before.number + 1 if before else 1
    name = f"{_PREFIX}{number:010}"
    return connection.create(name, metadata={"snapshot": snapshot}) is not None


def forget_pointers(connection: Connection, before: Pointer) -> None:
    """Remove the records that were replaced long ago."""
    for name in connection.list_names(_PREFIX):
        if read_number(name, _PREFIX) < before.number:
            connection.delete(name)
