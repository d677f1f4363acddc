"""What a snapshot is: which documents are live and in which segments they are stored."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import uuid4

from index.encoders.protocol import ModelIdentity
from index.errors import StoreOutdatedError
from index.types import DocumentRecord, Failure

FORMAT = 5
_FIRST_SEALED = 4  # earlier ones carry no hash

# A manifest begins with the hash of all that follows, and is JSON with it.
_SEAL = re.compile(rb'\{"seal": "([0-9a-f]{64})",')


@dataclass(frozen=True, slots=True)
class Manifest:
    """One published state of the index.

    `roots` are the absolute paths that it was brought up to date with, `token_budget` the length
    of its passages, `previous` the snapshot that it replaced, `failures` the files that could not
    be read, `excluded` the absolute paths of those that were removed from the index on purpose.
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

    def to_json(self) -> bytes:
        """Return the manifest as a file's content."""
        # Without the bracket, in whose place the seal goes.
        fields = json.dumps(asdict(self), ensure_ascii=True, indent=1).encode()[1:]
        return b'{"seal": "%b",' % hashlib.sha256(fields).hexdigest().encode() + fields

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read a manifest. Raises `ValueError`, `KeyError` or `TypeError` when it is none.

        One of an earlier format is a `StoreOutdatedError`.
        """
        seal = _SEAL.match(data)
        if seal and hashlib.sha256(data[seal.end() :]).hexdigest().encode() != seal[1]:
            raise ValueError("it is not as it was written")
        fields = json.loads(data)
        written = fields["format"]
        if written in range(_FIRST_SEALED, FORMAT) if seal else written in range(1, _FIRST_SEALED):
            raise StoreOutdatedError(
                "the index was made by an earlier version of Footnote",
                "run `rag index`, which makes it anew from the files",
            )
        if not seal or written != FORMAT:
            raise ValueError(f"format {written}")
        del fields["seal"]
        fields["model"] = ModelIdentity(**fields["model"])
        fields["roots"] = tuple(fields["roots"])
        fields["segments"] = tuple(fields["segments"])
        fields["failures"] = tuple(Failure(**failure) for failure in fields["failures"])
        fields["excluded"] = tuple(fields["excluded"])
        fields["documents"] = tuple(DocumentRecord(**record) for record in fields["documents"])
        return cls(**fields)


_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")


def is_id(name: str) -> bool:
    """Whether a name is one that `new_id` gives."""
    return _ID.fullmatch(name) is not None


def new_id() -> str:
    """Return a name for a snapshot or segment; later ones sort behind earlier ones."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"


def now() -> str:
    """Return the present time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
