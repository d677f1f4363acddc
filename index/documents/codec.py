"""Document <-> JSON. Used in segments, and to send documents from the parser's process.

JSON and not pickle: a hostile file may take over the parser's process, and unpickling its output
would let it run code in this process, too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import Any

from index.messages import Message
from index.page_text import Scan, TextRun
from index.types import Block, Document, Part


def encode_document(document: Document) -> dict[str, Any]:
    """Return a document as JSON values."""
    return {
        "path": document.path,
        "title": document.title,
        "format": document.format,
        "text": document.text,
        "language": document.language,
        "titles": document.titles,
        "opening": document.opening,
        "blocks": [astuple(block) for block in document.blocks],
        "parts": [astuple(part) for part in document.parts],
        "runs": [astuple(run) for run in document.runs],
        "scans": [astuple(scan) for scan in document.scans],
        "remark": document.remark,
        "needs": document.needs,
        "messages": [astuple(message) for message in document.messages],
    }


def decode_document(fields: dict[str, Any]) -> Document:
    """Return the document that `encode_document` was given. Raises `KeyError` or `TypeError`."""
    return Document(
        path=fields["path"],
        title=fields["title"],
        format=fields["format"],
        text=fields["text"],
        language=fields["language"],
        titles=tuple(fields.get("titles", ())),
        opening=fields.get("opening", ""),
        blocks=tuple(Block(*block) for block in fields["blocks"]),
        parts=tuple(Part(*part) for part in fields["parts"]),
        runs=tuple(TextRun(*run) for run in fields["runs"]),
        scans=tuple(
            Scan(page, confidence, tuple(tuple(word) for word in words))
            for page, confidence, words in fields.get("scans", ())
        ),
        remark=fields.get("remark", ""),
        needs=fields.get("needs", ""),
        messages=tuple(
            Message(key, topic, sent, tuple(answers))
            for key, topic, sent, answers in fields.get("messages", ())
        ),
    )


def seal_line(values: Any) -> bytes:
    """Return JSON values as one line that begins with the sha256 of the JSON."""
    line = to_line(values)
    return hashlib.sha256(line.rstrip()).hexdigest().encode("ascii") + b" " + line


def open_line(line: bytes) -> Any:
    """Return the values of a sealed line. Raises `ValueError` if the hash does not match."""
    seal, _, content = line.rstrip().partition(b" ")
    if hashlib.sha256(content).hexdigest().encode("ascii") != seal:
        raise ValueError("the line is damaged")
    return json.loads(content)


def to_line(values: Any) -> bytes:
    """Return JSON values as one line of ASCII."""
    # A lone surrogate cannot be encoded in UTF-8, but can be written as a \u escape.
    return json.dumps(values, ensure_ascii=True).encode("ascii") + b"\n"
