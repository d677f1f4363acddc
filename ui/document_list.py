"""The output of `rag documents`: a line for each document, and for each file that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rag.library.documents import file_status
from rag.library.library import DocumentRecord, Failure
from ui.left_out import count_unsupported
from ui.terminal import write


def describe_document(record: DocumentRecord) -> dict[str, Any]:
    """Return a document's record and status as JSON values."""
    fields = asdict(record)
    fields["document"] = fields.pop("path")
    for internal in ("segment", "row", "stamp", "titles", "opening", "needs", "messages"):
        del fields[internal]
    return fields | {"status": file_status(record)}


def print_documents(
    records: Sequence[DocumentRecord], failures: Sequence[Failure] = (), verbose: bool = False
) -> None:
    """Print a line for each indexed document, and for each file that could not be indexed.

    Files of unknown formats have one line together, unless `verbose`.
    """
    for record in records:
        status = file_status(record)
        note = "" if status == "indexed" else f"  ({status})"
        size = "" if record.within else f"{record.size:,} bytes, "  # it is that of the mail
        write(
            f"{record.path}  {record.sentences} sentences, {record.passages} passages, "
            f"{size}indexed {_local_time(record.indexed_at)}{note}"
        )
        if record.answered:
            write(f"  in reply to: {record.answered}")
        if record.remark:
            write(f"  {record.remark}")
    indexed = {record.path for record in records}  # with an earlier content
    for failure in failures:
        if verbose or not failure.unsupported:
            state = "not updated" if failure.path in indexed else "not indexed"
            write(f"{failure.path}  {state}: it {failure.reason}")
    if line := count_unsupported(failures):
        write(line)
    write(f"{len(records)} documents")


def _local_time(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
