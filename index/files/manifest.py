"""The manifest of a snapshot: its live documents and the segments that store them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from index.encoders.protocol import ModelIdentity
from index.errors import StoreOutdatedError
from index.messages import Message
from index.types import DocumentRecord, Failure

FORMAT = 9
_FIRST_SEALED = 4  # manifests of earlier formats have no hash

# A manifest is a JSON object. Its first field is the hash of all bytes after that field.
_SEAL = re.compile(rb'\{"seal": "([0-9a-f]{64})",')


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of one snapshot.

    `roots` are the absolute paths that were indexed. `token_budget` is the maximum length of a
    passage. `previous` is the id of the snapshot that a rollback returns to. `failures` are the
    files that could not be indexed. `excluded` are the absolute paths of documents that the user
    removed from the index.
    """

    id: str
    created: str
    model: ModelIdentity
    token_budget: int
    roots: tuple[str, ...]
    segments: tuple[str, ...]
    documents: tuple[DocumentRecord, ...]
    previous: str | None = None
    failures: tuple[Failure, ...] = ()
    excluded: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def remarks(self) -> set[tuple[str, str]]:
        """The paths of documents that could not be read wholly or well, each with the remark."""
        return {(record.path, record.remark) for record in self.documents if record.remark}

    def to_json(self) -> bytes:
        """Return the content of the manifest's file."""
        # The opening brace is replaced by the brace and the hash.
        fields = json.dumps(asdict(self), ensure_ascii=True, indent=1).encode()[1:]
        return b'{"seal": "%b",' % hashlib.sha256(fields).hexdigest().encode() + fields

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Parse a manifest. Raises `ValueError`, `KeyError` or `TypeError` if it is invalid.

        Raises `StoreOutdatedError` for an earlier format.
        """
        seal = _SEAL.match(data)
        if seal and hashlib.sha256(data[seal.end() :]).hexdigest().encode() != seal[1]:
            raise ValueError("the hash does not match")
        fields = json.loads(data)
        written = fields["format"]
        if written in range(_FIRST_SEALED, FORMAT) if seal else written in range(1, _FIRST_SEALED):
            raise StoreOutdatedError(
                "the index was made by an earlier version of Footnote",
                "run `rag index`, which rebuilds it from the files",
            )
        if not seal or written != FORMAT:
            raise ValueError(f"format {written}")
        del fields["seal"]
        fields["model"] = ModelIdentity(**fields["model"])
        fields["roots"] = tuple(fields["roots"])
        fields["segments"] = tuple(fields["segments"])
        fields["failures"] = tuple(Failure(**failure) for failure in fields["failures"])
        fields["excluded"] = tuple(fields["excluded"])
        fields["documents"] = tuple(map(_read_record, fields["documents"]))
        return cls(**fields)


def _read_record(fields: dict[str, Any]) -> DocumentRecord:
    titles = tuple(fields.pop("titles", ()))
    messages = tuple(map(_read_message, fields.pop("messages", ())))
    return DocumentRecord(**fields, titles=titles, messages=messages)


def _read_message(fields: dict[str, Any]) -> Message:
    return Message(**{**fields, "answers": tuple(fields["answers"])})


_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")


def is_id(name: str) -> bool:
    """Whether a name has the form of `new_id`."""
    return _ID.fullmatch(name) is not None


def new_id() -> str:
    """Return a new id for a snapshot or segment. Ids sort by the time when they were made."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"


def now() -> str:
    """Return the current time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
