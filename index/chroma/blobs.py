"""Files in a Chroma collection, as records that are small enough for every Chroma server.

Chroma makes a full-text index of documents, but not of metadata. So the bytes of a file are stored
as metadata: in base64, in values of at most 4,096 characters, up to 24 values per record.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.errors import StoreBrokenError
from index.shared_store import Sink

_VALUE = 3072  # bytes; 4,096 characters in base64
_VALUES = 24  # per record; Chroma Cloud takes at most 32 keys
_RECORD = _VALUE * _VALUES  # bytes
_RECORDS_AT_ONCE = 100  # about 10 MB; a server refuses requests of more than 40 MB

_MOST_RECORDS = 10**6  # per file: 74 GB

_KEYS = [f"{number:02}" for number in range(_VALUES)]


def write_file(collection: Any, name: str, file: Path) -> None:
    """Add a file to a collection. Raises `OSError` and what Chroma raises."""
    count = max(1, -(-file.stat().st_size // _RECORD))
    with file.open("rb") as stream:
        for start in range(0, count, _RECORDS_AT_ONCE):
            numbers = range(start, min(start + _RECORDS_AT_ONCE, count))
            collection.add(
                ids=[_name_record(name, number) for number in numbers],
                embeddings=[[1.0, float(number)] for number in numbers],  # Chroma wants one
                metadatas=[{"of": count, **_encode(stream.read(_RECORD))} for _ in numbers],
            )


def read_file(collection: Any, name: str, sink: Sink) -> None:
    """Write the content of a file in a collection to `sink`.

    Raises `StoreBrokenError` if records are missing, `ValueError` for a record that is no part of
    a file, `OSError`, and what Chroma raises.
    """
    for record in _read_records(collection, name):
        for key in _KEYS:
            if key in record:
                sink.write(base64.b64decode(str(record[key]), validate=True))


def _read_records(collection: Any, name: str) -> Iterator[dict[str, Any]]:
    start, count = 0, 1
    while start < count:
        ids = [_name_record(name, n) for n in range(start, min(start + _RECORDS_AT_ONCE, count))]
        result = collection.get(ids=ids, include=["metadatas"])
        found = dict(zip(result["ids"], result["metadatas"], strict=True))
        for each in ids:
            record = found.get(each)
            if record is None:
                raise StoreBrokenError(
                    f"the server has lost a part of {name}", "run `rag doctor --repair`"
                )
            count = _read_count(record)
            yield record
        start += len(ids)


def _read_count(record: dict[str, Any]) -> int:
    count = record.get("of")
    if not (isinstance(count, int) and 0 < count <= _MOST_RECORDS):
        raise ValueError("a record without the number of records")
    return count


def _encode(data: bytes) -> dict[str, str]:
    values = (data[start : start + _VALUE] for start in range(0, len(data), _VALUE))
    return {
        key: base64.b64encode(value).decode() for key, value in zip(_KEYS, values, strict=False)
    }


def _name_record(name: str, number: int) -> str:
    return f"{name}:{number:06}"
