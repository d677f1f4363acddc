"""What a snapshot is: which documents are live and in which segments they are stored."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import uuid4

from index.encoder import ModelIdentity
from index.types import DocumentRecord, Failure

FORMAT = 3


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
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read a manifest. Raises `ValueError`, `KeyError` or `TypeError` when it is none."""
        fields = json.loads(data)
        if fields.get("format") != FORMAT:
            raise ValueError(f"format {fields.get('format')}")
        fields["model"] = ModelIdentity(**fields["model"])
        fields["roots"] = tuple(fields["roots"])
        fields["segments"] = tuple(fields["segments"])
        fields["failures"] = tuple(Failure(**failure) for failure in fields["failures"])
        fields["excluded"] = tuple(fields["excluded"])
        fields["documents"] = tuple(DocumentRecord(**record) for record in fields["documents"])
        return cls(**fields)


def new_id() -> str:
    """Return a name for a snapshot or segment; later ones sort behind earlier ones."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"


def now() -> str:
    """Return the present time, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
