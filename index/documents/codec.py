"""Document <-> JSON: as a segment stores it, and as the reader's process hands it over.

JSON and not pickle: a parser that hostile bytes got hold of must not run code where its result
is read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import Any

from index.types import Block, Document, Part, TextRun


def encode_document(document: Document) -> dict[str, Any]:
    """Return a document as JSON values."""
    return {
        "path": document.path,
        "title": document.title,
        "format": document.format,
        "text": document.text,
        "language": document.language,
        "blocks": [astuple(block) for block in document.blocks],
        "parts": [astuple(part) for part in document.parts],
        "runs": [astuple(run) for run in document.runs],
    }


def decode_document(fields: dict[str, Any]) -> Document:
    """Return the document that `encode_document` was given. Raises `KeyError` or `TypeError`."""
    return Document(
        path=fields["path"],
        title=fields["title"],
        format=fields["format"],
        text=fields["text"],
        language=fields["language"],
        blocks=tuple(Block(*block) for block in fields["blocks"]),
        parts=tuple(Part(*part) for part in fields["parts"]),
        runs=tuple(TextRun(*run) for run in fields["runs"]),
    )


def seal_line(values: Any) -> bytes:
    """Return JSON values as one line with the hash of what follows in front."""
    line = to_line(values)
    return hashlib.sha256(line.rstrip()).hexdigest().encode("ascii") + b" " + line


def open_line(line: bytes) -> Any:
    """Return the values of a sealed line. Raises `ValueError` when it is not as it was written."""
    seal, _, content = line.rstrip().partition(b" ")
    if hashlib.sha256(content).hexdigest().encode("ascii") != seal:
        raise ValueError("the line is damaged")
    return json.loads(content)


def to_line(values: Any) -> bytes:
    """Return JSON values as one line of ASCII."""
    # A file may hold half of a surrogate pair, which UTF-8 has no bytes for; \u escapes keep it.
    return json.dumps(values, ensure_ascii=True).encode("ascii") + b"\n"
