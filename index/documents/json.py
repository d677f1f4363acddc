"""JSON and JSON lines: every value with the names of the fields that contain it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from index.documents.content import Content, ContentBuilder, ContentError
from index.documents.text import decode_text

_MAX_SHORT = 80  # characters; a longer value becomes a paragraph, without its field's name


def load(data: bytes, name: str) -> Content:
    """Parse a .json file, or a .jsonl or .ndjson file, in which each line is a record."""
    text = decode_text(data)
    builder = ContentBuilder()
    if name.lower().endswith((".jsonl", ".ndjson")):
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                _add_record(builder, _parse(line, f"line {number} "), number)
    else:
        value = _parse(text, "")
        if isinstance(value, list):
            for number, item in enumerate(value, 1):
                _add_record(builder, item, number)
        else:
            _add_record(builder, value, 0)
    return builder.build()


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ContentError(f"{where}is not valid JSON", "correct or remove it") from error
    except RecursionError as error:
        raise ContentError(f"{where}is nested too deeply", "flatten it") from error


def _add_record(builder: ContentBuilder, record: Any, number: int) -> None:
    """Append a record. Short values of an object share a row; longer ones become paragraphs."""
    for fields in _objects(record, ""):
        short: list[str] = []
        for name, value in fields:
            if len(value) > _MAX_SHORT:
                if short:
                    builder.add(" | ".join(short), "row", row=number)
                    short = []
                builder.add(value, row=number)
            else:
                short.append(f"{name}: {value}" if name else value)
        builder.add(" | ".join(short), "row", row=number)


def _objects(value: Any, name: str) -> Iterator[list[tuple[str, str]]]:
    """Yield the plain values of an object as (name, text) pairs, then those of nested objects.

    Each object gives one list. Not recursive, so any depth is allowed.
    """
    stack: list[tuple[str, Any]] = [(name, value)]
    while stack:
        name, value = stack.pop()
        plain: list[tuple[str, str]] = []
        nested: list[tuple[str, Any]] = []
        items = list(value.items()) if isinstance(value, dict) else [("", value)]
        for key, item in items:
            path = ".".join(filter(None, (name, str(key))))
            if isinstance(item, list) and not any(isinstance(x, dict | list) for x in item):
                plain.append((path, ", ".join(map(_show, item))))
            elif isinstance(item, list):
                nested += [(path, each) for each in item]
            elif isinstance(item, dict):
                nested.append((path, item))
            else:
                plain.append((path, _show(item)))
        yield [(path, text) for path, text in plain if text.strip()]
        stack += reversed(nested)


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())
