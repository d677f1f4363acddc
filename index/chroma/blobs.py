"""Files in a Chroma collection, as records of a size that every Chroma takes.

Chroma's documents are indexed for search by their words, its metadata is not: a file's bytes are
metadata, base64, in values of at most 4,096 bytes, 24 of them a record.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from index.errors import StoreBrokenError

_VALUE = 3072  # bytes; 4,096 characters
_VALUES = 24  # a record has at most 32 keys
_RECORD = _VALUE * _VALUES
_RECORDS_AT_ONCE = 100  # some 10 MB; a server refuses requests of more than 40

_MOST_RECORDS = 10**6  # of a file; 74 GB

_KEYS = [f"{number:02}" for number in range(_VALUES)]


def write_file(collection: Any, name: str, file: Path) -> None:
    """Add a file to a collection. Raises `OSError` and what Chroma raises."""
    count = max(1, -(-file.stat().st_size // _RECORD))
    with file.open("rb") as stream:
        for start in range(0, count, _RECORDS_AT_ONCE):
            numbers = range(start, min(start + _RECORDS_AT_ONCE, count))
            collection.add(
                ids=[_name_record(name, number) for number in numbers],
                embeddings=[[1.0, float(number)] for number in numbers],  # every record has one
                metadatas=[{"of": count, **_encode(stream.read(_RECORD))} for _ in numbers],
            )


def read_file(collection: Any, name: str, stream: BinaryIO) -> None:
    """Write a file of a collection to a stream.

    Raises `StoreBrokenError` where records are missing, `OSError`, and what Chroma raises.
    """
    for data in _read_values(collection, name):
        stream.write(data)


def hash_file(collection: Any, name: str) -> str:
    """Return the sha256 of a file in a collection, in hexadecimal. Raises as `read_file` does."""
    found = hashlib.sha256()
    for data in _read_values(collection, name):
        found.update(data)
    return found.hexdigest()


def _read_values(collection: Any, name: str) -> Iterator[bytes]:
    for record in _read_records(collection, name):
        for key in _KEYS:
            if key in record:
                yield base64.b64decode(str(record[key]), validate=True)


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
